package dev.prag.base;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

class IoReasonTest {
    @Test
    void saysInWordsWhatTheClassMeans() {
        assertEquals("permission denied", IoReason.of(new AccessDeniedException("/a/b")));
        assertEquals("no such file or directory", IoReason.of(new NoSuchFileException("/a/b")));
        assertEquals("permission denied", IoReason.of(new UncheckedIOException(new AccessDeniedException("/a"))));
    }

    @Test
    void passesTheSystemsReasonOn() {
        assertEquals(
                "no space left on device",
                IoReason.of(new FileSystemException("/a/b", null, "No space left on device")));
        assertEquals("permission denied", IoReason.of(new FileNotFoundException("/a/b (Permission denied)")));
        assertEquals("Stream closed", IoReason.of(new IOException("Stream closed")));
    }

    @Test
    void isNeverEmpty() {
        assertEquals("input or output failed", IoReason.of(new IOException()));
        assertEquals("no such file or directory", IoReason.of(new FileNotFoundException()));
    }
}
