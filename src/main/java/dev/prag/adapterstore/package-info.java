/** Keeps trained adapters: opaque bytes and a checksum under an id. */
package dev.prag.adapterstore;
