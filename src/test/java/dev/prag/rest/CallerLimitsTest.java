package dev.prag.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.rest.CallerLimits.Refusal;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What each caller may use. */
class CallerLimitsTest {
    private static final Optional<Refusal> TAKEN = Optional.empty();

    @Test
    void thereAreNoBoundsUnlessTheyAreSet() {
        CallerLimits limits = new CallerLimits(0, 0, 0, 0, 0, 0);
        for (int i = 0; i < 1000; i++) {
            assertEquals(TAKEN, limits.enter("a", true, true));
            limits.used("a", 100_000);
        }
    }

    @Test
    void requestsAreCountedForEachCaller() {
        CallerLimits limits = new CallerLimits(0, 3, 0, 0, 0, 0);
        for (int i = 0; i < 3; i++) {
            assertEquals(TAKEN, limits.enter("a", false, false));
        }
        Refusal refusal = limits.enter("a", false, false).orElseThrow();
        assertTrue(refusal.detail().contains("requests"), refusal.detail());
        // A third of a day is what one takes to come back.
        assertTrue(refusal.seconds() > 28_000 && refusal.seconds() <= 28_801, refusal.toString());
        assertEquals(TAKEN, limits.enter("b", false, false));
    }

    @Test
    void tokensAreKnownAfterwardsAndMadeUpFor() {
        CallerLimits limits = new CallerLimits(0, 0, 0, 100, 0, 0);
        assertEquals(TAKEN, limits.enter("a", true, false));
        limits.used("a", 300);
        Refusal refusal = limits.enter("a", true, false).orElseThrow();
        assertTrue(refusal.detail().contains("tokens"), refusal.detail());
        assertTrue(refusal.seconds() > 86_400, "two days' worth has to come back: " + refusal);
        assertEquals(TAKEN, limits.enter("a", false, false));
    }

    @Test
    void bytesOfDocumentsAreKnownAfterwards() {
        CallerLimits limits = new CallerLimits(0, 0, 0, 0, 1, 0);
        assertEquals(TAKEN, limits.enter("a", false, true));
        limits.leave("a", 2 << 20);
        assertTrue(limits.enter("a", false, true).orElseThrow().detail().contains("bytes"));
        assertEquals(TAKEN, limits.enter("a", true, false));
    }

    @Test
    void noMoreCallersAreRememberedThanMayBe() {
        CallerLimits limits = new CallerLimits(0, 0, 0, 0, 0, 1);
        assertEquals(TAKEN, limits.enter("watcher", false, false));
        for (int i = 0; i < CallerLimits.MOST_CALLERS + 100; i++) {
            assertEquals(TAKEN, limits.enter("caller " + i, false, false));
            limits.leave("caller " + i, 0);
        }
        assertEquals(CallerLimits.MOST_CALLERS, limits.remembered());
        assertTrue(limits.enter("watcher", false, false).isPresent(), "its request is under way still");
    }

    @Test
    void asManyAreUnderWayAsMayBe() {
        CallerLimits limits = new CallerLimits(0, 0, 0, 0, 0, 2);
        assertEquals(TAKEN, limits.enter("a", true, false));
        assertEquals(TAKEN, limits.enter("a", true, false));
        assertEquals(1, limits.enter("a", true, false).orElseThrow().seconds());
        limits.leave("a", 0);
        assertEquals(TAKEN, limits.enter("a", true, false));
    }
}
