package dev.prag.parameterization;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.prag.parameterization.EncodingOverview.Seen;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.Test;

class EncodingOverviewTest {
    private static final long SECOND = 1_000_000_000L;

    private final Deque<Seen> seen = new ArrayDeque<>();

    @Test
    void timeIsLeftAtThePaceThatWasSeen() {
        see(0, 10);
        assertNull(EncodingOverview.left(seen, 30), "nothing was seen to move");
        see(2, 11);
        assertNull(EncodingOverview.left(seen, 30), "too early to say");
        see(20, 20);
        assertEquals(60, EncodingOverview.left(seen, 30));
        see(20, 20);
        assertEquals(1, EncodingOverview.left(seen, 0), "never none while there is something to do");
    }

    @Test
    void whatWasLongAgoOrCameBackDoesNotCount() {
        see(0, 0);
        see(290, 29);
        see(310, 30);
        assertEquals(20, EncodingOverview.left(seen, 1), "what was seen first is more than five minutes ago");
        see(320, 5);
        assertNull(EncodingOverview.left(seen, 1), "passages are pending again: all that was seen before is no pace");
    }

    private void see(long seconds, long over) {
        EncodingOverview.see(seen, seconds * SECOND, over);
    }
}
