package dev.prag.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BlockPoolTest {
    @Test
    void handsOutEveryBlockOnce() {
        BlockPool pool = new BlockPool(5);
        int[] first = pool.take(2);
        int[] second = pool.take(3);
        assertEquals(
                5,
                IntStream.concat(IntStream.of(first), IntStream.of(second))
                        .distinct()
                        .count());
        assertEquals(0, pool.available());
        pool.give(first);
        assertEquals(2, pool.available());
    }

    @Test
    void givesAllThatIsAskedForOrNothing() {
        BlockPool pool = new BlockPool(3);
        assertNull(pool.take(4));
        assertEquals(3, pool.available());
    }

    @Test
    void refusesABlockTwice() {
        BlockPool pool = new BlockPool(3);
        int[] blocks = pool.take(2);
        pool.give(blocks);
        assertThrows(IllegalStateException.class, () -> pool.give(blocks));
    }
}
