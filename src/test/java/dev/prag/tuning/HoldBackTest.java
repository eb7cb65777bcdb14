package dev.prag.tuning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.augmentation.Augmentation;
import dev.prag.augmentation.Pair;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class HoldBackTest {
    private static Augmentation augmentation(int questions, int paraphrases) {
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < questions; i++) {
            pairs.add(new Pair("question " + i + "?", "answer " + i, "full " + i));
        }
        for (int i = 0; i < questions; i++) {
            for (int j = 0; j < paraphrases; j++) {
                pairs.add(new Pair(
                        "again " + i + " " + j + "?", "answer " + i, "full " + i, null, "question " + i + "?"));
            }
        }
        return new Augmentation(List.of("rewrite"), pairs, List.of());
    }

    private static List<String> questions(List<Pair> pairs) {
        return pairs.stream().map(Pair::question).toList();
    }

    @Test
    void everyThirdQuestionIsHeldBackWithItsParaphrases() {
        HoldBack split = HoldBack.of(augmentation(4, 2));
        assertEquals(List.of("question 2?"), questions(split.unseen()));
        assertEquals(List.of("again 0 1?", "again 1 1?", "again 3 1?"), questions(split.paraphrases()));
        assertEquals(
                List.of("question 0?", "question 1?", "question 3?", "again 0 0?", "again 1 0?", "again 3 0?"),
                questions(split.learned().pairs()));
        assertEquals(List.of("rewrite"), split.learned().rewrites());
    }

    @Test
    void aLoneQuestionIsLearned() {
        HoldBack split = HoldBack.of(augmentation(1, 0));
        assertEquals(1, split.learned().pairs().size());
        assertTrue(split.unseen().isEmpty() && split.paraphrases().isEmpty());
    }
}
