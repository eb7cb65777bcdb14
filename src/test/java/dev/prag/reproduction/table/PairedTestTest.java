package dev.prag.reproduction.table;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.reproduction.Answered;
import java.util.List;
import org.junit.jupiter.api.Test;

class PairedTestTest {
    private static final double[] CLEAR_FIRST = {0.0, 0.2, 0.4, 0.1, 0.5, 0.3, 0.25, 0.0};
    private static final double[] CLEAR_SECOND = {0.3, 0.4, 0.5, 0.4, 0.9, 0.2, 0.75, 0.4};
    private static final double[] UNCLEAR_FIRST = {0.0, 0.2, 1.0, 0.1, 0.5, 0.3};
    private static final double[] UNCLEAR_SECOND = {0.3, 0.0, 0.5, 0.4, 0.9, 0.2};

    /** By src/test/python/make_paired_test.py. */
    @Test
    void probabilitiesAreScipys() {
        assertEquals(0.006197520580834289, PairedTest.p(CLEAR_FIRST, CLEAR_SECOND), 1e-9);
        assertEquals(0.8276350592277164, PairedTest.p(UNCLEAR_FIRST, UNCLEAR_SECOND), 1e-9);
        assertEquals(0.5, PairedTest.p(new double[] {0, 1}, new double[] {0.5, 1}), 1e-9);
    }

    @Test
    void worseIsLowerAndSignificantlySo() {
        List<Answered> low = Made.answers("t", CLEAR_FIRST);
        List<Answered> high = Made.answers("t", CLEAR_SECOND);
        assertTrue(PairedTest.worse(low, high));
        assertFalse(PairedTest.worse(high, low));
        assertFalse(PairedTest.worse(Made.answers("t", UNCLEAR_FIRST), Made.answers("t", UNCLEAR_SECOND)));
    }

    @Test
    void whatTheTestCannotTell() {
        assertEquals(1, PairedTest.p(new double[0], new double[0]));
        assertEquals(1, PairedTest.p(new double[] {0}, new double[] {1}), "one question");
        assertEquals(1, PairedTest.p(new double[] {0.5, 1}, new double[] {0.5, 1}), "equal");
        assertEquals(
                0, PairedTest.p(new double[] {0, 0.5}, new double[] {0.25, 0.75}), "the same difference each time");
        assertFalse(
                PairedTest.worse(Made.answers("t", Double.NaN, Double.NaN, 0.5), Made.answers("t", 1, 1, Double.NaN)));
    }

    @Test
    void questionsArePairedAndNotPlaces() {
        List<Answered> first = List.of(
                Made.answered("a", "t", 0.1),
                Made.answered("b", "t", 0.2),
                Made.answered("b", "t", 0.3),
                Made.answered("c", "t", 0.4));
        List<Answered> second = List.of(
                Made.answered("b", "t", 0.5),
                Made.answered("d", "t", 0.6),
                Made.answered("a", "t", 0.7),
                Made.answered("b", "t", 0.8));
        double[][] pairs = PairedTest.pairs(first, second);
        assertArrayEquals(new double[] {0.1, 0.2, 0.3}, pairs[0]);
        assertArrayEquals(new double[] {0.7, 0.5, 0.8}, pairs[1]);
    }
}
