package dev.prag.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.prag.answering.DemoCorpus;
import dev.prag.base.UserException;
import dev.prag.corpus.Corpus;
import dev.prag.corpus.DatabaseResource;
import dev.prag.corpus.DocumentInput;
import dev.prag.parameterization.Composing;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.text.Normalizer;
import java.text.Normalizer.Form;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

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
                (row, question, answer, score) -> heard.add(row.name() + " " + question.type()));
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

    @Test
    void goldTitlesAreFoundHoweverTheirLettersAreSpelt() {
        corpus.ingest(List.of(new DocumentInput(
                "evaluated", Normalizer.normalize("Čapková", Form.NFD), "She founded it.", null, null)));
        try {
            Question asked = new Question("Who was Čapková?", List.of("a founder"), "single", List.of("Čapková"));
            Report report = evaluator.evaluate(
                    List.of(asked),
                    List.of(Row.of("closed-book")),
                    choices(null),
                    (row, question, answer, score) -> {});
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
                        List.of(endless),
                        List.of(Row.of("closed-book")),
                        choices(null),
                        (row, question, answer, score) -> {}));
        assertEquals(UserException.Kind.TOO_LARGE, e.kind());
        assertTrue(e.getMessage().startsWith("question \"Why why why"), e.getMessage());
        assertTrue(e.getMessage().length() < 400, e.getMessage());
    }

    private static Evaluator.Choices choices(String weights) {
        return new Evaluator.Choices(
                weights == null ? Composing.OPEN : Composing.parse("topK=1,weights=" + weights), null);
    }

    private String refused(List<String> methods, String weights) {
        return assertThrows(
                        UserException.class,
                        () -> evaluator.evaluate(
                                QUESTIONS,
                                methods.stream().map(Row::parse).toList(),
                                choices(weights),
                                (row, question, answer, score) -> {
                                    throw new AssertionError("asked");
                                }))
                .getMessage();
    }
}
