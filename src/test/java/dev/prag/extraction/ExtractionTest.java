package dev.prag.extraction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.extraction.RefusedException.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of every format, whole and damaged, through the process that reads them. */
class ExtractionTest {
    private static final Path FILES = Path.of("src/test/resources/documents");
    private static final int LARGEST = 1 << 20;

    private static final Extractions EXTRACTIONS = new Extractions(bounds(256, Duration.ofSeconds(60)), LARGEST);

    @TempDir
    Path folder;

    @AfterAll
    static void close() {
        EXTRACTIONS.close();
    }

    private static ExtractionConfig bounds(int memoryMib, Duration timeout) {
        return new ExtractionConfig() {
            @Override
            public int memoryMib() {
                return memoryMib;
            }

            @Override
            public Duration timeout() {
                return timeout;
            }

            @Override
            public int maxFileMib() {
                return 16;
            }

            @Override
            public int processes() {
                return 1;
            }

            @Override
            public int maxArchiveMib() {
                return 64;
            }

            @Override
            public int maxArchiveFiles() {
                return 100;
            }
        };
    }

    @Test
    void pagesOfPdf() throws RefusedException {
        Extracted ferry = extract("ferry.pdf");
        assertEquals("The Ferry to Torsby", ferry.title());
        assertEquals("Ole Bruun", ferry.metadata().get("author"));
        assertEquals(3, ferry.metadata().get("pages"));
        assertTrue(ferry.text().contains("in the morning and comes back"), ferry.text());
        assertEquals(3, ferry.pages().size());
        int page = ferry.pages().get(1);
        assertTrue(ferry.text().substring(page).strip().startsWith("Vera Lindqvist was born"), ferry.text());
        assertEquals(
                List.of("1 of 2 pages have no text; if they are pictures, have their text recognised"),
                extract("partly.pdf").notes());
    }

    @Test
    void headingsListsAndTablesOfWord() throws RefusedException {
        Extracted rules = extract("rules.docx");
        assertEquals("Harbour rules", rules.title());
        assertEquals("Nora Sundby", rules.metadata().get("author"));
        assertEquals("""
                # Harbour rules

                Every boat is moored at the northern pier.

                ## Fees

                | Boat | Fee |
                | --- | --- |
                | Rowing boat | 5 crowns |
                | Yacht | 40 crowns |

                - First come, first served.
                - Fees are paid in cash.""", rules.text());
    }

    @Test
    void slidesAreTheirPages() throws RefusedException {
        Extracted island = extract("island.pptx");
        assertEquals(2, island.pages().size());
        assertEquals("The island", island.title());
        assertTrue(island.text().startsWith("# The island\n\nKirkby lies"), island.text());
        assertTrue(island.text().substring(island.pages().get(1)).contains("built in 1931"), island.text());
        assertTrue(island.text().contains("Mention the engineer."), island.text());
    }

    @Test
    void rowsOfSheetsNameTheirColumns() throws RefusedException {
        assertEquals("""
                # Boats

                - Name: Sprat; Built: 1962; Owner: Ole Bruun
                - Name: Herring; Built: 1971

                # Notes

                The Sprat was repainted in May.""", extract("boats.xlsx").text());
        Extracted people = extract("people.csv");
        assertEquals("- name: Vera; born: 1971; town: Torsby\n- name: Ole; born: 1968", people.text());
        assertNull(people.title());
        assertEquals(
                "- name: Jürgen; town: Västerås\n- name: Åsa; town: Göteborg",
                extract("latin1.csv").text());
    }

    @Test
    void openDocument() throws RefusedException {
        assertEquals("""
                # The lighthouse

                The lighthouse of Woabrirk is red and white.

                - It was lit in 1888.
                - It is 31 metres tall.

                | Keeper | Years |
                | --- | --- |
                | Vera | 1901 to 1930 |""", extract("lighthouse.odt").text());
    }

    @Test
    void webPages() throws RefusedException {
        Extracted mill = extract("page.html");
        assertEquals("The mill & the stream", mill.title());
        assertEquals("""
                # The mill

                The mill turns slowly.

                - It has four sails.
                  - One is broken.
                - It grinds rye.

                | Year | Miller |
                | --- | --- |
                | 1850 | Ole \\| Vera |

                ```
                rye
                  wheat
                ```""", mill.text());
    }

