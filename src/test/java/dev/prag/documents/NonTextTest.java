package dev.prag.documents;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class NonTextTest {
    private static final String BYTES = "QUJDREVGR0g=".repeat(300);

    @Test
    void dataUrisAreLeftOutAndTold() {
        removed("![lamp](", "data:image/png;base64," + BYTES, ") Text.");
        removed("<img src='", "data:image/svg+xml;utf8,<svg " + "a=b ".repeat(50) + ">", "'> Text.");
        removed("url(", "data:font/woff2;charset=utf-8;base64," + BYTES, ") 文");
        removed("文[](", "data:image/svg+xml," + "%3C".repeat(50), ") Text.");
        removed(
                "[lamp]: ",
                "data:image/png;base64," + ("QUJD".repeat(19) + "\n").repeat(20).strip(),
                "\n\nText.");
        assertEquals(
                List.of("left out 1 data URI, 3622 characters together"),
                NonText.removedFrom("![](data:image/png;base64," + BYTES + ")").notes());
    }

    @Test
    void encodedLinesAndEndlessRunsAreLeftOut() {
        removed("-----BEGIN-----\n", ("QUJD".repeat(16) + "\n").repeat(5) + "QUI=\n", "-----END-----");
        removed("Hex:\n", ("0123456789abcdef".repeat(4) + "\n").repeat(4), "\nText follows.");
        removed("Code: ", "function(){return" + "a[0]=b;".repeat(60) + "}", " and text.");
        removed("See [the ferry](", "https://x.org/?q=" + "abc%20".repeat(80), ") now.");
        assertEquals(
                List.of("left out 1 run of characters that is no text, 400 characters together"),
                NonText.removedFrom("x".repeat(400)).notes());
    }

    @Test
    void textStays() {
        for (String text : List.of(
                "An URI such as data:text/plain,hello or data:image/png;base64,iVBORw0KGgo= is short.",
                "metadata: a, b, and the data: " + "words and ".repeat(100),
                "https://example.org/" + "path/".repeat(50) + " is long, but an address.",
                "字".repeat(2000),
                "Каждый".repeat(200),
                "one line of base64\n" + "QUJD".repeat(16) + "\nand no more",
                "| --- |" + " --- |".repeat(200))) {
            assertEquals(text, NonText.removedFrom(text).text());
            assertTrue(NonText.removedFrom(text).notes().isEmpty());
        }
    }

    private static void removed(String before, String bytes, String after) {
        NonText left = NonText.removedFrom(before + bytes + after);
        assertEquals(before + after, left.text());
        assertEquals(bytes.length(), left.characters());
        assertEquals(1, left.notes().size());
    }
}
