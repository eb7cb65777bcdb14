package dev.prag.documents;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.base.UserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PairFilesTest {
    @TempDir
    Path folder;

    private DocumentFiles files;
    private final List<DocumentInput> documents = new ArrayList<>();

    private void read() {
        files = new DocumentFiles(1 << 20, documents::add);
        files.read(folder.toString());
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }

    @Test
    void besideADocumentLieItsPairs() throws IOException {
        write("heron.md", "# Heron\n\nThe Heron was built in 1921.");
        write("heron.pairs.csv", "\uFEFFQuestion,answer\n\"When was the \"\"Heron\"\", the ferry, built?\",1921\n");
        write("heron.pairs.jsonl", "{\"question\": \"Who?\", \"answer\": 7, \"full_answer\": \"It was 7.\"}\n\n");
        write("other.txt", "Another one.");
        read();
        assertEquals(2, documents.size());
        assertEquals(
                List.of(
                        new GivenPair("When was the \"Heron\", the ferry, built?", "1921", "1921"),
                        new GivenPair("Who?", "7", "It was 7.")),
                documents.getFirst().pairs());
        assertEquals(List.of(), documents.getLast().pairs());
        assertEquals(List.of(), files.passedOver());
    }

    @Test
    void pairsWithoutTheirDocumentAreTold() throws IOException {
        write("heron.md", "The Heron was built in 1921.");
        write("hern.pairs.jsonl", "{\"question\": \"Who?\", \"answer\": \"7\"}\n");
        write("tern.pairs.csv", "question,answer\n");
        read();
        assertEquals(2, files.passedOver().size());
        assertEquals(1, documents.size());
    }

    @Test
    void whatIsWrongIsSaidWithItsPlace() throws IOException {
        write("heron.md", "The Heron was built in 1921.");
        write("heron.pairs.csv", "question,reply\nWhen?,1921\n");
        assertTrue(assertThrows(UserException.class, this::read).getMessage().contains("no column answer"));
        write("heron.pairs.csv", "question,answer\nWhen?,\n");
        assertTrue(assertThrows(UserException.class, this::read).getMessage().contains("record 1 has no answer"));
        write("heron.pairs.csv", "question,answer\n");
        write("heron.pairs.jsonl", "{\"question\": \"Who?\", \"answer\": \"7\"}\n{\n");
        assertTrue(assertThrows(UserException.class, this::read).getMessage().contains("line 2 is not JSON"));
    }

    @Test
    void sentencesOfMarkdownArePlain() {
        assertEquals(
                List.of("The *Heron* is old.".replace("*", ""), "Dr. Lind owns it.", "Bring a coat.", "Red 7"),
                PassageSentences.of(
                        "# Heron\n\nThe *Heron* is old. Dr. Lind\nowns it.\n\n- Bring a coat.\n\n| Red | 7 |\n|---|---|\n"
                                + "<!-- no -->\n"));
    }
}
