package dev.prag.tuning;

import dev.prag.answering.Complexity;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * How well labels are told.
 *
 * @param accuracy share that is told right
 * @param macroF1 mean of the F1 of each label that is there or was told
 */
record LabelScore(double accuracy, double macroF1) implements Comparable<LabelScore> {
    /** @param labelled at least one */
    static LabelScore of(List<LabelledQuestion> labelled, Function<String, Complexity> told) {
        int[][] counts = new int[Complexity.values().length][Complexity.values().length];
        Set<Complexity> seen = EnumSet.noneOf(Complexity.class);
        int right = 0;
        for (LabelledQuestion one : labelled) {
            Complexity said = told.apply(one.question());
            counts[one.label().ordinal()][said.ordinal()]++;
            seen.add(one.label());
            seen.add(said);
            right += said == one.label() ? 1 : 0;
        }
        double f1 =
                seen.stream().mapToDouble(label -> f1(counts, label.ordinal())).sum();
        return new LabelScore((double) right / labelled.size(), f1 / seen.size());
    }

    private static double f1(int[][] counts, int label) {
        int both = 0;
        for (int other = 0; other < counts.length; other++) {
            both += counts[label][other] + counts[other][label];
        }
        return 2.0 * counts[label][label] / both;
    }

    /** By accuracy, then by macro-F1. */
    @Override
    public int compareTo(LabelScore other) {
        int byAccuracy = Double.compare(accuracy, other.accuracy);
        return byAccuracy != 0 ? byAccuracy : Double.compare(macroF1, other.macroF1);
    }
}