    @Test
    void booksAndLetters() throws RefusedException {
        Extracted bridges = extract("bridges.epub");
        assertEquals("The Two Bridges", bridges.title());
        assertEquals("Nora Sundby", bridges.metadata().get("author"));
        assertEquals(
                "# The old bridge\n\nThe old bridge is of stone.\n\n# The new bridge\n\nThe new bridge is of steel.",
                bridges.text());
        Extracted letter = extract("letter.rtf");
        assertEquals("A letter", letter.title());
        assertEquals("Dear Ole,\n\nthe ferry is late again.", letter.text());
    }

    @Test
    void whatCantBeReadIsRefusedWithItsCause() throws IOException {
        refused(FILES.resolve("encrypted.pdf"), Format.PDF, Reason.ENCRYPTED, "without a password");
        refused(FILES.resolve("encrypted.docx"), Format.DOCX, Reason.ENCRYPTED, "without a password");
        refused(FILES.resolve("scanned.pdf"), Format.PDF, Reason.NO_TEXT, "2 pages, which are pictures", "recognised");
        refused(FILES.resolve("page.html"), Format.PDF, Reason.BROKEN, "is not PDF", "text/html");
        refused(FILES.resolve("ferry.pdf"), Format.DOCX, Reason.BROKEN, "is not DOCX", "application/pdf");
        refused(write("empty.pdf", new byte[0]), Format.PDF, Reason.BROKEN, "PDF");
        refused(
                write("blank.html", "<p> </p>".getBytes(StandardCharsets.UTF_8)),
                Format.HTML,
                Reason.NO_TEXT,
                "no text");
        refused(write("large.pdf", new byte[(16 << 20) + 1]), Format.PDF, Reason.TOO_LARGE, "max-file-mib");
        byte[] tooLong = "Words and words. ".repeat(LARGEST / 16).getBytes(StandardCharsets.UTF_8);
        refused(write("long.html", tooLong), Format.HTML, Reason.TOO_LARGE, "max-document-bytes");
    }

