package dev.prag.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.prag.answering.DemoCorpus;
import dev.prag.corpus.Corpus;
import dev.prag.database.DatabaseResource;
import dev.prag.documents.DocumentInput;
import dev.prag.lora.Adapter;
import dev.prag.lora.PeftFolder;
import dev.prag.runtime.ModelRuntime;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lists of documents, passages one by one, and the progress of encoding. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class DocumentListTest {
    @Inject
    DemoCorpus demo;

    @Inject
    Corpus corpus;

    @Inject
    ModelRuntime runtime;

    @BeforeEach
    void beginWithNothing() {
        corpus.deleteAll(corpus.ids());
    }

    @AfterEach
    void leaveNothing() {
        demo.clear();
        corpus.deleteAll(corpus.ids());
    }

    @Test
    void pagesHoldEachDocumentOnceTheNewestFirst() {
        for (int i = 0; i < 7; i++) {
            ingest("d" + i, "Title " + i, Map.of());
        }
        List<String> seen = new ArrayList<>();
        JsonNode page = Http.get("/documents?limit=3").expect(200);
        assertEquals(7, page.get("total").asLong());
        while (true) {
            seen.addAll(ids(page));
            assertTrue(page.get("documents").size() <= 3);
            if (page.get("next").isNull()) {
                break;
            }
            // What comes meanwhile moves nothing.
            ingest("late" + seen.size(), "Late", Map.of());
            page = Http.get("/documents?limit=3&after=" + page.get("next").asText())
                    .expect(200);
        }
        assertEquals(List.of("d6", "d5", "d4", "d3", "d2", "d1", "d0"), seen);
    }

    @Test
    void aRowHasItsStatesAndWhatWasGiven() {
        ingest("doc", "Harbour Street", Map.of("product", "X"));
        JsonNode row = Http.get("/documents").expect(200).get("documents").get(0);
        assertEquals("doc", row.get("id").asText());
        assertEquals("Harbour Street", row.get("title").asText());
        assertEquals("X", row.get("metadata").get("product").asText());
        assertEquals(1, row.get("passages").asInt());
        assertEquals("{\"PENDING\":1}", row.get("states").toString());
        assertTrue(row.get("readers").isEmpty());
        assertTrue(row.get("createdAt").isTextual());
    }

    @Test
    void titlesAreFoundByWordsAndTheirBeginnings() {
        ingest("a", "annual-report_2024.pdf", Map.of());
        ingest("b", "Annual Reports of the Harbour", Map.of());
        ingest("c", "Ferries", Map.of());
        assertEquals(List.of("b", "a"), ids(list("title=annual%20repo")));
        assertEquals(List.of("b"), ids(list("title=harb")));
        assertEquals(List.of("a"), ids(list("title=2024")));
        assertEquals(List.of(), ids(list("title=ual")));
        assertTrue(list("title=annual").get("total").isNull());
        Http.get("/documents?title=-").problem(400, "title", "no word");
    }

    @Test
    void metadataIsFilteredByValuesAtTheirPaths() {
        ingest("a", "A", Map.of("product", "X", "tags", List.of("red", "blue"), "size", 3));
        ingest("b", "B", Map.of("product", "Y", "maker", Map.of("name", "Ole")));
        ingest("c", "C", Map.of("product", "X", "maker", Map.of("name", "Vera")));
        assertEquals(List.of("c", "a"), ids(filtered("{\"product\":\"X\"}")));
        assertEquals(List.of("a"), ids(filtered("{\"product\":\"X\",\"tags\":\"blue\"}")));
        assertEquals(List.of("b"), ids(filtered("{\"maker.name\":\"Ole\"}")));
        assertEquals(List.of("c", "b"), ids(filtered("{\"maker.name\":[\"Ole\",\"Vera\"]}")));
        assertEquals(List.of("a"), ids(filtered("{\"size\":3.0}")));
        assertEquals(List.of(), ids(filtered("{\"size\":\"3\"}")));
        assertEquals(List.of("c", "a"), ids(filtered("{\"@document\":[\"a\",\"c\",\"x\"]}")));
        Http.get("/documents?filter=" + encoded("{\"size\":{\"gt\":1}}")).problem(400, "size", "bounds");
        Http.get("/documents?filter=" + encoded("{\"product\":null}")).problem(400, "product");
        Http.get("/documents?filter=x").problem(400, "filter", "JSON object");
    }

    @Test
    void statesAreThoseOfSomePassage() {
        String ready = demo.ingest(DemoCorpus.ANCHOR);
        demo.encode(ready);
        ingest("waits", "Waits", Map.of());
        assertEquals(List.of(ready), ids(list("state=READY")));
        assertEquals(List.of("waits"), ids(list("state=pending")));
        assertEquals(List.of(), ids(list("state=FAILED")));
        assertEquals(List.of(), ids(list("state=WITHHELD")));
        Http.get("/documents?state=DONE").problem(400, "DONE", "READY");
    }

    @Test
    void whatIsNoPageIsRefused() {
        Http.get("/documents?limit=0").problem(400, "limit 0");
        Http.get("/documents?limit=many").problem(400, "many");
        Http.get("/documents?after=x").problem(400, "after");
        Http.get("/documents?id=").problem(400, "no document is named");
    }

    @Test
    void aPassageShowsWhereItStands() {
        String document = demo.ingest(DemoCorpus.ANCHOR);
        JsonNode pending = passage(document);
        assertEquals("PENDING", pending.get("state").asText());
        assertTrue(pending.get("adapter").isNull());
        assertTrue(pending.get("augmentation").isNull());
        assertTrue(pending.get("page").isNull());
        Http.get("/passages/" + pending.get("id").asText() + "/adapter").problem(404, "no adapter", "PENDING");

        String adapter = demo.encode(document);
        JsonNode passage = passage(document);
        assertEquals(document, passage.get("document").asText());
        assertEquals(adapter, passage.get("adapter").get("id").asText());
        assertTrue(passage.get("adapter").get("bytes").asLong() > 0);
        assertTrue(passage.get("adapter").get("rank").asInt() > 0);
        Http.get("/passages/none").problem(404, "none", "not in the corpus");
        Http.get("/passages/none/adapter").problem(404, "none", "not in the corpus");
    }

    @Test
    void pairsOfPeopleAreSaidToBeTheirs() {
        Http.post(
                        "/documents",
                        "{\"id\":\"p\",\"text\":\"Nora Sundby made Harbour Street.\",\"pairs\":"
                                + "[{\"question\":\"Who made it?\",\"answer\":\"Nora Sundby\"}]}")
                .expect(202);
        JsonNode pair = passage("p").get("augmentation").get("pairs").get(0);
        assertEquals("Who made it?", pair.get("question").asText());
        assertEquals("given", pair.get("origin").asText());
    }

    @Test
    void theAdapterIsAFolderOfPeft(@TempDir Path folder) throws IOException, InterruptedException {
        String document = demo.ingest(DemoCorpus.ANCHOR);
        String id = demo.encode(document);
        HttpRequest request = HttpRequest.newBuilder(
                        Http.uri("/passages/" + passage(document).get("id").asText() + "/adapter"))
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            var response = client.send(request, BodyHandlers.ofInputStream());
            assertEquals(200, response.statusCode());
            assertEquals(
                    "application/zip",
                    response.headers().firstValue("Content-Type").orElseThrow());
            unpack(response.body(), folder);
        }
        Adapter adapter = PeftFolder.read(
                folder.resolve("adapter-" + id), runtime.folder().config().decoderShape());
        assertEquals(passage(document).get("adapter").get("rank").asInt(), adapter.rank());
    }

    private static void unpack(InputStream zip, Path folder) throws IOException {
        try (ZipInputStream entries = new ZipInputStream(zip)) {
            for (ZipEntry entry = entries.getNextEntry(); entry != null; entry = entries.getNextEntry()) {
                Path file = folder.resolve(entry.getName());
                Files.createDirectories(file.getParent());
                Files.copy(entries, file);
            }
        }
    }

    @Test
    void theProgressOfEncodingIsCountedAndWatched() throws IOException, InterruptedException {
        String document = demo.ingest(DemoCorpus.ANCHOR);
        HttpRequest request = HttpRequest.newBuilder(Http.uri("/encoding"))
                .header("Accept", "text/event-stream")
                .timeout(Duration.ofSeconds(60))
                .build();
        try (HttpClient client = HttpClient.newHttpClient();
                var lines = client.send(request, BodyHandlers.ofLines()).body()) {
            var events = lines.filter(line -> line.startsWith("data:"))
                    .map(line -> Http.parse(line.substring(5)))
                    .iterator();
            JsonNode status = events.next();
            while (status.get("waiting").asLong() != 1) {
                status = events.next();
            }
            assertEquals(0, status.get("ready").asLong());
            demo.encode(document);
            while (status.get("ready").asLong() == 0) {
                status = events.next();
            }
            assertEquals(0, status.get("waiting").asLong());
            assertEquals(0, status.get("secondsLeft").asLong());
            client.shutdownNow();
        }
        JsonNode status = Http.get("/encoding").expect(200);
        assertEquals(1, status.get("trained").asLong());
        assertTrue(status.get("tokensPerSecond").isNull(), "nobody trains in this process");
        assertNotNull(status.get("augmented"));
        assertFalse(status.get("failed").isNull());
    }

    private static JsonNode passage(String document) {
        String id = Http.get("/documents/" + document)
                .expect(200)
                .get("passages")
                .get(0)
                .get("id")
                .asText();
        return Http.get("/passages/" + id).expect(200);
    }

    private void ingest(String id, String title, Map<String, Object> metadata) {
        corpus.ingest(List.of(new DocumentInput(id, title, "Text of " + id + ".", metadata, null)));
    }

    private static JsonNode filtered(String filter) {
        return list("filter=" + encoded(filter));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static JsonNode list(String query) {
        return Http.get("/documents?" + query).expect(200);
    }

    private static List<String> ids(JsonNode page) {
        List<String> ids = new ArrayList<>();
        page.get("documents").forEach(row -> ids.add(row.get("id").asText()));
        return ids;
    }
}
