package dev.prag.parameterization;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.base.UserException;
import dev.prag.lora.Scope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ComposingTest {
    private static final Composing ALL =
            Composing.parse("topK=3,weights=sum,strength=1,scope=prompt,scoreTemperature=1,cutOff=0");

    private static float[] weights(String choices, double... scores) {
        return Composing.parse(choices).over(ALL).weights(scores);
    }

    @Test
    void strengthIsAFactorOnAllWeights() {
        assertArrayEquals(new float[] {1, 1, 1}, weights("", 3, 2, 1));
        assertArrayEquals(new float[] {0.25f, 0.25f}, weights("strength=0.25", 3, 2));
        assertArrayEquals(new float[] {0.25f, 0.25f}, weights("strength=0.5,weights=mean", 3, 2));
        assertArrayEquals(new float[] {1.5f, 0}, weights("strength=1.5,weights=best", 3, 2));
        assertArrayEquals(new float[0], weights("weights=mean"));
        assertTrue(Composing.parse("strength=0.01").over(ALL).composes());
        assertTrue(!Composing.parse("strength=0").over(ALL).composes());
    }

    /** A softmax of 0, -1 and -2 is .665, .245 and .090. */
    @Test
    void whatIsBelowTheCutOffLeavesItsWeightToTheOthers() {
        assertArrayEquals(new float[] {0.665f, 0.245f, 0.090f}, weights("weights=score", 3, 2, 1), 1e-3f);
        assertArrayEquals(new float[] {0.731f, 0.269f, 0}, weights("weights=score,cutOff=0.3", 3, 2, 1), 1e-3f);
        assertArrayEquals(new float[] {0.5f, 0, 0}, weights("weights=score,cutOff=0.4,strength=0.5", 3, 2, 1), 1e-6f);
        assertArrayEquals(new float[] {1, 1}, weights("cutOff=1", 3, 2));
    }

    @Test
    void aChoiceLiesOverAnother() {
        Composing choice = Composing.parse(" scope = answer , strength=.25 ");
        assertEquals(new Composing(null, null, 0.25, Scope.ANSWER, null, null), choice);
        assertEquals("strength=0.25,scope=answer", choice.toString());
        assertEquals(
                "topK=3,weights=sum,strength=0.25,scope=answer,scoreTemperature=1,cutOff=0",
                choice.over(ALL).toString());
        assertEquals(Composing.OPEN, Composing.parse(" "));
        assertEquals(choice, choice.over(null));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        strength              | "strength" has no value
        strength=much         | strength is "much"; give a number
        strength=NaN          | strength is NaN
        topK=1.5              | topK is "1.5"; give a whole number
        topK=0                | topK is 0
        topK=101              | topK is 101
        colour=red            | "colour" is no choice
        weights=heavy         | choose one of sum, mean, score, best
        scope=question        | choose one of prompt, answer
        cutOff=1.1            | cutOff is 1.1
        scoreTemperature=0    | scoreTemperature is 0
        """)
    void whatCannotBeIsRefusedByItsName(String choices, String fault) {
        UserException e = assertThrows(UserException.class, () -> Composing.parse(choices));
        assertTrue(e.getMessage().contains(fault), e.getMessage());
    }
}
