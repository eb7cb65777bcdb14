package dev.prag.corpus;

import java.time.Instant;

/**
 * A document as a list shows it.
 *
 * @param title may be null
 * @param source path of its file; null if it came otherwise
 * @param passages how many it has
 */
public record DocumentSummary(String id, String title, String source, long passages, Instant updatedAt) {}
