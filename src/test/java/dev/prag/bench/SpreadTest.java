package dev.prag.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SpreadTest {
    @Test
    void theMedianOfAnOddNumberIsTheMiddleOne() {
        assertEquals(new Spread(3, 1, 8, 3), Spread.of(8, 1, 3));
    }

    @Test
    void theMedianOfAnEvenNumberLiesBetweenTheMiddleTwo() {
        assertEquals(new Spread(3.5, 1, 8, 4), Spread.of(8, 4, 1, 3));
    }

    @Test
    void ofNothingThereIsNone() {
        assertThrows(RuntimeException.class, Spread::of);
    }

    @Test
    void theSlowestRunIsTheLowestRate() {
        assertEquals(new Spread(50, 25, 100, 3), Spread.of(1, 2, 4).per(100));
    }

    @Test
    void aFactorScalesAll() {
        assertEquals(new Spread(2000, 1000, 4000, 3), Spread.of(1, 2, 4).times(1000));
    }

    @Test
    void warmUpIsRunAndNotCounted() throws Exception {
        AtomicInteger runs = new AtomicInteger();
        Spread spread = Spread.seconds(2, 3, runs::incrementAndGet);
        assertEquals(5, runs.get());
        assertEquals(3, spread.runs());
        assertTrue(spread.min() >= 0 && spread.min() <= spread.median() && spread.median() <= spread.max());
    }

    @Test
    void aFigureKeepsItsSpreadWhenItIsCompared() {
        Figure figure = Figure.of("decode", "batch 1", "tok/s", Spread.of(10));
        assertNull(figure.ratio());
        assertEquals(
                new Figure("decode", "batch 1", "tok/s", Spread.of(10), new Figure.Ratio(0.8, "read bandwidth")),
                figure.compared(0.8, "read bandwidth"));
    }
}
