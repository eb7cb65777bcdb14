package dev.prag.corpus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.base.UserException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DocumentReaderTest {
    @TempDir
    Path folder;

    @Test
    void jsonLines() throws IOException {
        Path file = write(
                "all.jsonl",
                "{\"id\":7,\"title\":\"T\",\"text\":\"One.\",\"metadata\":{\"a\":[1]},\"other\":0}\n\n"
                        + "{\"id\":null,\"title\":null,\"text\":\"Zwei ß.\",\"metadata\":null}\r\n");
        assertEquals(
                List.of(
                        new DocumentInput("7", "T", "One.", Map.of("a", List.of(1)), null),
                        new DocumentInput(null, "", "Zwei ß.", Map.of(), null)),
                DocumentReader.read(file));
        assertEquals(
                DocumentReader.read(file),
                DocumentReader.readLines(new ByteArrayInputStream(Files.readAllBytes(file)), "standard input"));
    }

    @Test
    void textAndMarkdownAreNamedByTheirPaths() throws IOException {
        Path text = write("a note.txt", "Just text.");
        Path markdown = write("page.md", "intro\n## No\n# The Title \n# Another\ntext");
        Path bare = write("bare.md", "no heading");
        Path other = write("log.1", "of an unknown kind");
        assertEquals(
                new DocumentInput(null, "a note", "Just text.", Map.of(), text.toString()),
                DocumentReader.read(text).getFirst());
        assertEquals("The Title", DocumentReader.read(markdown).getFirst().title());
        assertEquals("bare", DocumentReader.read(bare).getFirst().title());
        assertEquals("log", DocumentReader.read(other).getFirst().title());
        Path relative = Path.of("").toAbsolutePath().relativize(text);
        assertEquals(text.toString(), DocumentReader.read(relative).getFirst().source(), "however it was named");
    }

    @Test
    void directoriesAreReadInTheOrderOfPaths() throws IOException {
        write("b.txt", "Second.");
        write("a/z.MD", "First.");
        write("c.jsonl", "{\"text\":\"Third.\"}\n{\"text\":\"Fourth.\"}");
        write("picture.png", "not read");
        assertEquals(
                List.of("First.", "Second.", "Third.", "Fourth."),
                DocumentReader.read(folder).stream().map(DocumentInput::text).toList());
    }

    @Test
    void aByteOrderMarkIsNotText() throws IOException {
        assertEquals(
                "Text.",
                DocumentReader.read(write("a.txt", "\uFEFFText.")).getFirst().text());
        assertEquals(
                "Text.",
                DocumentReader.read(write("a.jsonl", "\uFEFF{\"text\":\"Text.\"}"))
                        .getFirst()
                        .text());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"text\":\"a\"                  | not JSON",
                "{\"text\":\"a\"} {\"text\":\"b\"} | not JSON",
                "\"text\"                         | not a JSON object",
                "{\"title\":\"a\"}                | no text",
                "{\"text\":null}                  | not a string",
                "{\"text\":\"a\",\"title\":1}     | title",
                "{\"text\":\"a\",\"id\":[]}       | id",
                "{\"text\":\"a\",\"id\":\" \"}    | empty id",
                "{\"text\":\"a\",\"metadata\":[]} | metadata"
            })
    void aMistakeIsNamedWithItsLine(String line, String cause) throws IOException {
        Path file = write("bad.jsonl", "{\"text\":\"good\"}\n" + line);
        refused(file, file + " line 2", cause);
    }

    @Test
    void whatHoldsNoDocument() throws IOException {
        refused(folder.resolve("none"), "none", "does not exist");
        refused(Files.createDirectory(folder.resolve("empty")), "holds no jsonl, txt or md file");
        refused(write("empty.jsonl", "\n\n"), "holds no document");
        Path latin1 = Files.write(folder.resolve("l.txt"), "é".getBytes(StandardCharsets.ISO_8859_1));
        refused(latin1, "l.txt", "not UTF-8");
    }

    @Test
    void noFieldMeansNoTitle() {
        assertEquals(
                "",
                DocumentReader.readLines("{\"text\":\"a\"}".getBytes(StandardCharsets.UTF_8), "x")
                        .getFirst()
                        .title());
        assertNull(DocumentReader.readLines("{\"text\":\"a\"}".getBytes(StandardCharsets.UTF_8), "x")
                .getFirst()
                .id());
    }

    private static void refused(Path path, String... words) {
        UserException e = assertThrows(UserException.class, () -> DocumentReader.read(path));
        for (String word : words) {
            assertTrue(e.getMessage().contains(word), e.getMessage());
        }
    }

    private Path write(String name, String content) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, content);
    }
}
