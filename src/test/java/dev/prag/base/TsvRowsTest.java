package dev.prag.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class TsvRowsTest {
    private static TsvRows rows(String text) throws IOException {
        return TsvRows.open(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), "t.tsv", 1000);
    }

    @Test
    void fieldsInQuotesHoldTabsEndsOfLinesAndQuotes() throws IOException {
        try (TsvRows rows = rows("\uFEFFid\ttext\r\n1\t\"a\tb \"\"c\"\"\nd\"\r\n\r\n2\tsays \"hi\"\n")) {
            assertEquals(List.of("id", "text"), rows.head());
            assertEquals(new TsvRows.Row(2, List.of("1", "a\tb \"c\"\nd")), rows.next());
            assertEquals(List.of("2", "says \"hi\""), rows.next().fields());
            assertNull(rows.next());
        }
    }

    @Test
    void mistakesNameTheirLine() throws IOException {
        assertTrue(refused("id\ttext\n1\ta\n2\n", 1).contains("t.tsv line 3 has one column where the head has 2"));
        assertTrue(refused("id\ttext\n1\t\"a\" b\n", 0).contains("t.tsv line 2 has a field in double quotes"));
        assertTrue(refused("id\ttext\n1\t\"a\n", 0).contains("line 2"));
        String endless = "id\ttext\n1\ta\n2\t\"" + "never closed\n".repeat(20_000);
        assertTrue(refused(endless, 1).contains("line 3 begins a row of more than 1000 characters"));
        assertTrue(
                assertThrows(UserException.class, () -> rows("")).getMessage().contains("is empty"));
        try (TsvRows bytes = TsvRows.open(
                new ByteArrayInputStream("id\ttext\n1\tb\u00e4\n".repeat(30_000).getBytes(StandardCharsets.ISO_8859_1)),
                "t.tsv",
                1000)) {
            fail(bytes);
        } catch (UserException e) {
            assertTrue(e.getMessage().contains("is not UTF-8"));
        }
    }

    private static void fail(TsvRows rows) {
        while (rows.next() != null) {
            // What is wrong is thrown.
        }
        throw new AssertionError("not refused");
    }

    private static String refused(String text, int good) throws IOException {
        try (TsvRows rows = rows(text)) {
            for (int i = 0; i < good; i++) {
                rows.next();
            }
            return assertThrows(UserException.class, rows::next).getMessage();
        }
    }
}
