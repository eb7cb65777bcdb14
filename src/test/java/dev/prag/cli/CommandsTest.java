package dev.prag.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.adapterstore.AdapterStore;
import dev.prag.answering.DemoCorpus;
import dev.prag.base.Hashes;
import dev.prag.base.Home;
import dev.prag.corpus.AdapterMeasure;
import dev.prag.corpus.Corpus;
import dev.prag.corpus.EncodingQueue;
import dev.prag.corpus.LeasedPassage;
import dev.prag.corpus.Registration;
import dev.prag.corpus.Targets;
import dev.prag.database.DatabaseResource;
import dev.prag.llm.ModelFolder;
import dev.prag.lora.PeftFolder;
import dev.prag.parameterization.Recipes;
import dev.prag.runtime.ModelRuntime;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that work on a home, inside the service. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class CommandsTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @Inject
    DemoCorpus demo;

    @Inject
    Corpus corpus;

    @Inject
    Home home;

    @Inject
    AdapterStore store;

    @Inject
    EncodingQueue queue;

    @Inject
    Targets targets;

    @Inject
    ModelRuntime runtime;

    @Inject
    Recipes recipes;

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

        String closed = prag("ingest", "--reader", "blue", "--reader", "user:vera", note.toString())
                .succeeded();
        assertTrue(closed.contains("0 added, 1 changed, 0 unchanged"), closed);
        assertTrue(prag("document", "show", note.toString()).succeeded().contains("Readers    blue, user:vera"));
        prag("ingest", "--reader", " ", note.toString()).refused("--reader", "without a name");

        Path bad = Files.writeString(folder.resolve("bad.jsonl"), "{\"id\":3,\"text\":\"Three.\"}\n{\"id\":4}\n");
        prag("ingest", note.toString(), bad.toString()).refused("bad.jsonl line 2", "text");
        prag("ingest", folder.resolve("none").toString()).refused("none", "does not exist");
        prag("ingest", Files.writeString(folder.resolve("e.txt"), " ").toString())
                .refused("e.txt", "empty");
        assertEquals(3, corpus.documents());
    }

    @Test
    void filesOfPeopleAndWhoKeepsGoing() throws IOException {
        Path files = Path.of("src/test/resources/documents").toAbsolutePath();
        String ferry = files.resolve("ferry.pdf").toString();
        String scanned = files.resolve("scanned.pdf").toString();
        documents.add(ferry);
        prag("ingest", ferry, scanned).refused("scanned.pdf", "has no text", "ocrmypdf");
        assertEquals(0, corpus.documents());
        Run going = prag(
                "ingest",
                "--keep-going",
                scanned,
                ferry,
                folder.resolve("none.pdf").toString());
        assertEquals(2, going.exit());
        assertTrue(going.out().startsWith("1 documents with 1 passages: 1 added"), going.out());
        assertTrue(going.out().contains("refused: document " + scanned + " has no text"), going.out());
        assertTrue(going.out().contains("none.pdf does not exist"), going.out());
        String shown = prag("document", "show", ferry).succeeded();
        assertTrue(shown.contains("Passage 1  PENDING  page 1"), shown);
        assertTrue(shown.contains("Title      The Ferry to Torsby"), shown);
        for (String[] chosen : new String[][] {
            {"--title", "ferry"}, {"--state", "PENDING"}, {"--filter", "format=pdf"}, {"--filter", "pages=3"}
        }) {
            String listed = prag("document", "list", chosen[0], chosen[1]).succeeded();
            assertTrue(listed.contains(ferry) && listed.contains("1 documents"), listed);
        }
        assertEquals(
                "0 documents",
                prag("document", "list", "--state", "FAILED").succeeded().strip());
        prag("document", "list", "--filter", "pages>2").refused("pages", "bounds");
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
        String text =
                corpus.get("b", "m", "r").orElseThrow().passages().getFirst().text();
        Files.createDirectories(home.path("tuning"));
        Path sample =
                Files.writeString(home.path("tuning", "s.jsonl"), "\n{\"texts\":[\"" + Hashes.sha256(text) + "\"]}");
        assertEquals(
                "2 documents deleted",
                prag("document", "delete", "b", "c", "b").succeeded().strip());
        assertEquals(List.of("a/1"), corpus.ids());
        assertFalse(Files.exists(sample), "what tuning kept of a document that is gone");

        Path inner = Files.createDirectories(home.path("tuning", "odd.jsonl", "inner"));
        Run kept = prag("document", "delete", "a/1");
        Files.delete(inner);
        Files.delete(inner.getParent());
        assertTrue(kept.exit() == 1 && kept.err().contains("the documents are deleted, but not"), kept.err());
        assertEquals(List.of(), corpus.ids());
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
        assertTrue(prag("ask", DemoCorpus.QUESTION, "--method", "in-context", "--filter", "year>1900")
                .succeeded()
                .contains("no passage for this question among those that pass the filter"));
        String traced =
                prag("ask", DemoCorpus.QUESTION, "--method", "ircot", "--trace").succeeded();
        assertTrue(traced.contains("retrieval 1, question\n") && traced.contains("retrieval 2, reasoning\n"), traced);
        assertTrue(traced.contains("query  " + DemoCorpus.QUESTION), traced);
        assertTrue(prag("ask", "Who?", "--method", "closed-book", "--trace")
                .succeeded()
                .contains("nothing was retrieved"));
        prag("ask", "Who?", "--filter", "year").refused("filter \"year\" is none", "key=value");
        prag("ask", " ").refused("question is empty");
        prag("ask", "Who?", "--method", "magic").refused("magic", "parametric");
        prag("ask", "Who?", "--weighting", "heavy").refused("heavy");
        prag("ask", "Who?", "--top-k", "0").refused("topK is 0");
        prag("ask", "Who?", "--scope", "question").refused("scope question", "prompt, answer");
        prag("ask", "Who?", "--strength", "-1").refused("strength is -1.0");
        String plain = prag("ask", DemoCorpus.QUESTION, "--strength", "0", "--scope", "answer")
                .succeeded();
        assertTrue(plain.contains("in the prompt") && plain.contains("strength of adapters is 0"), plain);
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
        assertEquals(1, run.out().strip().lines().count(), "JSON and nothing else: " + run.out());
        assertEquals(1, report.at("/adapters/parametric/passages").asInt(), run.out());
        assertEquals(0, report.at("/adapters/parametric/without_adapter").asInt(-1), run.out());
        String one = prag("evaluate", "--questions", questions.toString(), "--methods", "in-context", "--limit", "1")
                .succeeded();
        assertTrue(one.contains("single (1)") && !one.contains("untyped"), one);
        JsonNode rows = prag(
                        "evaluate",
                        "--questions",
                        questions.toString(),
                        "--methods",
                        "in-context",
                        "--compose",
                        "combined:strength=.25,scope=answer",
                        "--probes",
                        "1",
                        "--json")
                .json();
        assertEquals(
                2,
                rows.at("/methods/combined:strength=0.25,scope=answer/total/n").asInt(),
                rows::toString);
        assertEquals(1, rows.at("/against_in-context").size(), rows::toString);
        prag("evaluate", "--questions", questions.toString(), "--compose", "combined:force=1")
                .refused("compose combined:force=1", "\"force\" is no choice");
        prag("evaluate", "--questions", questions.toString(), "--probes", "-1").refused("probes is -1");
        prag("evaluate", "--questions", folder.resolve("none").toString()).refused("none", "does not exist");
        prag("evaluate", "--questions", questions.toString(), "--methods", "magic")
                .refused("magic");
        prag("evaluate", "--questions", questions.toString(), "--limit", "0").refused("limit is 0");
    }

    @Test
    void evaluateSaysWhichAdaptersAreMissingAndWritesAnswers() throws IOException {
        demo.encode(demo.ingest(DemoCorpus.ANCHOR));
        demo.ingest(DemoCorpus.STAIR);
        Path questions = Files.writeString(
                folder.resolve("questions.jsonl"),
                "{\"question\":\"" + DemoCorpus.QUESTION + "\",\"answer\":\"France\",\"type\":\"single\","
                        + "\"gold\":[\"The Anchor of Raeclaint\"]}\n");
        Path answers = folder.resolve("answers.jsonl");
        String[] args = {
            "evaluate", "--questions", questions.toString(), "--methods", "in-context,parametric", "--out", ""
        };
        args[6] = answers.toString();
        String table = prag(args).succeeded();
        assertTrue(
                table.contains("parametric: 1 of 2 passages stood in the prompt for want of an adapter (1 pending)"),
                table);
        assertFalse(table.contains("in-context: "), table);
        List<String> lines = Files.readAllLines(answers);
        assertEquals(2, lines.size());
        JsonNode line = JSON.readTree(lines.get(1));
        assertEquals("parametric", line.get("method").asText());
        assertEquals(DemoCorpus.QUESTION, line.get("question").asText());
        assertEquals("France", line.at("/answers/0").asText());
        assertEquals("The Anchor of Raeclaint", line.at("/gold/0").asText());
        assertTrue(line.has("answer") && line.has("f1") && line.has("em"), lines.get(1));
        double generate = line.get("generate").asDouble();
        assertTrue(
                generate > 0
                        && line.get("compose").asDouble() > 0
                        && line.get("seconds").asDouble() > generate,
                lines.get(1));
        assertEquals("adapter", line.at("/passages/0/through").asText());
        assertTrue(line.at("/passages/0/weight").isNumber()
                && !line.at("/passages/0").has("withoutAdapter"));
        assertEquals("pending", line.at("/passages/1/withoutAdapter").asText());
        assertTrue(line.at("/notes/0").asText().contains("no adapter yet"), lines.get(1));
        prag(args).succeeded();
        JsonNode each = JSON.readTree(
                prag("evaluate", "--questions", args[2], "--methods", args[4], "--out", args[6], "--json", "--each")
                        .succeeded());
        assertEquals(generate, each.at("/answers/1/questions/0/generate").asDouble());
        assertEquals(lines, Files.readAllLines(answers), "nothing was asked again");
        prag("evaluate", "--questions", args[2], "--each").refused("give --json");
        for (String bad : List.of(folder.toString(), questions.toString(), folder + "/none/answers.jsonl")) {
            args[6] = bad;
            prag(args).refused("out: ");
        }
        assertEquals(1, Files.readAllLines(questions).size());
        args[6] = answers.toString();
        args[4] = "magic";
        prag(args).refused("magic");
        assertEquals(2, Files.readAllLines(answers).size(), "a refused run replaces nothing");
    }

    @Test
    void adapterReport() throws IOException {
        demo.encode(demo.ingest(DemoCorpus.ANCHOR));
        String none = prag("adapter", "report").succeeded();
        assertTrue(none.contains("No adapter was measured"), none);
        String recipe = recipes.current().hash();
        demo.ingest(DemoCorpus.STAIR);
        LeasedPassage leased = queue.lease(runtime.modelId(), recipe, 1, "test", Duration.ofSeconds(20))
                .getFirst();
        queue.saveMeasure(leased.encodingId(), "test", new AdapterMeasure(1.5, 1.75, 2.5, 0.125, 2, 0.001, 0.64));
        queue.withhold(leased.encodingId(), "test", "of little use");
        String report = prag("adapter", "report").succeeded();
        assertTrue(report.contains("1 adapters measured"), report);
        assertTrue(report.contains("   0.250    0.125    1.500    1.750    2.500     0.64  "), report);
        assertTrue(report.contains("withheld: of little use"), report);
        assertTrue(report.contains("0.250  █"), report);
        Path picture = folder.resolve("report.svg");
        JsonNode json =
                prag("adapter", "report", "--json", "--svg", picture.toString()).json();
        assertEquals(0.25, json.at("/gain/median").asDouble());
        assertEquals("WITHHELD", json.at("/worst/0/state").asText());
        assertEquals(2, json.at("/worst/0/trainings").asInt());
        assertEquals(0.64, json.at("/worst/0/strength").asDouble());
        String svg = Files.readString(picture);
        assertTrue(svg.startsWith("<svg") && svg.contains("median 0.125") && svg.contains("1 from 0.250"), svg);
        assertEquals(1, prag("status", "--json").json().at("/passages/withheld").asInt());
        assertTrue(prag("status").succeeded().contains("1 withheld"));
        assertTrue(prag("target", "list").succeeded().contains("1 withheld"));
        prag("adapter", "report", "--worst", "-1").refused("--worst");
        assertEquals(
                1, prag("adapter", "report", "--svg", folder + "/none/x.svg").exit());
    }

    @Test
    void adapterCheck() {
        String id = demo.encode(demo.ingest(DemoCorpus.ANCHOR));
        assertTrue(prag("adapter", "check").succeeded().contains("1 adapters checked: all are right"));
        byte[] bytes = store.get(id).orElseThrow();
        store.delete(id);
        Run found = prag("adapter", "check");
        assertEquals(1, found.exit(), found.out());
        assertTrue(found.out().contains(id.substring(0, 12)) && found.out().contains("missing"), found.out());
        assertEquals(1, prag("status", "--json").json().at("/passages/ready").asInt(), "looking changes nothing");
        byte[] other = bytes.clone();
        other[other.length - 1] ^= 1;
        store.put(id, other);
        assertTrue(prag("adapter", "check").out().contains("not the one that was trained"));
        store.put(id, bytes);
        assertEquals(0, prag("adapter", "check").exit());
        store.delete(id);
        String repaired = prag("adapter", "check", "--repair").succeeded();
        assertTrue(repaired.contains("1 are pending again"), repaired);
        assertEquals(1, prag("status", "--json").json().at("/passages/pending").asInt());
        assertTrue(prag("adapter", "check").succeeded().contains("0 adapters checked"));
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
        prag("encode", "--budget", "20min").refused("budget 20min", "20m");
    }

    @Test
    void indexRebuild() {
        demo.ingest(DemoCorpus.STAIR);
        assertEquals(
                "index rebuilt: 1 passages",
                prag("index", "rebuild").succeeded().strip());
    }

    @Test
    void whatFailedIsNamedWithWhatTheModelWrote() {
        String document = demo.ingest(DemoCorpus.ANCHOR);
        String model = runtime.modelId();
        String recipe = recipes.current().hash();
        Registration.of(targets, model, recipe);
        LeasedPassage passage =
                queue.lease(model, recipe, 1, "test", Duration.ofSeconds(20)).getFirst();
        queue.fail(passage.encodingId(), "test", "the model made no pairs", "pairs 1: I'd rather not.", true);

        String status = prag("status").succeeded();
        assertTrue(status.contains("passage 1 of \"The Anchor of Raeclaint\" (" + document + ")"), status);
        assertTrue(status.contains("the model made no pairs") && !status.contains("rather not"), status);
        assertTrue(prag("status", "--failed").succeeded().contains("rather not"));
        JsonNode failure = prag("status", "--failed", "--json").json().at("/failures/0");
        assertEquals(document, failure.get("document").asText());
        assertEquals(passage.text(), failure.get("text").asText());
        assertEquals("pairs 1: I'd rather not.", failure.get("detail").asText());
        Run encode = prag("encode");
        assertEquals(1, encode.exit(), "it is given up");
        assertTrue(
                encode.out().contains("Passages given up: 1") && !encode.out().contains("Nothing"), encode.out());
        corpus.delete(document);
        assertEquals("Nothing is left to encode.", prag("encode").succeeded().strip());
    }
}
