package dev.prag.reproduction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChildProgramTest {
    @TempDir
    Path folder;

    @Test
    void whatAChildPrintsAndSaysIsInFilesAndItsCodeIsReturned() throws IOException, InterruptedException {
        Path note = folder.resolve("running");
        Path out = folder.resolve("out");
        Path log = Files.writeString(folder.resolve("log"), "before\n");
        ChildProgram child =
                new ChildProgram(List.of("/bin/sh", "-c", "cat \"$1\"; echo said >&2; exit 7", "sh"), note);
        assertEquals(7, child.run(List.of(log.toString()), out, log));
        assertTrue(Files.readString(out).startsWith("before\n"));
        assertEquals("before\nsaid\n", Files.readString(log));
        assertFalse(Files.exists(note), "it has ended");
    }

    @Test
    void theChildOfAKilledCallIsEndedAndNoOther() throws IOException, InterruptedException {
        Path note = folder.resolve("running");
        assertEquals(Optional.empty(), ChildProgram.endOrphan(note));
        Process left = new ProcessBuilder("/bin/sleep", "600").start();
        try {
            Files.writeString(note, left.pid() + " 2001-01-01T00:00:00Z");
            assertEquals(Optional.empty(), ChildProgram.endOrphan(note), "another process has its number");
            assertTrue(left.isAlive());
            Files.writeString(
                    note, left.pid() + " " + left.info().startInstant().orElseThrow());
            assertEquals(Optional.of(left.pid()), ChildProgram.endOrphan(note));
            left.waitFor();
            assertFalse(Files.exists(note));
        } finally {
            left.destroyForcibly();
        }
    }
}
