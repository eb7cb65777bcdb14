package dev.prag.tensor.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Touching stays where it took less time for its bytes, for each number of rows by itself. */
class CacheFillTest {
    private static final long PART = 1 << 18;
    private static final int ENOUGH = 1000;

    /** Lets the two ways take turns until it is decided, and returns how often parts were touched in the end. */
    private static int touchedAfter(CacheFill fill, int rows, long untouchedNanos, long touchedNanos) {
        int touched = 0;
        for (int i = 0; i < ENOUGH; i++) {
            boolean touch = fill.wanted(rows, PART);
            // What comes first is slow either way, and must not count.
            long nanos = i < 10 ? 1_000_000 : touch ? touchedNanos : untouchedNanos;
            fill.took(rows, touch, 1 << 20, nanos);
            touched += touch && i >= ENOUGH / 2 ? 1 : 0;
        }
        return touched;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void theFasterWayStays(int rows) {
        assertEquals(ENOUGH / 2, touchedAfter(new CacheFill(), rows, 2000, 1000));
        assertEquals(0, touchedAfter(new CacheFill(), rows, 1000, 2000));
    }

    @Test
    void everyNumberOfRowsDecidesForItself() {
        CacheFill fill = new CacheFill();
        assertEquals(ENOUGH / 2, touchedAfter(fill, 1, 2000, 1000));
        assertEquals(0, touchedAfter(fill, 2, 1000, 2000));
        assertTrue(fill.wanted(1, PART));
    }

    @Test
    void neverForManyRowsOrLargeParts() {
        CacheFill fill = new CacheFill();
        for (int i = 0; i < ENOUGH; i++) {
            assertFalse(fill.wanted(5, PART));
            assertFalse(fill.wanted(1, 1 << 21));
            fill.took(5, false, 1 << 20, 1000);
        }
    }

    @Test
    void everyLineIsRead() {
        int lines = 37;
        CpuMemory memory = new CpuMemory(64L * lines);
        try {
            for (int i = 0; i < lines; i++) {
                Vec.ALL.set(java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED, memory.address() + 64L * i, 1L << i);
            }
            CacheFill fill = new CacheFill();
            fill.touch(memory.address(), 64L * lines);
            assertEquals((1L << lines) - 1, fill.sum());
        } finally {
            memory.free();
        }
    }
}
