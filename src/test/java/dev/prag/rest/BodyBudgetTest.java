package dev.prag.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BodyBudgetTest {
    private static final long MIB = 1 << 20;

    @Test
    void noBodyIsLargerThanAllTogetherMayBe() {
        assertEquals(10 * MIB, new BodyBudget(10 * MIB, 100 * MIB, "a setting").mostBytes());
        assertEquals(50 * MIB, new BodyBudget(256 * MIB, 50 * MIB, "a setting").mostBytes());
    }

    @Test
    void aBodyWaitsUntilAnotherIsOver() throws Exception {
        BodyBudget budget = new BodyBudget(10 * MIB, 10 * MIB, "a setting");
        BodyBudget.Share first = budget.share();
        first.grow(4 * MIB);
        first.grow(7 * MIB);
        first.grow(5 * MIB);
        CountDownLatch got = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            threads.submit(() -> {
                try (BodyBudget.Share second = budget.share()) {
                    second.grow(3 * MIB);
                    second.grow(6 * MIB);
                    got.countDown();
                }
            });
            assertFalse(got.await(50, TimeUnit.MILLISECONDS));
            first.close();
            assertTrue(got.await(10, TimeUnit.SECONDS));
        }
        try (BodyBudget.Share all = budget.share()) {
            all.grow(10 * MIB);
        }
    }
}
