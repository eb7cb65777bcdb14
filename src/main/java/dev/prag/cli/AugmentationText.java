package dev.prag.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Figures of augmentations, in words. */
final class AugmentationText {
    private static final String DROPPED = "dropped: ";

    private AugmentationText() {}

    /**
     * What was made and how much of the texts it covers; empty if nothing is known.
     *
     * @param pairs whether any are asked for
     */
    static Optional<String> line(Map<String, Long> figures, boolean pairs) {
        long texts = figures.getOrDefault("passages", 0L);
        if (texts == 0) {
            return Optional.empty();
        }
        StringBuilder line = new StringBuilder(texts + " texts");
        long sentences = figures.getOrDefault("sentences", 0L);
        if (sentences > 0) {
            line.append(": ");
            if (pairs) {
                line.append(String.format(
                        Locale.ROOT,
                        "%d pairs for %.0f%% of the sentences, ",
                        figures.getOrDefault("kept", 0L),
                        100.0 * figures.getOrDefault("covered", 0L) / sentences));
            }
            long paraphrases = figures.getOrDefault("paraphrases", 0L);
            line.append(paraphrases > 0 ? paraphrases + " paraphrases, " : "");
            line.append(figures.getOrDefault("rewrites", 0L)).append(" rewrites");
        }
        long asked = figures.getOrDefault("asked", 0L);
        if (asked > 0) {
            line.append("; ").append(asked).append(" questions asked for");
            List<String> dropped = dropped(figures);
            line.append(dropped.isEmpty() ? "" : ", dropped: " + String.join(", ", dropped));
        }
        return Optional.of(line.toString());
    }

    /** Reasons, the most frequent first. */
    private static List<String> dropped(Map<String, Long> figures) {
        List<String> reasons = new ArrayList<>();
        figures.entrySet().stream()
                .filter(figure -> figure.getKey().startsWith(DROPPED))
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .forEach(figure ->
                        reasons.add(figure.getValue() + " " + figure.getKey().substring(DROPPED.length())));
        return reasons;
    }
}
