package dev.prag.reproduction.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.base.UserException;
import dev.prag.reproduction.Series;
import dev.prag.reproduction.Twin;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.InputSource;

class TableFilesTest {
    private static final String BAD = "a<b>|\"c\", & *d*";

    @TempDir
    Path folder;

    private static Table table() {
        List<Series> series = new ArrayList<>(TablesTest.table1());
        series.add(Made.series(BAD, "", "parametric", "cwq", "total", Made.answers("x", 1, 0)));
        return Tables.of(Twin.TABLE1, series, List.of("note <script>alert(1)</script>"));
    }

    private String read(String name) throws IOException {
        return Files.readString(folder.resolve("out").resolve(name));
    }

    @Test
    void filesAreWrittenWholeAndTheSameEachTime() throws IOException {
        List<Path> files = TableFiles.write(folder.resolve("out"), table());
        assertEquals(
                List.of("table1.json", "table1.csv", "table1.md", "table1.html"),
                files.stream().map(file -> file.getFileName().toString()).toList());
        List<String> texts = new ArrayList<>();
        for (Path file : files) {
            texts.add(Files.readString(file));
        }
        TableFiles.write(folder.resolve("out"), table());
        for (int i = 0; i < texts.size(); i++) {
            assertEquals(texts.get(i), Files.readString(files.get(i)));
        }
        try (Stream<Path> there = Files.list(folder.resolve("out"))) {
            assertEquals(4, there.count(), "nothing is left beside them");
        }
    }

    @Test
    void json() throws IOException {
        TableFiles.write(folder.resolve("out"), table());
        JsonNode json = JsonMapper.builder().build().readTree(read("table1.json"));
        assertEquals("table1", json.get("table").asText());
        JsonNode cell = json.at("/grids/0/models/0/rows/0/cells/0");
        assertEquals("2wiki", cell.get("set").asText());
        assertEquals("comparison", cell.get("part").asText());
        assertEquals(0.21875, cell.get("value").asDouble(), 1e-12);
        assertEquals(2, cell.get("value_95").size());
        assertTrue(cell.get("second").asBoolean() && cell.get("worse_than_best").asBoolean());
        assertEquals("0.4298", cell.at("/paper/printed").asText());
        assertTrue(cell.at("/paper/worse_than_parametric").asBoolean());
        assertEquals(BAD, json.at("/grids/0/models/2/model").asText());
    }

    @Test
    void csv() throws IOException {
        TableFiles.write(folder.resolve("out"), table());
        List<CSVRecord> records = CSVFormat.DEFAULT
                .builder()
                .setHeader()
                .setSkipHeaderRecord(true)
                .get()
                .parse(new StringReader(read("table1.csv")))
                .getRecords();
        assertEquals(10 * 3 * 3 * 4, records.size());
        assertEquals("0.4298", records.getFirst().get("paper"));
        assertEquals("†*", records.getFirst().get("paper_marks"));
        assertTrue(records.stream().anyMatch(record -> record.get("model").equals(BAD)));
        assertEquals("", records.getLast().get("value"));
    }

    @Test
    void markdown() throws IOException {
        TableFiles.write(folder.resolve("out"), table());
        String text = read("table1.md");
        assertTrue(text.contains("| **a\\<b\\>\\|\"c\", \\& \\*d\\*** |"), text);
        assertTrue(text.contains("| Standard RAG | <u>0.2188</u>†\\* (0.4298†\\*) |"), text);
        assertTrue(text.contains("**0.4813** (0.4920)"), text);
        assertTrue(text.contains("note \\<script\\>"), text);
    }

    @Test
    void thePageStandsAloneAndShowsTextAsText() throws IOException {
        TableFiles.write(folder.resolve("out"), table());
        String page = read("table1.html");
        assertFalse(page.contains("<script"), "no scripts, and no markup of names");
        assertTrue(page.contains("note &lt;script&gt;alert(1)&lt;/script&gt;"));
        assertTrue(page.contains("a&lt;b&gt;|&quot;c&quot;, &amp; *d*"));
        assertFalse(page.contains("<b>|"));
        assertFalse(Pattern.compile("(src|href)=").matcher(page).find(), "nothing from elsewhere");
        assertFalse(page.contains("url(http") || page.contains("@import"));
        assertEquals(3, page.split("<svg ", -1).length - 1);
        Set<String> ids = new HashSet<>();
        Pattern.compile("id=\"([^\"]+)\"")
                .matcher(page)
                .results()
                .forEach(id -> assertTrue(ids.add(id.group(1)), id.group()));
    }

    /** Each of them is well-formed, has words for those who don't see it, and holds what is plotted. */
    @Test
    void plots() throws Exception {
        Table time = Tables.of(
                Twin.TABLE4,
                List.of(
                        Made.series("m & n", "", "in-context", "cwq", "total", Made.answers("x", 1, 0)),
                        Made.series("m & n", "", "parametric", "demo", "total", Made.answers("x", 1, 0))),
                List.of());
        List<Plots.Plot> plots = new ArrayList<>(Plots.of(table()));
        assertEquals(3, plots.size());
        assertTrue(plots.getFirst().svg().contains("Standard RAG"));
        assertTrue(plots.getFirst().caption().contains("diamonds are the paper's"));
        assertFalse(plots.get(1).caption().contains("diamonds"));
        plots.addAll(Plots.of(time));
        assertEquals(5, plots.size(), "a set each");
        assertTrue(plots.get(3).svg().contains("compose"));
        for (Plots.Plot plot : plots) {
            String root = DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(new InputSource(new StringReader(plot.svg())))
                    .getDocumentElement()
                    .getAttribute("aria-label");
            assertEquals(plot.caption(), root);
        }
    }

    @Test
    void aFolderThatCannotBeMadeIsNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "mine");
        String message = assertThrows(UserException.class, () -> TableFiles.write(file, table()))
                .getMessage();
        assertTrue(message.startsWith("out: " + file), message);
        assertEquals("mine", Files.readString(file));
    }
}
