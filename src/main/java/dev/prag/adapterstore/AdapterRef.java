package dev.prag.adapterstore;

/**
 * Which adapter is meant: what was stored under an id, as long as it is that.
 *
 * @param checksum SHA-256 of its bytes in hexadecimal
 */
public record AdapterRef(String id, String checksum) {}
