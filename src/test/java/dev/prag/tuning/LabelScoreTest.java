package dev.prag.tuning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.answering.Complexity;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LabelScoreTest {
    private static List<LabelledQuestion> questions(int none, int single, int several) {
        List<LabelledQuestion> labelled = new ArrayList<>();
        for (int i = 0; i < none; i++) {
            labelled.add(new LabelledQuestion("Is Ole " + i + " older than Ida?", Complexity.NONE));
        }
        for (int i = 0; i < single; i++) {
            labelled.add(new LabelledQuestion("Where was Ole " + i + " born?", Complexity.SINGLE));
        }
        for (int i = 0; i < several; i++) {
            labelled.add(new LabelledQuestion("Who is the mother of the founder of " + i + "?", Complexity.SEVERAL));
        }
        return labelled;
    }

    @Test
    void partsHaveAllLabelsAndEachQuestionOnce() {
        List<LabelledQuestion> all = questions(5, 50, 20);
        LabelledParts parts = LabelledParts.of(all, 1);
        assertEquals(
                Map.of(Complexity.NONE, 1, Complexity.SINGLE, 10, Complexity.SEVERAL, 4),
                LabelledQuestion.count(parts.heldOut()));
        assertEquals(
                Map.of(Complexity.NONE, 1, Complexity.SINGLE, 8, Complexity.SEVERAL, 3),
                LabelledQuestion.count(parts.validation()));
        Set<LabelledQuestion> seen = new HashSet<>(parts.learned());
        seen.addAll(parts.validation());
        seen.addAll(parts.heldOut());
        assertEquals(Set.copyOf(all), seen);
        assertEquals(
                all.size(),
                parts.learned().size()
                        + parts.validation().size()
                        + parts.heldOut().size());
    }

    @Test
    void macroF1CountsEachLabelOnce() {
        List<LabelledQuestion> all = questions(0, 6, 2);
        LabelScore always = LabelScore.of(all, question -> Complexity.SINGLE);
        assertEquals(0.75, always.accuracy());
        // F1 of single: 2·6/(8+6); of several: 0.
        assertEquals(6.0 / 7 / 2, always.macroF1(), 1e-12);
        LabelScore balanced = LabelScore.of(
                all,
                question -> question.contains("mother") || question.contains("0") || question.contains("1")
                        ? Complexity.SEVERAL
                        : Complexity.SINGLE);
        assertEquals(0.75, balanced.accuracy());
        assertEquals((2.0 * 4 / (4 + 6) + 2.0 * 2 / (4 + 2)) / 2, balanced.macroF1(), 1e-12);
        assertTrue(balanced.compareTo(always) > 0);
    }

    @Test
    void wordsTellWhatTheWordingTells() {
        LabelledParts parts = LabelledParts.of(questions(10, 10, 10), 1);
        WordsClassifier words = WordsClassifier.train(parts.learned());
        assertEquals(1, LabelScore.of(parts.heldOut(), words::classify).accuracy());
    }
}
