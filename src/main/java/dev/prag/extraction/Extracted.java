package dev.prag.extraction;

import java.util.List;
import java.util.Map;

/**
 * What a file holds.
 *
 * @param text headings, paragraphs, lists and tables, written as Markdown
 * @param title that the file gives itself; null if none
 * @param metadata author, dates and the like
 * @param pages where in the text each page begins; empty where there are no pages
 * @param notes what isn't in the text and is to be known, in sentences
 */
public record Extracted(
        String text, String title, Map<String, Object> metadata, List<Integer> pages, List<String> notes) {}
