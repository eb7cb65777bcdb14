package dev.prag.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.prag.answering.DemoCorpus;
import dev.prag.corpus.Corpus;
import dev.prag.corpus.DatabaseResource;
import dev.prag.llm.ModelFolder;
import dev.prag.lora.PeftFolder;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that work on a home, inside the service. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class CommandsTest {
    @Inject
    DemoCorpus demo;

    @Inject
    Corpus corpus;

    @TempDir
    Path folder;

    private final List<String> documents = new ArrayList<>();

    @AfterEach
    void leaveNothing() {
        demo.clear();
        documents.forEach(corpus::delete);
        assertEquals(0, corpus.documents());
    }

    private static Run prag(String... args) {
        return Run.of(new Main.Beans(), args);
    }

    @Test
    void ingestAndStatus() throws IOException {
        Path note = Files.writeString(folder.resolve("note.txt"), "Quexby is a village.");
        Path lines = Files.writeString(folder.resolve("lines.jsonl"), "{\"id\":1,\"text\":\"One.\"}\n");
        documents.addAll(List.of(note.toString(), "1", "2"));
        String first = prag("ingest", note.toString(), lines.toString()).succeeded();
        assertEquals("2 documents with 2 passages: 2 added, 0 changed, 0 unchanged", first.strip());
        Files.writeString(lines, "{\"id\":1,\"text\":\"One, changed.\"}\n");
        String again = prag("ingest", folder.toString()).succeeded();
        assertTrue(again.contains("0 added, 1 changed, 1 unchanged"), again);
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream("{\"id\":2,\"text\":\"Zwei: ß.\"}".getBytes(StandardCharsets.UTF_8)));
        try {
            prag("ingest", "-").succeeded();
        } finally {
            System.setIn(before);
        }
        JsonNode status = prag("status", "--json").json();
        assertEquals(3, status.get("documents").asInt());
        assertEquals(3, status.at("/passages/pending").asInt());
        assertEquals(0, status.at("/passages/ready").asInt());
        assertEquals(0, status.at("/passages/failed").asInt());
        assertEquals("demo", status.get("recipe").asText());
        String people = prag("status").succeeded();
        assertTrue(people.contains("3 pending") && people.contains("prag encode"), people);

        Path bad = Files.writeString(folder.resolve("bad.jsonl"), "{\"id\":3,\"text\":\"Three.\"}\n{\"id\":4}\n");
        prag("ingest", note.toString(), bad.toString()).refused("bad.jsonl line 2", "text");
        prag("ingest", folder.resolve("none").toString()).refused("none", "does not exist");
        prag("ingest", Files.writeString(folder.resolve("e.txt"), " ").toString())
                .refused("e.txt", "empty");
        assertEquals(3, corpus.documents());
    }

    @Test
    void whatIsPassedOverAndLeftOutIsTold() throws IOException {
        Path note = Files.writeString(
                folder.resolve("note.md"), "# T\n\nText. ![](data:image/png;base64," + "QUJD".repeat(100) + ")");
        Files.writeString(folder.resolve("empty.txt"), "");
        Files.writeString(folder.resolve(".hidden.txt"), "x");
        Files.createSymbolicLink(folder.resolve("loop"), folder);
        documents.add(note.toString());
        String[] lines = prag("ingest", folder.toString()).succeeded().split("\\R");
        assertEquals(
                List.of(
                        "1 documents with 1 passages: 1 added, 0 changed, 0 unchanged",
                        "passed over: 1 hidden (" + folder.resolve(".hidden.txt") + ")",
                        "passed over: 1 without text (" + folder.resolve("empty.txt") + ")",
                        "passed over: 1 links to what is read already, or to nothing (" + folder.resolve("loop") + ")",
                        "note: " + note + ": left out 1 data URI, 422 characters together"),
                List.of(lines));
        prag("ingest", "").refused("path is empty");
        prag("ingest", note.toString(), " ").refused("path is empty");
        prag("ingest", Files.writeString(folder.resolve("d.json"), "[]").toString())
                .refused("d.json", "jsonl");
        assertEquals(1, corpus.documents());
    }

    @Test
    void documents() throws IOException {
        Path lines = Files.writeString(
                folder.resolve("lines.jsonl"),
                "{\"id\":\"a/1\",\"title\":\"One\",\"text\":\"# H\\n\\nOne.\",\"metadata\":{\"n\":1.10}}\n"
                        + "{\"id\":\"b\",\"text\":\"Two.\"}\n{\"id\":\"c\",\"text\":\"Three.\"}\n");
        documents.addAll(List.of("a/1", "b", "c"));
        prag("ingest", lines.toString()).succeeded();
        assertEquals(
                List.of("a/1  1 passages  One", "b  1 passages  (untitled)", "2 of 3 documents"),
                List.of(prag("document", "list", "--limit", "2").succeeded().split("\\R")));
        JsonNode list = prag("document", "list", "--skip", "2", "--json").json();
        assertEquals(3, list.get("count").asInt());
        assertEquals("c", list.at("/documents/0/id").asText());
        prag("document", "list", "--limit", "0").refused("limit 0");
        String shown = prag("document", "show", "a/1").succeeded();
        assertTrue(shown.contains("Passage 1  PENDING  H\n# H") && shown.contains("{\"n\":1.10}"), shown);
        JsonNode json = prag("document", "show", "a/1", "--json").json();
        assertEquals("H", json.at("/passages/0/headings").asText());
        prag("document", "show", "a").refused("\"a\"", "document list");
        assertEquals(
                "3 documents cut again: 0 changed, 3 unchanged",
                prag("document", "reindex").succeeded().strip());
        assertEquals(
                "1 documents cut again: 0 changed, 1 unchanged",
                prag("document", "reindex", "b").succeeded().strip());
        prag("document", "reindex", "b", "none").refused("\"none\"");
        prag("document", "delete", "b", "none", "nor").refused("\"none\"", "\"nor\"");
        assertEquals(3, corpus.documents());
        assertEquals(
                "2 documents deleted",
                prag("document", "delete", "b", "c", "b").succeeded().strip());
        assertEquals(List.of("a/1"), corpus.ids());
    }

    @Test
    void ask() {
        demo.encode(demo.ingest(DemoCorpus.ANCHOR));
        JsonNode answer = prag("ask", DemoCorpus.QUESTION, "--weighting", "sum", "--top-k", "1", "--json")
                .json();
        assertEquals("France", answer.get("answer").asText());
        assertEquals("adapter", answer.at("/passages/0/through").asText());
        String people = prag("ask", DemoCorpus.QUESTION, "--weighting", "sum").succeeded();
        assertTrue(people.startsWith("France\n"), people);
        assertTrue(people.contains("adapter, weight 1.00") && people.contains("The Anchor of Raeclaint"), people);
        String prompted =
                prag("ask", DemoCorpus.QUESTION, "--method", "in-context").succeeded();
        assertTrue(prompted.contains("in the prompt"), prompted);
        assertTrue(prag("ask", "Qwertz?").succeeded().contains("note: retrieval found no passage"));
        prag("ask", " ").refused("question is empty");
        prag("ask", "Who?", "--method", "magic").refused("magic", "parametric");
        prag("ask", "Who?", "--weighting", "heavy").refused("heavy");
        prag("ask", "Who?", "--top-k", "0").refused("topK is 0");
        prag("ask", "why ".repeat(3000), "--method", "closed-book").refused("context");
    }

    @Test
    void evaluate() throws IOException {
        demo.encode(demo.ingest(DemoCorpus.ANCHOR));
        Path questions = Files.writeString(
                folder.resolve("questions.jsonl"),
                "{\"question\":\"" + DemoCorpus.QUESTION + "\",\"answer\":\"France\",\"type\":\"single\","
                        + "\"gold\":[\"The Anchor of Raeclaint\"]}\n{\"question\":\"Who?\",\"answer\":\"nobody\"}\n");
        Run run =
                prag("evaluate", "--questions", questions.toString(), "--methods", "closed-book,parametric", "--json");
        JsonNode report = run.json();
        assertEquals(1, report.at("/methods/parametric/single/f1").asInt());
        assertEquals(2, report.at("/methods/closed-book/total/n").asInt());
        assertEquals(1, report.at("/retrieval/hit_rate").asInt());
        assertTrue(run.out().startsWith("F1 "), run.out());
        String one = prag("evaluate", "--questions", questions.toString(), "--methods", "in-context", "--limit", "1")
                .succeeded();
        assertTrue(one.contains("single (1)") && !one.contains("untyped"), one);
        prag("evaluate", "--questions", folder.resolve("none").toString()).refused("none", "does not exist");
        prag("evaluate", "--questions", questions.toString(), "--methods", "magic")
                .refused("magic");
        prag("evaluate", "--questions", questions.toString(), "--limit", "0").refused("limit is 0");
    }

    @Test
    void adapters() throws IOException {
        assertTrue(prag("adapter", "list").succeeded().contains("0 adapters"));
        String id = demo.encode(demo.ingest(DemoCorpus.ANCHOR));
        String list = prag("adapter", "list").succeeded();
        assertTrue(list.startsWith(id.substring(0, 12)) && list.contains("1 adapters"), list);
        assertEquals(
                id,
                prag("adapter", "list", "--json").json().at("/adapters/0/id").asText());
        Path peft = folder.resolve("peft");
        prag("adapter", "export", id.substring(0, 12), peft.toString()).succeeded();
        var shape = ModelFolder.open(Path.of("src/main/demo/model")).config().decoderShape();
        assertEquals(2, PeftFolder.read(peft, shape).rank());
        prag("adapter", "export", id, peft.toString()).refused("not empty");
        prag("adapter", "export", "feed", folder.resolve("x").toString()).refused("feed", "adapter list");
        assertFalse(Files.exists(folder.resolve("x")));
        Path file = Files.writeString(folder.resolve("file"), "x");
        prag("adapter", "export", id, file.toString()).refused("is a file");
    }

    @Test
    void encodeRefusesAnEmptyBatch() {
        prag("encode", "--batch", "0").refused("batch 0");
    }

    @Test
    void indexRebuild() {
        demo.ingest(DemoCorpus.STAIR);
        assertEquals(
                "index rebuilt: 1 passages",
                prag("index", "rebuild").succeeded().strip());
    }
}
