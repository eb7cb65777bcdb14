package dev.prag.parameterization;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.base.UserException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EncodingBudgetTest {
    @Test
    void passagesAreTakenUntilNoneIsLeft() {
        EncodingBudget budget = EncodingBudget.of("20");
        assertEquals(16, budget.left(16));
        budget.take(16);
        assertEquals(4, budget.left(16));
        budget.take(4);
        assertEquals(0, budget.left(16));
    }

    @Test
    @Timeout(60)
    void aTimeAllowsWholeBatchesUntilItIsOver() throws InterruptedException {
        EncodingBudget hours = EncodingBudget.of("2h");
        hours.take(1000);
        assertEquals(16, hours.left(16));
        long from = System.nanoTime();
        EncodingBudget second = EncodingBudget.of("1s");
        while (second.left(16) == 16) {
            Thread.sleep(10);
        }
        assertEquals(0, second.left(16));
        assertTrue(System.nanoTime() - from >= Duration.ofSeconds(1).toNanos());
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "1.5m", "m", "20min", "", "9999999999"})
    void anythingElseIsRefused(String text) {
        UserException e = assertThrows(UserException.class, () -> EncodingBudget.of(text));
        assertTrue(e.getMessage().contains("budget " + text), e.getMessage());
    }
}
