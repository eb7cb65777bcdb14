package dev.prag.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.answering.DemoCorpus;
import dev.prag.base.UserException;
import dev.prag.corpus.Corpus;
import dev.prag.database.DatabaseResource;
import dev.prag.documents.DocumentInput;
import dev.prag.parameterization.Composing;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.text.Normalizer.Form;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class EvaluatorTest {
    private static final List<Question> QUESTIONS = List.of(
            new Question(DemoCorpus.QUESTION, List.of("FRANCE!", "Gaul"), "single", List.of("The Anchor of Raeclaint")),
            new Question("Who directed Nothing At All?", List.of("nobody"), "other", List.of("Nothing At All")),
            new Question("Who?", List.of("somebody"), "other", List.of()));

    @Inject
    DemoCorpus demo;

    @Inject
    Evaluator evaluator;

    @Inject
    Corpus corpus;

    @AfterEach
    void leaveNothing() {
        demo.clear();
    }

    @Test
    void asksEveryQuestionWithEveryMethod() {
        demo.encode(demo.ingest(DemoCorpus.ANCHOR));
        List<String> heard = new ArrayList<>();
        Report report = evaluator.evaluate(
                QUESTIONS,
                List.of(Row.of("closed-book"), Row.of("parametric")),
                choices("sum"),
                (row, question, score) -> heard.add(row.name() + " " + question.type()));
        assertEquals(6, heard.size());
        assertEquals(List.of("closed-book single", "parametric single", "closed-book other"), heard.subList(0, 3));
        JsonNode json = report.toJson();
        assertEquals(1, json.at("/methods/parametric/single/em").asInt(), json.toString());
        assertEquals(0, json.at("/methods/closed-book/single/em").asInt(), json.toString());
        assertEquals(3, json.at("/methods/parametric/total/n").asInt());
        assertEquals(2, json.at("/methods/parametric/other/n").asInt());
        assertTrue(json.at("/methods/parametric/total/seconds").asDouble() > 0);
        assertEquals(2, json.at("/retrieval/n").asInt(), "of the questions that name the right documents");
        assertEquals(0.5, json.at("/retrieval/hit_rate").asDouble());
    }

    /** Both passages have the same adapter, which knows the answer to the first question. */
    @Test
    void compositionsAreMeasured() {
        demo.encode(demo.ingest(DemoCorpus.ANCHOR));
        demo.encode(demo.ingest(DemoCorpus.STAIR));
        List<Question> asked = List.of(
                new Question(DemoCorpus.QUESTION, List.of("France"), "single", List.of()),
                new Question(
                        "Who directed The Strange Stair of Woabrirk?",
                        List.of("Simon Trouqvist"),
                        "single",
                        List.of()));
        Evaluator.Choices choices = new Evaluator.Choices(Composing.parse("topK=1"), null, 2);
        JsonNode json = evaluator
                .evaluate(
                        asked,
                        List.of(
                                Row.of("in-context"),
                                Row.of("parametric"),
                                Row.parse("parametric:scope=answer"),
                                Row.parse("combined:strength=0")),
                        choices,
                        (row, question, score) -> {})
                .toJson();
        JsonNode compositions = json.get("compositions");
        assertEquals(2, compositions.size(), "rows without adapters in force aren't measured: " + json);
        for (JsonNode row : compositions) {
            assertEquals(2, row.get("n").asInt(), json::toString);
            assertTrue(row.get("gain").asDouble() > 0.5, json::toString);
            assertTrue(row.get("locality").asDouble() != 0, json::toString);
            assertTrue(
                    row.get("worst_locality").asDouble() <= row.get("locality").asDouble(), json::toString);
            assertEquals(1, row.get("own_against_wrong_n").asInt(), json::toString);
            assertEquals(0, row.get("own_against_wrong").asDouble(), 1e-4, "another copy of the same adapter");
        }
        assertTrue(!compositions.get("parametric").equals(compositions.get("parametric:scope=answer")), json::toString);
        assertEquals(3, json.get("against_in-context").size());
    }

    @Test
    void theProbedQuestionsAreSpreadEvenly() {
        assertEquals(
                List.of(3, 7),
                IntStream.range(0, 8)
                        .filter(i -> Evaluator.isProbed(i, 8, 2))
                        .boxed()
                        .toList());
        assertEquals(
                5,
                IntStream.range(0, 5).filter(i -> Evaluator.isProbed(i, 5, 16)).count());
        assertEquals(
                16,
                IntStream.range(0, 301)
                        .filter(i -> Evaluator.isProbed(i, 301, 16))
                        .count());
    }

    @Test
    void goldTitlesAreFoundHoweverTheirLettersAreSpelt() {
        corpus.ingest(List.of(new DocumentInput(
                "evaluated", Normalizer.normalize("Čapková", Form.NFD), "She founded it.", null, null)));
        try {
            Question asked = new Question("Who was Čapková?", List.of("a founder"), "single", List.of("Čapková"));
            Report report = evaluator.evaluate(
                    List.of(asked), List.of(Row.of("closed-book")), choices(null), (row, question, score) -> {});
            assertEquals(1, report.toJson().at("/retrieval/hit_rate").asDouble());
        } finally {
            corpus.delete("evaluated");
        }
    }

    @Test
    void mistakesAreFoundBeforeAnythingIsAsked() {
        assertTrue(refused(List.of("parametric", "magic"), null).contains("magic"));
        assertTrue(refused(List.of("parametric", "parametric"), null).contains("twice"));
        assertTrue(refused(List.of("parametric"), "heavy").contains("heavy"));
        assertTrue(refused(List.of("combined:strength=2", "combined:strength=2.0"), null)
                .contains("combined:strength=2 is named twice"));
        assertTrue(refused(List.of("combined:strength"), null).contains("combined:strength"));
    }

    @Test
    void aQuestionThatCannotBeAskedIsNamed() {
        Question endless = new Question("Why " + "why ".repeat(3000), List.of("because"), "other", List.of());
        UserException e = assertThrows(
                UserException.class,
                () -> evaluator.evaluate(
                        List.of(endless), List.of(Row.of("closed-book")), choices(null), (row, question, score) -> {}));
        assertEquals(UserException.Kind.TOO_LARGE, e.kind());
        assertTrue(e.getMessage().startsWith("question \"Why why why"), e.getMessage());
        assertTrue(e.getMessage().length() < 400, e.getMessage());
    }

    private static Evaluator.Choices choices(String weights) {
        return new Evaluator.Choices(
                weights == null ? Composing.OPEN : Composing.parse("topK=1,weights=" + weights), null, 0);
    }

    private String refused(List<String> methods, String weights) {
        return assertThrows(
                        UserException.class,
                        () -> evaluator.evaluate(
                                QUESTIONS,
                                methods.stream().map(Row::parse).toList(),
                                choices(weights),
                                (row, question, score) -> {
                                    throw new AssertionError("asked");
                                }))
                .getMessage();
    }

    @Test
    void severalAtOnceGiveWhatOneByOneGivesAndKeptAnswersAreNotAskedForAgain(@TempDir Path folder) throws IOException {
        demo.encode(demo.ingest(DemoCorpus.ANCHOR));
        List<Row> rows = List.of(Row.of("closed-book"), Row.of("in-context"), Row.of("parametric"));
        List<Question> asked = new ArrayList<>(QUESTIONS);
        for (String name : List.of("Simon Trouqvist", "The Anchor of Raeclaint", "Nobody")) {
            asked.add(new Question("What is " + name + "?", List.of(name), "made", List.of()));
        }
        JsonNode alone = comparable(
                evaluator.evaluate(asked, rows, new Evaluator.Choices(Composing.OPEN, null, 2), (row, q, score) -> {}));
        Path questions = Files.writeString(folder.resolve("questions.jsonl"), "");
        Path out = folder.resolve("answers.jsonl");
        Evaluator.Choices many = new Evaluator.Choices(Composing.OPEN, null, 2, 4);
        List<String> heard = new ArrayList<>();
        try (AnswersFile file = AnswersFile.open(out, questions)) {
            assertEquals(
                    alone,
                    comparable(evaluator.evaluate(
                            asked, rows, many, file, (row, q, score) -> heard.add(row.name() + q.question()))));
        }
        assertEquals(18, Set.copyOf(heard).size());
        assertEquals(1, alone.at("/methods/parametric/total/rounds").asInt(), alone::toString);
        assertEquals(0, alone.at("/methods/closed-book/total/rounds").asInt(-1), alone::toString);
        List<String> lines = Files.readAllLines(out);
        assertEquals(18, lines.size());

        // Killed within a line, with some answers missing.
        Files.writeString(
                out,
                String.join("\n", lines.subList(0, 10)) + "\n" + lines.get(10).substring(0, 40));
        try (AnswersFile file = AnswersFile.open(out, questions)) {
            assertEquals(10, file.size());
            assertEquals(alone, comparable(evaluator.evaluate(asked, rows, many, file, (row, q, score) -> {})));
        }
        List<String> again = Files.readAllLines(out);
        assertEquals(18, again.size());
        assertEquals(lines.subList(0, 10), again.subList(0, 10));
        assertEquals(
                18, again.stream().map(line -> line.substring(0, 44)).distinct().count(), "each under its own key");

        Files.writeString(out, "a letter of mine\n");
        assertTrue(assertThrows(UserException.class, () -> AnswersFile.open(out, questions))
                .getMessage()
                .contains("line 1 is no answer"));
    }

    /**
     * What takes how long differs from run to run; and some processors add up in another order where several questions
     * are computed together, so probabilities are compared to four digits.
     */
    private static JsonNode comparable(Report report) {
        JsonNode json = report.toJson();
        json.get("methods")
                .forEach(method -> method.forEach(type -> {
                    ObjectNode figures = (ObjectNode) type;
                    figures.remove(List.of("seconds", "seconds_p50", "seconds_p99"));
                    for (String name : List.of("confidence", "calibration_error")) {
                        figures.put(name, Math.round(1e4 * figures.get(name).asDouble()));
                    }
                }));
        return json;
    }
}
