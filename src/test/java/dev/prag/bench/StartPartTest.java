package dev.prag.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.base.UserException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StartPartTest {
    @TempDir
    Path folder;

    private UserException refused(Path program) {
        return assertThrows(
                UserException.class,
                () -> StartPart.run(
                        List.of(program), Path.of("src/main/demo/model"), List.of(), 1, folder, note -> {}));
    }

    @Test
    void whatIsNoProgramIsNamed() {
        Path nowhere = folder.resolve("nowhere");
        assertTrue(refused(nowhere).getMessage().contains("--program " + nowhere), "the file is named");
    }

    @Test
    void aProgramThatFailsIsToldWithItsOwnWords() throws Exception {
        Path program = Files.createFile(
                folder.resolve("program"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.writeString(program, "#!/bin/sh\necho 'the cellar is flooded' >&2\nexit 3\n");
        String message = refused(program).getMessage();
        assertTrue(message.contains("ingest"), message);
        assertTrue(message.contains("exit code 3"), message);
        assertTrue(message.contains("the cellar is flooded"), message);
    }

    @Test
    void nothingIsLeftOfTheHomes() throws Exception {
        refused(folder.resolve("nowhere"));
        try (var left = Files.list(folder)) {
            assertEquals(0, left.count());
        }
    }

    @Test
    void madeUpWeightsAreNotLoadedAndThatIsSaid() throws Exception {
        List<String> notes = new ArrayList<>();
        assertEquals(List.of(), StartPart.run(List.of(), null, List.of(), 1, folder, notes::add));
        assertEquals(1, notes.size());
        assertTrue(notes.getFirst().contains("--model"), notes.getFirst());
    }
}
