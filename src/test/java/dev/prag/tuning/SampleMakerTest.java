package dev.prag.tuning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.augmentation.Augmentation;
import dev.prag.augmentation.Pair;
import dev.prag.base.UserException;
import dev.prag.corpus.PassageText;
import dev.prag.parameterization.Recipe;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SampleMakerTest {
    private static Pair pair(int passage, String asks, String of) {
        return new Pair(asks + " " + passage + "?", "answer " + passage, "full", null, of);
    }

    private static SampleMaker.Drawn drawn(int passages) {
        return new SampleMaker.Drawn(
                passages,
                IntStream.range(0, passages)
                        .mapToObj(i -> new PassageText("p" + i, "d", i, "title", "text " + i))
                        .toList(),
                IntStream.range(0, passages)
                        .mapToObj(i -> new Augmentation(List.of(), List.of(pair(i, "who", null)), List.of()))
                        .toList());
    }

    @Test
    void otherWordingsAreAskedAndNotLearned() {
        SampleMaker.Drawn drawn = drawn(4);
        TuningSample sample = SampleMaker.sample(
                drawn, List.of(List.of(pair(0, "which person", "who 0?")), List.of(), List.of(), List.of()));
        assertEquals(drawn.augmentations(), sample.learned());
        assertEquals(
                List.of(new HeldOut(0, "which person 0?", "answer 0", HeldOut.Kind.PARAPHRASE)), sample.questions());
    }

    @Test
    void whereNothingCanBeHeldBackThereIsNothingToTune() {
        UserException e = assertThrows(UserException.class, () -> SampleMaker.sample(drawn(4), List.of()));
        assertTrue(e.getMessage().contains("0 can be held back"), e.getMessage());
    }

    @Test
    void aRecipeThatAsksForOtherWordingsHasThem() {
        assertTrue(SampleMaker.lacksParaphrases(Recipe.load("general").augmentation()));
        assertFalse(SampleMaker.lacksParaphrases(Recipe.load("paper").augmentation()), "it can't ask for them");
    }
}
