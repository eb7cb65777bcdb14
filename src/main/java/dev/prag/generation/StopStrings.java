package dev.prag.generation;

import java.util.List;

/** Finds the first stop string in a text that comes in pieces, and holds back what may be the beginning of one. */
final class StopStrings {
    private final List<String> stops;
    private String held = "";
    private boolean hit;

    StopStrings(List<String> stops) {
        this.stops = stops;
    }

    /** Takes a piece and returns what belongs to the text for certain. After a hit that is nothing. */
    String push(String piece) {
        if (hit) {
            return "";
        }
        if (stops.isEmpty()) {
            return piece;
        }
        String text = held + piece;
        int at = -1;
        for (String stop : stops) {
            int found = text.indexOf(stop);
            if (found >= 0 && (at < 0 || found < at)) {
                at = found;
            }
        }
        if (at >= 0) {
            hit = true;
            held = "";
            return text.substring(0, at);
        }
        int keep = 0;
        for (String stop : stops) {
            keep = Math.max(keep, overlap(text, stop));
        }
        held = text.substring(text.length() - keep);
        return text.substring(0, text.length() - keep);
    }

    /** What was held back, at the end of the text. */
    String rest() {
        String rest = held;
        held = "";
        return rest;
    }

    boolean hit() {
        return hit;
    }

    /** Length of the longest end of the text that a stop string begins with. */
    private static int overlap(String text, String stop) {
        for (int n = Math.min(text.length(), stop.length() - 1); n > 0; n--) {
            if (text.startsWith(stop.substring(0, n), text.length() - n)) {
                return n;
            }
        }
        return 0;
    }
}
