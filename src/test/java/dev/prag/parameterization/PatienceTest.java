package dev.prag.parameterization;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.prag.base.UserException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PatienceTest {
    private static final RuntimeException FULL = new UserException(UserException.Kind.ENVIRONMENT, "no space is left");

    /** Fails with these, one after the other, and then no more. */
    private static final class Write implements Runnable {
        private final Deque<RuntimeException> failures;
        private int runs;

        Write(RuntimeException... failures) {
            this.failures = new ArrayDeque<>(List.of(failures));
        }

        @Override
        public void run() {
            runs++;
            if (!failures.isEmpty()) {
                throw failures.pop();
            }
        }
    }

    static Stream<RuntimeException> passing() {
        return Stream.of(
                FULL,
                new RuntimeException(new SQLException("the pool has no connection")),
                new RuntimeException(new SQLException("terminating connection", "57P01")));
    }

    @ParameterizedTest
    @MethodSource("passing")
    void whatIsAwayIsWaitedFor(RuntimeException trouble) {
        Write write = new Write(trouble);
        new Patience(() -> Duration.ofMillis(50), () -> false).write(write);
        assertEquals(2, write.runs);
    }

    static Stream<RuntimeException> lasting() {
        return Stream.of(
                new UserException("the recipe is wrong"),
                new IllegalStateException("a mistake"),
                new RuntimeException(new SQLException("no such column", "42703")));
    }

    @ParameterizedTest
    @MethodSource("lasting")
    void whatStaysIsSaidAtOnce(RuntimeException trouble) {
        Write write = new Write(trouble);
        Patience patience = new Patience(() -> Duration.ofHours(1), () -> false);
        assertSame(trouble, assertThrows(RuntimeException.class, () -> patience.write(write)));
        assertEquals(1, write.runs);
    }

    @Test
    void allWritesTogetherWaitOnlyForSoLong() {
        Patience patience = new Patience(() -> Duration.ofMillis(50), () -> false);
        Write write = new Write(FULL, FULL, FULL);
        assertThrows(UserException.class, () -> patience.write(write));
        assertEquals(2, write.runs);
        Write next = new Write(FULL);
        assertThrows(UserException.class, () -> patience.write(next));
        assertEquals(1, next.runs);
    }

    @Test
    void whoeverEndsDoesNotWait() {
        AtomicInteger asked = new AtomicInteger();
        Patience patience = new Patience(() -> Duration.ofHours(1), () -> asked.getAndIncrement() == 0);
        Write write = new Write(FULL);
        assertThrows(UserException.class, () -> patience.write(write));
        assertEquals(1, write.runs);
    }
}
