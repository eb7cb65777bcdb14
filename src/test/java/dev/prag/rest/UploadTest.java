package dev.prag.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.prag.answering.DemoCorpus;
import dev.prag.corpus.Corpus;
import dev.prag.database.DatabaseResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Files sent to the service, and waiting for what becomes of them. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class UploadTest {
    private static final Path FILES = Path.of("src/test/resources/documents");
    private static final String BOUNDARY = "----9051914041544843365972754266";

    @Inject
    Corpus corpus;

    @Inject
    DemoCorpus demo;

    private final ByteArrayOutputStream form = new ByteArrayOutputStream();

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
    void filesAreKeptAndRefusedOneByOne() throws IOException {
        file("ferry.pdf", Files.readAllBytes(FILES.resolve("ferry.pdf")));
        file("encrypted.pdf", Files.readAllBytes(FILES.resolve("encrypted.pdf")));
        file("Übersicht.md", "# Plan\n\nVera lives in Torsby.".getBytes(StandardCharsets.UTF_8));
        file("picture.png", new byte[] {1});
        file("bad.jsonl", "{\"text\":\"x\"}\nnonsense".getBytes(StandardCharsets.UTF_8));
        file("ferry.pdf", "x".getBytes(StandardCharsets.UTF_8));
        field("metadata", "{\"product\":\"X\",\"author\":\"Somebody else\"}");
        field("readers", "user:vera");
        field("readers", "blue");
        JsonNode accepted = send("").expect(202);
        assertEquals(List.of("ferry.pdf", "Übersicht.md"), texts(accepted.get("ids")));
        assertEquals(
                List.of("encrypted.pdf", "picture.png", "bad.jsonl", "ferry.pdf"),
                texts(accepted.get("refused"), "name"));
        List<String> reasons = texts(accepted.get("refused"), "reason");
        assertTrue(reasons.get(0).contains("encrypted"), reasons.toString());
        assertTrue(reasons.get(1).contains("not read"), reasons.toString());
        assertTrue(reasons.get(2).contains("line 2"), reasons.toString());

        JsonNode document = Http.get("/documents/ferry.pdf").expect(200);
        assertEquals("The Ferry to Torsby", document.get("title").asText());
        assertEquals("X", document.get("metadata").get("product").asText());
        assertEquals("Somebody else", document.get("metadata").get("author").asText());
        assertEquals(List.of("blue", "user:vera"), texts(document.get("readers")));
        JsonNode passage = document.get("passages").get(0);
        assertEquals(1, passage.get("page").asInt());
        assertEquals(
                1,
                Http.get("/passages/" + passage.get("id").asText())
                        .expect(200)
                        .get("page")
                        .asInt());
        assertEquals(
                "Plan",
                Http.get("/documents?id=%C3%9Cbersicht.md")
                        .expect(200)
                        .get("title")
                        .asText());
    }

    @Test
    void anArchiveIsItsFiles() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (String name : List.of("people.csv", "page.html", "scanned.pdf")) {
                zip.putNextEntry(new ZipEntry("in/" + name));
                zip.write(Files.readAllBytes(FILES.resolve(name)));
            }
        }
        file("all.zip", bytes.toByteArray());
        JsonNode accepted = send("").expect(202);
        assertEquals(List.of("all.zip/in/people.csv", "all.zip/in/page.html"), texts(accepted.get("ids")));
        assertEquals(
                "all.zip/in/scanned.pdf",
                accepted.get("refused").get(0).get("name").asText());
    }

    @Test
    void aTitleAndAHashAsId() {
        file("note.txt", "Ole lives in Kirkby.".getBytes(StandardCharsets.UTF_8));
        field("title", "About Ole");
        field("ids", "hash");
        String id = send("").expect(202).get("ids").get(0).asText();
        assertEquals(64, id.length());
        assertEquals(
                "About Ole",
                Http.get("/documents/" + id).expect(200).get("title").asText());
    }

    @Test
    void whatIsNoFormIsRefused() {
        file("a.txt", " ".getBytes(StandardCharsets.UTF_8));
        file("b.png", new byte[1]);
        send("").problem(400, "a.txt", "no text", "b.png");
        assertEquals(0, corpus.documents());

        form.reset();
        field("title", "Alone");
        send("").problem(400, "no file");

        form.reset();
        file("a.txt", "A.".getBytes(StandardCharsets.UTF_8));
        file("b.txt", "B.".getBytes(StandardCharsets.UTF_8));
        field("title", "Both");
        send("").problem(400, "title", "2 were sent");

        form.reset();
        file("a.txt", "A.".getBytes(StandardCharsets.UTF_8));
        field("metadata", "[]");
        send("").problem(400, "metadata", "JSON object");

        form.reset();
        file("a.txt", "A text that is cut off.".getBytes(StandardCharsets.UTF_8));
        Http.post(
                        "/documents",
                        "multipart/form-data; boundary=" + BOUNDARY,
                        Arrays.copyOf(form.toByteArray(), form.size() - 10))
                .problem(400, "ends too early");
        Http.post("/documents", "multipart/form-data", form.toByteArray()).problem(400, "no boundary");
        assertEquals(0, corpus.documents());
    }

    @Test
    void manyPartsAreTooMany() {
        for (int i = 0; i < 1001; i++) {
            field("x", "y");
        }
        send("").problem(413, "1000 parts");
    }

    @Test
    void whoWaitsHearsOfTheStates() {
        file("a.txt", "Vera lives in Torsby.".getBytes(StandardCharsets.UTF_8));
        JsonNode late = send("?wait=ready&timeout=1").expect(202);
        assertEquals("{\"PENDING\":1}", late.get("states").toString());

        String document = demo.ingest(DemoCorpus.ANCHOR);
        demo.encode(document);
        String same = Http.JSON
                .createObjectNode()
                .put("id", document)
                .put(
                        "title",
                        Http.get("/documents/" + document).json().get("title").asText())
                .put(
                        "text",
                        Http.get("/documents/" + document)
                                .json()
                                .get("passages")
                                .get(0)
                                .get("text")
                                .asText())
                .toString();
        JsonNode ready = Http.post("/documents?wait=ready", same).expect(200);
        assertEquals("{\"READY\":1}", ready.get("states").toString());
        assertEquals("unchanged", ready.get("documents").get(0).get("outcome").asText());

        Http.post("/documents?wait=done", same).problem(400, "wait", "done");
        Http.post("/documents?wait=ready&timeout=soon", same).problem(400, "timeout", "soon");
        Http.post("/documents?wait=ready&timeout=601", same).problem(400, "601");
    }

    private void file(String name, byte[] content) {
        part(
                "Content-Disposition: form-data; name=\"file\"; filename=\"" + name
                        + "\"\r\nContent-Type: application/octet-stream",
                content);
    }

    private void field(String name, String value) {
        part("Content-Disposition: form-data; name=\"" + name + "\"", value.getBytes(StandardCharsets.UTF_8));
    }

    private void part(String head, byte[] content) {
        form.writeBytes(("--" + BOUNDARY + "\r\n" + head + "\r\n\r\n").getBytes(StandardCharsets.UTF_8));
        form.writeBytes(content);
        form.writeBytes("\r\n".getBytes(StandardCharsets.UTF_8));
    }

    private Http.Reply send(String query) {
        form.writeBytes(("--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.UTF_8));
        return Http.post("/documents" + query, "multipart/form-data; boundary=" + BOUNDARY, form.toByteArray());
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(one -> texts.add(one.asText()));
        return texts;
    }

    private static List<String> texts(JsonNode list, String field) {
        List<String> texts = new ArrayList<>();
        list.forEach(one -> texts.add(one.get(field).asText()));
        return texts;
    }
}
