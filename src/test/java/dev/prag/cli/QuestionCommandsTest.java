package dev.prag.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.answering.DemoCorpus;
import dev.prag.base.UserException;
import dev.prag.database.DatabaseResource;
import dev.prag.evaluation.Evaluator;
import dev.prag.evaluation.Question;
import dev.prag.parameterization.Recipe;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands that work by a file of questions before any is evaluated. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class QuestionCommandsTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @Inject
    DemoCorpus demo;

    @TempDir
    Path folder;

    @AfterEach
    void leaveNothing() {
        demo.clear();
    }

    private static Run prag(String... args) {
        return Run.of(new Main.Beans(), args);
    }

    @Test
    void warmUpIsMadeOnceAndItsQuestionsAreNotEvaluated() throws IOException {
        Path questions = Files.writeString(
                folder.resolve("questions.jsonl"),
                "{\"question\":\"Where was Ole born?\",\"answer\":\"Kirkby\"}\n"
                        + "{\"question\":\"Who is Ole?\",\"answer\":\"a founder\"}\n");
        Path out = folder.resolve("start");
        String[] args = {"warmup", "--questions", questions.toString(), "--out", out.toString()};
        String made = prag(args).succeeded();
        assertTrue(made.contains("trained on 2 questions") && made.contains("\"init\": \"" + out), made);
        byte[] adapter = Files.readAllBytes(out.resolve("adapter_model.safetensors"));
        assertTrue(prag(args).succeeded().contains("holds this adapter already"));
        assertArrayEquals(adapter, Files.readAllBytes(out.resolve("adapter_model.safetensors")));
        prag("warmup", "--questions", questions.toString(), "--out", out.toString(), "--limit", "1")
                .refused("is there already", "other questions");
        prag("warmup", "--questions", questions.toString(), "--out", folder.toString(), "--limit", "1")
                .refused("is there already", "something else");
        prag("warmup", "--questions", questions.toString(), "--out", out + "2", "--steps")
                .refused("Where was Ole born?\" has no full_answer");

        ObjectNode recipe = (ObjectNode) JSON.readTree(Recipe.load("demo").toJson());
        ((ObjectNode) recipe.get("training")).put("init", out.toString());
        Recipe warm = Recipe.load(Files.writeString(folder.resolve("warm.json"), recipe.toString())
                .toString());
        assertNotEquals(Recipe.load("demo").hash(), warm.hash());
        Question asked = new Question("where was OLE born", List.of("Kirkby"), "single", List.of());
        assertTrue(assertThrows(UserException.class, () -> Evaluator.requireUnseen(warm, List.of(asked)))
                .getMessage()
                .contains("was trained on it"));
        Evaluator.requireUnseen(warm, List.of(new Question("Why?", List.of("so"), "single", List.of())));
    }

    @Test
    void passagesForQuestionsAreChosenByRetrieval() throws IOException {
        Path questions = Files.writeString(
                folder.resolve("questions.jsonl"),
                "{\"question\":\"" + DemoCorpus.QUESTION + "\",\"answer\":\"France\"}\n");
        demo.encode(demo.ingest(DemoCorpus.ANCHOR));
        Run run = prag("encode", "--for-questions", questions.toString(), "--top-k", "1");
        assertEquals("Nothing is left to encode.", run.succeeded().strip());
        assertTrue(run.err().contains("1 questions retrieve 1 different passages"), run.err());
        ForQuestions wrong = new ForQuestions();
        wrong.topK = 0;
        assertTrue(assertThrows(UserException.class, wrong::check)
                .getMessage()
                .contains("--top-k goes with --for-questions"));
        wrong.file = questions;
        assertTrue(assertThrows(UserException.class, wrong::check).getMessage().contains("--top-k is 0"));
        assertTrue(prag("augment", "--for-questions", questions.toString())
                .succeeded()
                .contains("Nothing is left to augment"));
    }
}
