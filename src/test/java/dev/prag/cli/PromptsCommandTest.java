package dev.prag.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.augmentation.Prompts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class PromptsCommandTest {
    @TempDir
    Path folder;

    private static Run prag(String... args) {
        return Run.of(CommandLine.defaultFactory(), args);
    }

    @Test
    void aSetIsShownAsAFileThatIsReadAsTheSame() throws IOException {
        Path file = folder.resolve("mine.json");
        Files.writeString(file, prag("prompts", "show", "instruct").succeeded());
        assertEquals(
                Prompts.of("instruct", null).set(),
                Prompts.of(file.toString(), null).set());
        assertTrue(prag("prompts", "check", file.toString()).succeeded().contains("is that of the set instruct"));
        assertEquals(
                Files.readString(file), prag("prompts", "show", file.toString()).succeeded());
    }

    @Test
    void whatIsAskedIsPrintedAsItWouldBe() throws IOException {
        Path file = Files.writeString(
                folder.resolve("mine.json"),
                Prompts.of("demo", null).toFile().replace("\"The answer is\",", "\"The answer is \","));
        String said = prag("prompts", "check", file.toString()).succeeded();
        assertTrue(said.contains("the answer begins: \"The answer is \""), said);
        assertTrue(said.contains("Passage 1: The Windmere Library lends a book for 21 days.\n"), said);
        assertTrue(said.contains("assistant:\nThe answer is 21 days.\n"), said);
        assertTrue(said.contains("Let me think. The Windmere Library lends a book for 21 days. So the answer"), said);
        assertTrue(said.contains("The set is in order") && !said.contains("is that of the set"), said);
    }

    @Test
    void whatIsWrongIsRefused() throws IOException {
        Path file = Files.writeString(
                folder.resolve("mine.json"), Prompts.of("demo", null).toFile().replace("{passages}", "{pasages}"));
        prag("prompts", "check", file.toString())
                .refused("mine.json", "direct.withPassages: {pasages} is no placeholder here");
        prag("prompts", "show", "polite").refused("polite", "demo, instruct");
    }
}
