package dev.prag.tuning;

import dev.prag.answering.Complexity;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Questions in parts that have the same share of each label.
 *
 * @param learned what is trained on
 * @param validation by which the rate and the epoch are chosen
 * @param heldOut by which what came of it is measured
 */
record LabelledParts(
        List<LabelledQuestion> learned, List<LabelledQuestion> validation, List<LabelledQuestion> heldOut) {
    /** A fifth is held out, and a fifth of the rest is for validation. */
    private static final double SHARE = 0.2;

    static LabelledParts of(List<LabelledQuestion> labelled, long seed) {
        List<LabelledQuestion> shuffled = new ArrayList<>(labelled);
        Collections.shuffle(shuffled, new Random(seed));
        Map<Complexity, List<LabelledQuestion>> byLabel = new EnumMap<>(Complexity.class);
        shuffled.forEach(one ->
                byLabel.computeIfAbsent(one.label(), label -> new ArrayList<>()).add(one));
        List<LabelledQuestion> learned = new ArrayList<>();
        List<LabelledQuestion> validation = new ArrayList<>();
        List<LabelledQuestion> heldOut = new ArrayList<>();
        for (List<LabelledQuestion> same : byLabel.values()) {
            int held = (int) Math.round(SHARE * same.size());
            int validated = held + (int) Math.round(SHARE * (same.size() - held));
            heldOut.addAll(same.subList(0, held));
            validation.addAll(same.subList(held, validated));
            learned.addAll(same.subList(validated, same.size()));
        }
        return new LabelledParts(learned, validation, heldOut);
    }
}
