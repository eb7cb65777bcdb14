package dev.prag.documents;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.base.UserException;
import dev.prag.extraction.Extractor;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PassageTableTest {
    private static final String TABLE = "id\ttext\ttitle\n"
            + "1\t\"Ole \"\"the bell\"\" Bruun was born in Kirkby. # No heading\"\t\"Ole Bruun\"\n"
            + "2\t\"" + "A word. ".repeat(400).strip() + "\"\tWords\n";

    @TempDir
    Path folder;

    private Path write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        try (OutputStream out = name.endsWith(".gz")
                ? new GZIPOutputStream(Files.newOutputStream(file))
                : Files.newOutputStream(file)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return file;
    }

    private static List<DocumentInput> read(Path file) {
        List<DocumentInput> documents = new ArrayList<>();
        // The file, unpacked, is larger than files may be: it is read as a stream.
        new DocumentFiles(new FileLimits(10_000, 100, 100, 10), Extractor.NONE, documents::add, mistake -> {
                    throw mistake;
                })
                .read(file.toString());
        return documents;
    }

    @Test
    void aRowIsAPassageAndIsNeverCut() throws IOException {
        for (String name : List.of("psgs_w100.tsv", "psgs_w100.tsv.gz")) {
            List<DocumentInput> documents = read(write(name, TABLE));
            assertEquals(2, documents.size(), name);
            assertEquals("1", documents.getFirst().id());
            assertEquals("Ole Bruun", documents.getFirst().title());
            DocumentDraft whole = DocumentDraft.of(documents.getFirst(), 10_000);
            assertEquals(
                    "Ole \"the bell\" Bruun was born in Kirkby. # No heading",
                    whole.pieces().getFirst().text());
            DocumentDraft large = DocumentDraft.of(documents.getLast(), 10_000);
            assertEquals(1, large.pieces().size(), "800 words");
            assertTrue(DocumentDraft.of(new DocumentInput("2", "Words", large.text(), null, null), 10_000)
                            .pieces()
                            .size()
                    > 1);
        }
    }

    @Test
    void anotherTableIsADocument() throws IOException {
        Path file = write("people.tsv", "id\ttext\ttitle\tyear\n1\ta\tb\t1999\n");
        assertFalse(new PassageTable(new NamedFile(file, "people.tsv", file, "people.tsv", null), 1000).isOne());
    }

    @Test
    void mistakesNameTheirLine() throws IOException {
        assertTrue(refused("id\ttext\ttitle\n1\ta\tb\n\n2\tc\n").contains("line 4 has 2 columns where the head has 3"));
        assertTrue(refused("id\ttext\ttitle\n1\t \tb\n").contains("line 2 has no text"));
        assertTrue(refused("id\ttext\ttitle\n\ta\tb\n").contains("line 2 has an id that isn't one: it is empty"));
        assertTrue(refused("id\ttext\ttitle\n").contains("holds no passage"));
    }

    private String refused(String table) throws IOException {
        Path file = write("t.tsv", table);
        return assertThrows(UserException.class, () -> read(file)).getMessage();
    }
}
