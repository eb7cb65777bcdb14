package dev.prag.tuning;

import dev.prag.answering.Complexity;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** A question, and what it needs. */
record LabelledQuestion(String question, Complexity label) {
    /** How many have each label. */
    static Map<Complexity, Integer> count(List<LabelledQuestion> labelled) {
        Map<Complexity, Integer> labels = new EnumMap<>(Complexity.class);
        labelled.forEach(one -> labels.merge(one.label(), 1, Integer::sum));
        return labels;
    }
}
