package dev.prag.answering;

import java.util.ArrayList;
import java.util.List;

/** The retrievals of an answer as it comes about, and what was kept after each. */
final class Trace {
    private final List<Retrieval> retrievals = new ArrayList<>();
    private final StringBuilder kept = new StringBuilder();

    void add(Retrieval retrieval) {
        close();
        retrievals.add(retrieval);
    }

    /** Takes note of text that was kept. */
    void kept(String text) {
        kept.append(text);
    }

    /** What is kept from now on is another text: it begins on a line of its own. */
    void newText() {
        if (!kept.isEmpty()) {
            kept.append('\n');
        }
    }

    int retrievals() {
        return retrievals.size();
    }

    List<Retrieval> retrieved() {
        close();
        return List.copyOf(retrievals);
    }

    private void close() {
        // What was written before the first retrieval stands in the answer's text alone.
        if (!retrievals.isEmpty()) {
            Retrieval last = retrievals.removeLast();
            retrievals.add(last.with((last.text() == null ? "" : last.text()) + kept));
        }
        kept.setLength(0);
    }
}
