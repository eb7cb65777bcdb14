package dev.prag.base;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Utf8Test {
    @Test
    void aByteOrderMarkIsNoText() {
        assertEquals("{}", Utf8.decode("\uFEFF{}".getBytes(StandardCharsets.UTF_8), "x"));
        assertEquals("a\uFEFF", Utf8.decode("a\uFEFF".getBytes(StandardCharsets.UTF_8), "x"));
    }

    @Test
    void otherEncodingsAreRefusedByName() {
        UserException e =
                assertThrows(UserException.class, () -> Utf8.decode(new byte[] {'c', 'a', 'f', (byte) 0xE9}, "menu"));
        assertTrue(e.getMessage().startsWith("menu is not UTF-8"), e.getMessage());
    }

    @Test
    void aMissingFileIsSaidInWords(@TempDir Path folder) {
        UserException e =
                assertThrows(UserException.class, () -> Utf8.read(folder.resolve("none.txt"), "questions none.txt"));
        assertEquals("questions none.txt can't be read: no such file or directory; check it", e.getMessage());
    }
}