    @Test
    void bombsAreRefused() throws IOException {
        // A gigabyte of spaces in the document's part: a thousandth of it packed.
        Path bomb = folder.resolve("bomb.docx");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(bomb))) {
            entry(
                    zip,
                    "[Content_Types].xml",
                    "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">"
                            + "<Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>"
                            + "<Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.openxmlformats-"
                            + "officedocument.wordprocessingml.document.main+xml\"/></Types>");
            entry(
                    zip,
                    "_rels/.rels",
                    "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
                            + "<Relationship Id=\"r\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
                            + "officeDocument\" Target=\"word/document.xml\"/></Relationships>");
            zip.putNextEntry(new ZipEntry("word/document.xml"));
            zip.write(
                    ("<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body><w:p>"
                                    + "<w:r><w:t>")
                            .getBytes(StandardCharsets.UTF_8));
            byte[] spaces = " ".repeat(1 << 20).getBytes(StandardCharsets.UTF_8);
            for (int i = 0; i < 1024; i++) {
                zip.write(spaces);
            }
            zip.write("</w:t></w:r></w:p></w:body></w:document>".getBytes(StandardCharsets.UTF_8));
        }
        RefusedException e = assertThrows(RefusedException.class, () -> EXTRACTIONS.extract(bomb, Format.DOCX));
        assertTrue(List.of(Reason.TOO_LARGE, Reason.TOO_HARD).contains(e.reason()), e.getMessage());
    }

    @Test
    void entitiesAndDeepNestingDoNoHarm() throws IOException, RefusedException {
        String deep = "<div>".repeat(100_000) + "In the deep." + "</div>".repeat(100_000);
        Path nested = write("deep.html", deep.getBytes(StandardCharsets.UTF_8));
        RefusedException e = assertThrows(RefusedException.class, () -> EXTRACTIONS.extract(nested, Format.HTML));
        assertTrue(List.of(Reason.TOO_LARGE, Reason.TOO_HARD).contains(e.reason()), e.getMessage());

        StringBuilder laughs = new StringBuilder("<?xml version=\"1.0\"?><!DOCTYPE html [<!ENTITY a \"ha\">");
        for (char c = 'b'; c <= 'z'; c++) {
            laughs.append("<!ENTITY ")
                    .append(c)
                    .append(" \"")
                    .append(("&" + (char) (c - 1) + ";").repeat(10))
                    .append("\">");
        }
        laughs.append("]><html xmlns=\"http://www.w3.org/1999/xhtml\"><body><p>Laugh: &z;</p></body></html>");
        Extracted laugh = EXTRACTIONS.extract(
                write("laugh.xhtml", laughs.toString().getBytes(StandardCharsets.UTF_8)), Format.HTML);
        assertTrue(laugh.text().length() < 10_000, "entities aren't expanded");
        assertEquals("The Ferry to Torsby", extract("ferry.pdf").title(), "and the next file is read");
    }

    @Test
    void whatTakesTooLongOrTooMuchIsRefusedAndTheNextIsRead() throws RefusedException {
        try (Extractions hasty = new Extractions(bounds(256, Duration.ofMillis(1)), LARGEST)) {
            RefusedException late =
                    assertThrows(RefusedException.class, () -> hasty.extract(FILES.resolve("ferry.pdf"), Format.PDF));
            assertEquals(Reason.TOO_HARD, late.reason());
            assertTrue(late.getMessage().contains("prag.extraction.timeout"), late.getMessage());
        }
        try (Extractions small = new Extractions(bounds(8, Duration.ofSeconds(60)), LARGEST)) {
            RefusedException much =
                    assertThrows(RefusedException.class, () -> small.extract(FILES.resolve("rules.docx"), Format.DOCX));
            assertEquals(Reason.TOO_HARD, much.reason());
            assertTrue(much.getMessage().contains("prag.extraction.memory-mib"), much.getMessage());
        }
    }

    /** Whatever is wrong with a file, it is read or refused, and the one after it is read. */
    @Test
    void damagedFilesTakeNothingDown() throws IOException, RefusedException {
        Random random = new Random(7);
        for (String name : List.of(
                "ferry.pdf",
                "rules.docx",
                "island.pptx",
                "boats.xlsx",
                "lighthouse.odt",
                "bridges.epub",
                "letter.rtf",
                "page.html",
                "people.csv",
                "encrypted.pdf",
                "encrypted.docx")) {
            byte[] whole = Files.readAllBytes(FILES.resolve(name));
            Format format = Format.of(name.substring(name.lastIndexOf('.') + 1)).orElseThrow();
            for (int i = 0; i < 6; i++) {
                byte[] damaged =
                        i % 2 == 0 ? Arrays.copyOf(whole, random.nextInt(whole.length)) : flipped(whole, random);
                try {
                    EXTRACTIONS.extract(write(name, damaged), format);
                } catch (RefusedException e) {
                    assertTrue(e.getMessage().contains(";"), e.getMessage());
                    assertTrue(!e.getMessage().contains("Exception"), e.getMessage());
                }
            }
        }
        assertEquals("The Ferry to Torsby", extract("ferry.pdf").title());
    }

    private static byte[] flipped(byte[] whole, Random random) {
        byte[] damaged = whole.clone();
        for (int flips = 0; flips < 8; flips++) {
            damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return damaged;
    }

    private static void entry(ZipOutputStream zip, String name, String content) throws IOException {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(content.getBytes(StandardCharsets.UTF_8));
    }

    private Path write(String name, byte[] content) throws IOException {
        return Files.write(folder.resolve(name), content);
    }

    private static Extracted extract(String name) throws RefusedException {
        Format format = Format.of(name.substring(name.lastIndexOf('.') + 1)).orElseThrow();
        return EXTRACTIONS.extract(FILES.resolve(name), format);
    }

    private static void refused(Path file, Format format, Reason reason, String... words) {
        RefusedException e = assertThrows(RefusedException.class, () -> EXTRACTIONS.extract(file, format));
        assertEquals(reason, e.reason(), e.getMessage());
        for (String word : words) {
            assertTrue(e.getMessage().contains(word), e.getMessage());
        }
    }
}
