package dev.prag.documents;

import java.util.ArrayList;
import java.util.List;

/** Which pages of a document its passages begin on. */
final class Pages {
    /** What of a passage is looked for where the whole isn't found: something was left out further on. */
    private static final int BEGINNING = 40;

    private Pages() {}

    /**
     * The page of each passage, from 1.
     *
     * @param text of the document, as a whole
     * @param starts where in it pages begin, in ascending order; empty if it has none
     * @param passages pieces of it in their order
     * @return nulls where there are no pages
     */
    static List<Integer> of(String text, List<Integer> starts, List<String> passages) {
        List<Integer> pages = new ArrayList<>();
        int from = 0;
        int page = 0;
        for (String passage : passages) {
            if (starts.isEmpty()) {
                pages.add(null);
                continue;
            }
            int at = text.indexOf(passage, from);
            if (at < 0) {
                at = text.indexOf(passage.substring(0, Math.min(BEGINNING, passage.length())), from);
            }
            if (at >= 0) {
                from = at + 1;
            }
            while (page < starts.size() && starts.get(page) <= from) {
                page++;
            }
            pages.add(Math.max(1, page));
        }
        return pages;
    }
}
