package dev.prag.corpus;

/** A passage as retrieval and answering need it. */
public record PassageText(String id, String documentId, int position, String title, String text) {}
