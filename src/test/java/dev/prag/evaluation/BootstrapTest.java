package dev.prag.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.evaluation.Bootstrap.Interval;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BootstrapTest {
    /** A mean of 0.3 over 100 questions that are right or wrong: 1.96 standard errors are 0.09. */
    @Test
    void agreesWithTheNormalApproximation() {
        List<Double> values =
                IntStream.range(0, 100).mapToObj(i -> i < 30 ? 1.0 : 0.0).toList();
        Interval interval = Bootstrap.mean(values);
        assertEquals(0.30 - 0.09, interval.low(), 0.011);
        assertEquals(0.30 + 0.09, interval.high(), 0.011);
        assertEquals(interval, Bootstrap.mean(values), "always the same draws");
    }

    /** Of 300 samples of 40 questions about 95% have the true mean in their interval. */
    @Test
    void theTrueMeanIsInsideNineteenTimesOfTwenty() {
        Random random = new Random(1);
        int inside = 0;
        for (int sample = 0; sample < 300; sample++) {
            List<Double> values = random.doubles(40).map(v -> v * v).boxed().toList();
            Interval interval = Bootstrap.mean(values);
            inside += interval.low() <= 1.0 / 3 && 1.0 / 3 <= interval.high() ? 1 : 0;
        }
        assertTrue(inside > 270 && inside < 297, inside + " of 300");
    }

    @Test
    void whatDoesNotVaryHasNoWidth() {
        assertEquals(new Interval(0.5, 0.5), Bootstrap.mean(Collections.nCopies(12, 0.5)));
        assertEquals(new Interval(1, 1), Bootstrap.mean(List.of(1.0)));
        assertEquals(new Interval(0, 0), Bootstrap.mean(List.of()));
    }
}
