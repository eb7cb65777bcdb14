package dev.prag.documents;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.base.UserException;
import dev.prag.documents.PassedOver.Kind;
import dev.prag.extraction.Extractor;
import java.io.IOException;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DocumentFilesTest {
    private static final int LARGEST = 1000;

    @TempDir
    Path folder;

    @Test
    void textAndMarkdownAreNamedByTheirPaths() throws IOException {
        Path text = write("a note.txt", "Just text.");
        assertEquals(new DocumentInput(null, "a note", "Just text.", Map.of(), text.toString()), one(text));
        assertEquals(
                "The Title",
                one(write("page.md", "intro\n## No\n# The Title \n# Another\ntext"))
                        .title());
        assertEquals("bare", one(write("bare.markdown", "no heading")).title());
        Path relative = Path.of("").toAbsolutePath().relativize(text);
        assertEquals(text.toString(), one(relative).source(), "however it was named");
        assertEquals("Text.", one(write("b.txt", "\uFEFFText.")).text());
        assertEquals(
                "Text.", one(write("b.jsonl", "\uFEFF{\"text\":\"Text.\"}")).text());
    }

    @Test
    void foldersAreReadInTheOrderOfPaths() throws IOException {
        write("b.txt", "Second.");
        write("a/z.MD", "First.");
        write("c.jsonl", "{\"text\":\"Third.\"}\n{\"text\":\"Fourth.\"}");
        assertEquals(
                List.of("First.", "Second.", "Third.", "Fourth."),
                read(folder).documents().stream().map(DocumentInput::text).toList());
    }

    @Test
    void whatIsNoDocumentBelowAFolderIsPassedOverAndReported() throws IOException {
        write("good.txt", "Text.");
        write(".hidden.txt", "x");
        write("._good.txt", "x");
        write(".git/a.txt", "x");
        write("empty.md", "");
        write("blank.txt", " \n\u00a0\n");
        write("comment.md", "<!-- nothing -->");
        write("picture.md", "data:image/png;base64," + "QUJD".repeat(100));
        write("empty.jsonl", "\n");
        write("md", "x");
        write(".md", "x");
        write("data.json", "{}");
        write("nul.txt", "a\0b");
        write("large.txt", "x ".repeat(LARGEST));
        Files.write(folder.resolve("latin1.txt"), new byte[] {'a', (byte) 0xE9});
        Path socket = folder.resolve("s.txt");
        Read files;
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            files = read(folder);
        }
        assertEquals(
                List.of("Text."),
                files.documents().stream().map(DocumentInput::text).toList());
        assertEquals(
                Map.of(
                        Kind.HIDDEN,
                        4L,
                        Kind.EMPTY,
                        5L,
                        Kind.OTHER_EXTENSION,
                        2L,
                        Kind.NOT_TEXT,
                        2L,
                        Kind.TOO_LARGE,
                        1L,
                        Kind.SPECIAL,
                        1L),
                files.passedOver().stream().collect(Collectors.groupingBy(PassedOver::kind, Collectors.counting())));
        List<String> lines = PassedOverReport.lines(files.passedOver(), false);
        assertTrue(lines.contains("passed over: 1 neither file nor folder (" + socket + ")"), lines::toString);
        assertTrue(lines.getFirst().startsWith("passed over: 4 hidden (")
                && lines.getFirst().endsWith(", …)"));
        assertTrue(PassedOverReport.lines(files.passedOver(), true).contains("  " + folder.resolve(".git")));
    }

    @Test
    void linksAreFollowedOnceAndCirclesEnd() throws IOException {
        write("real/a.txt", "A.");
        write("real/sub/b.md", "B.");
        write("outer/c.txt", "C.");
        link("outer/again", "../real");
        link("outer/and-again", "../real/sub");
        link("outer/circle", "..");
        link("outer/d.txt", "c.txt");
        link("outer/gone.txt", "nowhere");
        link("outer/self.txt", "self.txt");
        link("named", "real");
        assertEquals(
                List.of(
                        folder.resolve("named/a.txt").toString(),
                        folder.resolve("named/sub/b.md").toString()),
                sources(folder.resolve("named")));
        Read outer = read(folder.resolve("outer"));
        assertEquals(
                List.of("A.", "B.", "C."),
                outer.documents().stream().map(DocumentInput::text).sorted().toList());
        assertEquals(3, sources(folder).size());
        assertEquals(
                List.of("outer/c.txt", "real/a.txt", "real/sub/b.md"),
                sources(folder).stream()
                        .map(source -> folder.relativize(Path.of(source)).toString())
                        .toList(),
                "what lies below the folder keeps its own path");
    }

    @Test
    void behindALinkTwoDotsAreWhatTheSystemSays() throws IOException {
        write("far/away/x.txt", "X.");
        write("far/b.txt", "Far.");
        write("b.txt", "Near.");
        link("link", "far/away");
        assertEquals(
                folder.resolve("far/b.txt").toRealPath().toString(),
                one(folder.resolve("link/../b.txt")).source());
        assertEquals("Far.", one(folder.resolve("link/../b.txt")).text());
    }

    @Test
    void twoNamesThatAreNotUtf8AreTwoDocuments() throws IOException {
        for (String name : List.of("caf%E9.txt", "caf%E8.txt")) {
            Files.writeString(Path.of(URI.create(folder.toUri() + name)), "A text about " + name);
        }
        List<DocumentInput> documents = read(folder).documents();
        assertEquals(
                List.of(folder + "/caf\\xE8.txt", folder + "/caf\\xE9.txt"),
                documents.stream().map(DocumentInput::source).toList());
        assertEquals("caf\\xE8", documents.getFirst().title());
        refused(folder.resolve("caf\uFFFD.txt").toString(), "name is not UTF-8");
    }

    @Test
    void whatIsNamedHasToBeReadable() throws IOException {
        refused(folder.resolve("none.txt").toString(), "none.txt", "does not exist");
        refused(Files.createDirectory(folder.resolve("empty")).toString(), "holds no file that can be read");
        refused(write("empty.jsonl", "\n\n").toString(), "holds no document");
        refused(write("e.txt", " ").toString(), "e.txt", "is empty");
        refused(Files.write(folder.resolve("l.txt"), new byte[] {(byte) 0xE9}).toString(), "l.txt", "not UTF-8");
        refused(write("large.txt", "x ".repeat(LARGEST)).toString(), "too large", "max-document-bytes");
        refused(write("nul.txt", "a\0b").toString(), "U+0000");
        refused(write("bad.jsonl", "{\"text\":\"a\"}\n{}").toString(), "bad.jsonl line 2", "no text");
        assertEquals("Text.", one(write(".hidden.txt", "Text.")).text());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "docs.json",
                "mail.eml",
                "old.doc",
                "tar.gz",
                "a.tar.gz",
                "b.zip.gz",
                "log.1",
                "md",
                ".md",
                "README",
                "a.txt~"
            })
    void namedFilesOfOtherKindsAreRefused(String name) throws IOException {
        refused(write(name, "Text.").toString(), name, "is not read");
    }

    @Test
    void packedFilesAreReadAsWhatIsInThem() throws IOException {
        Path packed = folder.resolve("page.md.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
            out.write("# The Title\nText.".getBytes(StandardCharsets.UTF_8));
        }
        DocumentInput page = one(packed);
        assertEquals("The Title", page.title());
        assertEquals(packed.toString(), page.source());
        Path damaged = Files.write(folder.resolve("a.txt.gz"), Arrays.copyOf(Files.readAllBytes(packed), 20));
        refused(damaged.toString(), "a.txt.gz", "damaged");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(folder.resolve("b.txt.gz")))) {
            out.write("x ".repeat(LARGEST).getBytes(StandardCharsets.UTF_8));
        }
        refused(folder.resolve("b.txt.gz").toString(), "b.txt.gz", "too large");
    }

    @Test
    void archivesAreReadAsFolders() throws IOException {
        Path archive = archive(Map.of(
                "one.txt", "One.",
                "sub/two.md", "Two.",
                "sub/.hidden.txt", "x",
                "__MACOSX/one.txt", "x",
                "picture.png", "x",
                "empty.txt", "",
                "../../out.txt", "Out.",
                "inner.zip", "PK"));
        Read files = read(archive);
        assertEquals(
                List.of(archive + "/one.txt", archive + "/sub/two.md"),
                files.documents().stream().map(DocumentInput::source).sorted().toList());
        assertEquals(
                Map.of(Kind.HIDDEN, 2L, Kind.OTHER_EXTENSION, 2L, Kind.EMPTY, 1L, Kind.NAME, 1L),
                files.passedOver().stream().collect(Collectors.groupingBy(PassedOver::kind, Collectors.counting())));
        refused(write("no.zip", "PK no zip").toString(), "no.zip", "damaged");
        refused(archive(Map.of("a.png", "x")).toString(), "holds no file");
    }

    @Test
    void archivesThatUnpackToTooMuchAreCut() throws IOException {
        Path archive = archive(Map.of("a.txt", "A.", "b.txt", "B ".repeat(300)));
        List<DocumentInput> documents = new ArrayList<>();
        DocumentFiles files = new DocumentFiles(
                new FileLimits(LARGEST, LARGEST, 400, 10), Extractor.NONE, documents::add, mistake -> {
                    throw mistake;
                });
        files.read(archive.toString());
        assertEquals(1, documents.size());
        assertEquals(Kind.TOO_LARGE, files.passedOver().getFirst().kind());
        assertTrue(files.passedOver().getFirst().reason().contains("max-archive-mib"));
        Map<String, String> many = new HashMap<>();
        for (int i = 0; i < 11; i++) {
            many.put(i + ".txt", "Text.");
        }
        UserException e =
                assertThrows(UserException.class, () -> files.read(archive(many).toString()));
        assertTrue(e.getMessage().contains("has 11 files"), e.getMessage());
    }

    @Test
    void whoKeepsGoingHearsOfEveryMistake() throws IOException {
        write("a.txt", "A.");
        write("bad.jsonl", "{\"text\":\"B.\"}\nnonsense");
        write("c.txt", "C.");
        List<String> texts = new ArrayList<>();
        List<UserException> mistakes = new ArrayList<>();
        DocumentFiles files = new DocumentFiles(
                FileLimits.ofText(LARGEST), Extractor.NONE, document -> texts.add(document.text()), mistakes::add);
        files.read(folder.toString());
        files.read(folder.resolve("none.txt").toString());
        files.read(write("d.pdf", "x").toString());
        assertEquals(List.of("A.", "B.", "C."), texts);
        assertEquals(3, mistakes.size());
        assertTrue(mistakes.getFirst().getMessage().contains("bad.jsonl line 2"));
        DocumentFiles full = new DocumentFiles(
                FileLimits.ofText(LARGEST),
                Extractor.NONE,
                document -> {
                    throw new UserException("no room");
                },
                mistakes::add);
        assertThrows(UserException.class, () -> full.read(folder.toString()), "what takes documents has the word");
    }

    private Path archive(Map<String, String> files) throws IOException {
        Path archive = folder.resolve("files" + files.size() + ".zip");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(archive))) {
            for (Map.Entry<String, String> file : new TreeMap<>(files).entrySet()) {
                zip.putNextEntry(new ZipEntry(file.getKey()));
                zip.write(file.getValue().getBytes(StandardCharsets.UTF_8));
            }
        }
        return archive;
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\t"})
    void anEmptyPathIsRefused(String path) {
        refused(path, "empty");
    }

    @Test
    void aBadLineBelowAFolderIsToldAndNothingIsRead() throws IOException {
        write("a.txt", "Text.");
        Path bad = write("bad.jsonl", "{\"text\":\"a\"}\nnonsense");
        refused(folder.toString(), bad + " line 2", "not JSON");
    }

    @Test
    void linesAreHandedOverOneByOne() throws IOException {
        Path lines = write("many.jsonl", "{\"text\":\"a\"}\r\n\r{\"text\":\"b\"}\n\n{\"text\":\"c\"}\r{}");
        List<String> texts = new ArrayList<>();
        DocumentFiles files = new DocumentFiles(LARGEST, document -> texts.add(document.text()));
        UserException e = assertThrows(UserException.class, () -> files.read(lines.toString()));
        assertEquals(List.of("a", "b", "c"), texts, "what is right before a mistake is handed over");
        assertTrue(e.getMessage().contains("many.jsonl line 6"), e.getMessage());
        Path endless = write("endless.jsonl", "{\"text\":\"" + "x".repeat(6 * LARGEST + (1 << 20)) + "\"}");
        refused(endless.toString(), "endless.jsonl line 1", "too large", "max-document-bytes");
    }

    private DocumentInput one(Path path) {
        List<DocumentInput> documents = read(path).documents();
        assertEquals(1, documents.size());
        return documents.getFirst();
    }

    private record Read(List<DocumentInput> documents, List<PassedOver> passedOver) {}

    private static Read read(Path path) {
        List<DocumentInput> documents = new ArrayList<>();
        DocumentFiles files = new DocumentFiles(LARGEST, documents::add);
        files.read(path.toString());
        return new Read(documents, files.passedOver());
    }

    private static List<String> sources(Path path) {
        return read(path).documents().stream().map(DocumentInput::source).toList();
    }

    private static void refused(String path, String... words) {
        UserException e =
                assertThrows(UserException.class, () -> new DocumentFiles(LARGEST, document -> {}).read(path));
        for (String word : words) {
            assertTrue(e.getMessage().contains(word), e.getMessage());
        }
    }

    private Path write(String name, String content) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.write(file, content.getBytes(StandardCharsets.UTF_8));
    }

    private void link(String name, String target) throws IOException {
        Files.createSymbolicLink(folder.resolve(name), Path.of(target));
    }
}
