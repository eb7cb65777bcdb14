package dev.prag.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.base.UserException;
import dev.prag.parameterization.EncodingSummary;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What encode says in the end. */
class EncodeCommandTest {
    private static String sentence(long trained, long failures, long givenUp, long failed) {
        return EncodeCommand.sentence(
                new EncodingSummary(trained, 0, failures, givenUp, 0, 0, 100, Duration.ofSeconds(2)), failed);
    }

    @Test
    void theSummaryNeverContradictsItself() {
        assertEquals("Nothing is left to encode.", sentence(0, 0, 0, 0));
        assertEquals("Encoded 2 passages in 2.0 s (100 tokens trained on).", sentence(2, 0, 0, 0));
        assertEquals(
                "Encoded 2 passages in 2.0 s (100 tokens trained on). Attempts that failed and were made again: 1.",
                sentence(2, 1, 0, 0));
        String failed = sentence(0, 3, 1, 4);
        assertTrue(failed.startsWith("Encoded no passage. Attempts that failed and were made again: 2."), failed);
        assertTrue(failed.contains("Passages given up: 4;"), failed);
    }

    @Test
    void memoryThatDoesNotSufficeIsToldInWords() {
        UserException e = assertThrows(
                UserException.class,
                () -> EncodeCommand.withinMemory(() -> {
                    throw new OutOfMemoryError("Java heap space");
                }));
        assertEquals(UserException.Kind.ENVIRONMENT, e.kind());
        assertTrue(e.getMessage().contains("--batch"), e.getMessage());
    }
}
