package dev.prag.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.adapterstore.AdapterStore;
import dev.prag.answering.DemoCorpus;
import dev.prag.corpus.Corpus;
import dev.prag.database.DatabaseResource;
import dev.prag.retrieval.PassageIndex;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class DocumentsResourceTest {
    @Inject
    DemoCorpus demo;

    @Inject
    Corpus corpus;

    @Inject
    PassageIndex index;

    @Inject
    DataSource database;

    @Inject
    AdapterStore store;

    private final List<String> documents = new ArrayList<>();

    @BeforeEach
    void beginWithNothing() throws SQLException {
        try (Connection connection = database.getConnection();
                ResultSet ids = connection.createStatement().executeQuery("SELECT id FROM document")) {
            while (ids.next()) {
                corpus.delete(ids.getString(1));
            }
        }
    }

    @AfterEach
    void leaveNothing() {
        demo.clear();
        documents.forEach(corpus::delete);
        assertEquals(0, corpus.documents());
    }

    @Test
    void oneDocumentThenTheSameThenAChangedOne() {
        String one = "{\"id\":\"rest-1\",\"title\":\"Quexby\",\"text\":\"Quexby is a village.\","
                + "\"metadata\":{\"page\":3},\"other\":true}";
        JsonNode added = add(one);
        assertEquals(List.of("rest-1"), texts(added.get("ids")));
        JsonNode item = added.get("documents").get(0);
        assertEquals("rest-1", item.get("id").asText());
        assertEquals("added", item.get("outcome").asText());
        assertEquals(1, item.get("passages").size());

        JsonNode again = add(one).get("documents").get(0);
        assertEquals("unchanged", again.get("outcome").asText());
        assertEquals(item.get("passages"), again.get("passages"));

        JsonNode document = Http.get("/documents/rest-1").expect(200);
        assertEquals("Quexby", document.get("title").asText());
        assertEquals(3, document.get("metadata").get("page").asInt());
        JsonNode passage = document.get("passages").get(0);
        assertEquals(item.get("passages").get(0), passage.get("id"));
        assertEquals("Quexby is a village.", passage.get("text").asText());
        assertEquals("PENDING", passage.get("state").asText());
        assertTrue(document.get("createdAt").isTextual(), "a date in ISO 8601, not a number");

        JsonNode changed =
                add(one.replace("a village", "a town")).get("documents").get(0);
        assertEquals("changed", changed.get("outcome").asText());
        assertNotEquals(item.get("passages"), changed.get("passages"));
    }

    @Test
    void readersAreKeptShownAndChecked() {
        JsonNode added = add("{\"id\":\"rest-r\",\"text\":\"For some.\",\"readers\":[\"blue\",\"user:vera\"]}");
        assertEquals("added", added.at("/documents/0/outcome").asText());
        assertEquals(
                List.of("blue", "user:vera"),
                texts(Http.get("/documents/rest-r").expect(200).get("readers")));
        JsonNode opened = add("{\"id\":\"rest-r\",\"text\":\"For some.\"}");
        assertEquals("changed", opened.at("/documents/0/outcome").asText());
        assertEquals(0, Http.get("/documents/rest-r").expect(200).get("readers").size());
        for (String readers : List.of("\"blue\"", "[1]", "[null]", "[\" \"]", "[\"user:\"]", "{}")) {
            JsonNode problem = Http.post("/documents", "{\"text\":\"T.\",\"readers\":" + readers + "}")
                    .expect(400);
            assertTrue(problem.get("detail").asText().contains("reader"), problem.toString());
        }
    }

    @Test
    void aDeletionHasAReceipt() {
        add("{\"id\":\"rest-d\",\"title\":\"Quexby\",\"text\":\"Quexby goes.\"}");
        String place = Http.delete("/documents/rest-d").header("Location");
        assertTrue(place.startsWith("/deletions/"), place);
        JsonNode receipt = Http.get(place).expect(200);
        assertTrue(receipt.get("verifiedAt").isTextual(), receipt.toString());
        assertEquals(0, receipt.get("left").size());
        assertFalse(receipt.toString().contains("Quexby") || receipt.toString().contains("rest-d"), receipt.toString());
        Http.get("/deletions/none").expect(404);
    }

    @Test
    void aListWithNumbersAsIds() {
        JsonNode added = add("[{\"id\":41,\"text\":\"One.\"},{\"id\":4.5,\"text\":\"Two.\"},{\"text\":\"Three.\"}]");
        assertEquals("41", added.get("ids").get(0).asText());
        assertEquals("4.5", added.get("ids").get(1).asText());
        assertEquals(
                "123456789.0",
                add("{\"id\":123456789.0,\"text\":\"Four.\"}").get("ids").get(0).asText());
        String hash = added.get("ids").get(2).asText();
        assertEquals(64, hash.length());
        assertEquals(
                "One.",
                Http.get("/documents/41")
                        .expect(200)
                        .get("passages")
                        .get(0)
                        .get("text")
                        .asText());
        Http.get("/documents/" + hash).expect(200);
    }

    @Test
    void numbersOfMetadataKeepTheirDigits() {
        add("{\"id\":\"n\",\"text\":\"x\",\"metadata\":{\"fine\":0.1234567890123456789,\"price\":1.10,\"big\":1e40}}");
        String body = Http.get("/documents/n").expect(200).get("metadata").toString();
        String raw = Http.get("/documents/n").body();
        assertTrue(raw.contains("0.1234567890123456789") && raw.contains("1.10"), raw);
        assertTrue(raw.contains("1" + "0".repeat(40)), body);
    }

    @Test
    void headingsAreShownAndWhatIsNoTextIsNoted() {
        String image = "data:image/png;base64," + "QUJD".repeat(100);
        ObjectNode document = Http.JSON
                .createObjectNode()
                .put("id", "lamp")
                .put("text", "# Lamps\n\nThe lamp.\n\n![](" + image + ")");
        JsonNode item = add(document.toString()).get("documents").get(0);
        assertEquals(List.of("left out 1 data URI, 422 characters together"), texts(item.get("notes")));
        JsonNode passage =
                Http.get("/documents/lamp").expect(200).get("passages").get(0);
        assertEquals("Lamps", passage.get("headings").asText());
        assertEquals("# Lamps\n\nThe lamp.\n\n![]()", passage.get("text").asText());
    }

    @Test
    void plainText() {
        Http.Reply reply = Http.post(
                "/documents?title=Stra%C3%9Fe%20%26%20so&id=plain-1",
                "text/plain", "Eine Straße.".getBytes(StandardCharsets.UTF_8));
        documents.add("plain-1");
        assertEquals(List.of("plain-1"), texts(reply.expect(202).get("ids")));
        JsonNode document = Http.get("/documents/plain-1").expect(200);
        assertEquals("Straße & so", document.get("title").asText());
        assertEquals("Eine Straße.", document.get("passages").get(0).get("text").asText());

        JsonNode nameless = Http.post(
                        "/documents", "text/plain; charset=utf-8", "Just so.".getBytes(StandardCharsets.UTF_8))
                .expect(202);
        documents.add(nameless.get("ids").get(0).asText());
        assertEquals(64, nameless.get("ids").get(0).asText().length());
    }

    @Test
    void jsonLines() {
        String lines = "{\"id\":\"line-1\",\"text\":\"One.\"}\n\n{\"id\":2,\"text\":\"Two.\"}\r\n";
        documents.addAll(List.of("line-1", "2"));
        JsonNode added = Http.post("/documents", "application/x-ndjson", lines.getBytes(StandardCharsets.UTF_8))
                .expect(202);
        assertEquals(List.of("line-1", "2"), texts(added.get("ids")));

        Http.post("/documents", "application/x-ndjson", (lines + "{\"id\":3}").getBytes(StandardCharsets.UTF_8))
                .problem(400, "line 4", "text");
        assertEquals(2, corpus.documents());
        Http.post("/documents", "application/x-ndjson", "{\"text\":\"One.\"} {}".getBytes(StandardCharsets.UTF_8))
                .problem(400, "line 1", "JSON");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/home/me/notes/a.txt", "with space", "a%2Fb", "a?b=c#d", "ünïcödé/文", "a+b&c", "a//b", "a/"})
    void anyIdInThePath(String id) {
        ObjectNode document = Http.JSON.createObjectNode().put("id", id).put("text", "Some text.");
        documents.add(id);
        assertEquals(List.of(id), texts(add(document.toString()).get("ids")));
        String encoded = URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20");
        assertEquals(id, Http.get("/documents/" + encoded).expect(200).get("id").asText());
        assertEquals(204, Http.delete("/documents/" + encoded).status());
        Http.get("/documents/" + encoded).problem(404, id);
    }

    @Test
    void slashesNeedNoEncoding() {
        add("{\"id\":\"a/b/c.txt\",\"text\":\"Some text.\"}");
        assertEquals(
                "a/b/c.txt",
                Http.get("/documents/a/b/c.txt").expect(200).get("id").asText());
        assertEquals(204, Http.delete("/documents/a/b/c.txt").status());
        assertEquals(0, corpus.documents());
    }

    @Test
    void deletingTakesPassagesIndexEntriesAndAdapters() {
        String id = demo.ingest(DemoCorpus.ANCHOR);
        String adapter = demo.encode(id);
        JsonNode passage =
                Http.get("/documents/" + id).expect(200).get("passages").get(0);
        assertEquals("READY", passage.get("state").asText());
        assertEquals(adapter, passage.get("adapterId").asText());
        assertFalse(index.search("Raeclaint", 5).isEmpty());
        assertTrue(store.get(adapter).isPresent());

        assertEquals(204, Http.delete("/documents/" + id).status());
        Http.delete("/documents/" + id).problem(404, id);
        assertTrue(index.search("Raeclaint", 5).isEmpty());
        assertTrue(store.get(adapter).isEmpty());
        assertEquals(0, corpus.documents());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"text\":                        | JSON",
                "{\"text\":\"a\"} trailing         | JSON",
                "7                                 | object",
                "[]                                | empty",
                "[{\"text\":\"a\"},{\"title\":\"b\"}] | document 2",
                "[{\"text\":\"a\"},3]              | document 2",
                "{\"title\":\"a\"}                 | text",
                "{\"text\":5}                      | string",
                "{\"text\":\" \\n\"}               | empty",
                "{\"text\":\"a\",\"title\":[]}     | title",
                "{\"text\":\"a\",\"id\":true}      | id",
                "{\"text\":\"a\",\"id\":\"\"}      | id",
                "{\"text\":\"a\",\"metadata\":3}   | metadata",
                "{\"text\":\"a\\u0000b\"}          | U+0000",
                "{\"text\":\"a\",\"text\":\"b\"}    | Duplicate",
                "{\"text\":\"a\",\"id\":1e400}     | exponent",
                "{\"text\":\"a\",\"id\":\"a/../b\"} | segment",
                "{\"text\":\"a\",\"id\":\"a\\tb\"}  | U+0009",
                "{\"text\":\"a\",\"metadata\":{\"n\":1e501}} | digits",
                "{\"text\":\"a\",\"metadata\":{\"n\":NaN}} | NaN",
                "[{\"id\":1,\"text\":\"a\"},{\"id\":1,\"text\":\"b\"}] | twice"
            })
    void mistakesAreRefusedAndNothingIsKept(String body, String word) {
        Http.post("/documents", body).problem(400, word);
        assertEquals(0, corpus.documents());
    }

    @Test
    void mistakesOfBytes() {
        byte[] latin1 = "{\"text\":\"Straße\"}".getBytes(StandardCharsets.ISO_8859_1);
        Http.post("/documents", "application/json", latin1).problem(400, "UTF-8");
        Http.post("/documents", "application/x-ndjson", latin1).problem(400, "UTF-8");
        Http.post("/documents", "text/plain", latin1).problem(400, "UTF-8");
        Http.post("/documents", "text/plain", new byte[0]).problem(400, "empty");
        Http.post("/documents", "").problem(400, "no body");
        byte[] large = "word ".repeat((10 << 20) / 5 + 1).getBytes(StandardCharsets.UTF_8);
        Http.post("/documents?title=Large", "text/plain", large).problem(413, "Large", "10485760");
        assertEquals(0, corpus.documents());
    }

    private JsonNode add(String json) {
        JsonNode added = Http.post("/documents", json).expect(202);
        documents.addAll(texts(added.get("ids")));
        return added;
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(item -> texts.add(item.asText()));
        return texts;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"v;a=1", "a b", "a%b", "a%2Fb", "a/b", "/a", "a/", "a//b", "é", "a?b", "a#b", "a+b", "a&b", ";"})
    void everyIdIsItsOwnDocumentsAddress(String id) {
        String other = id.replaceAll("[;?#].*", "") + "-other";
        for (String one : List.of(id, other)) {
            ObjectNode document = Http.JSON.createObjectNode().put("id", one).put("text", "Text of " + one);
            add(document.toString());
        }
        String encoded = encode(id);
        for (String path : List.of("/documents/" + encoded, "/documents?id=" + encoded)) {
            assertEquals(id, Http.get(path).expect(200).get("id").asText(), path);
        }
        assertEquals(204, Http.delete("/documents/" + encoded).status());
        assertEquals(404, Http.get("/documents?id=" + encoded).status());
        assertEquals(404, Http.delete("/documents?id=" + encoded).status());
        Http.get("/documents/" + encode(other)).expect(200);
    }

    private static String encode(String id) {
        return URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20");
    }

    @Test
    void aParameterBehindASemicolonIsPartOfTheId() {
        add("{\"id\":\"report\",\"text\":\"One.\"}");
        assertEquals(404, Http.delete("/documents/report;v=2").status());
        Http.get("/documents/report").expect(200);
        add("{\"id\":\"report;v=2\",\"text\":\"Two.\"}");
        assertEquals(204, Http.delete("/documents/report;v=2").status());
        Http.get("/documents/report").expect(200);
    }
}
