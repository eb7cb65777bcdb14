package dev.prag.answering;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.augmentation.AugmentationModel;
import dev.prag.augmentation.PromptSet;
import dev.prag.augmentation.Prompts;
import dev.prag.base.UserException;
import dev.prag.corpus.Corpus;
import dev.prag.corpus.Demand;
import dev.prag.database.DatabaseResource;
import dev.prag.generation.GenerationRequest;
import dev.prag.generation.Sampling;
import dev.prag.parameterization.PassageInspection;
import dev.prag.parameterization.Recipe;
import dev.prag.parameterization.Recipes;
import dev.prag.retrieval.PassageIndex;
import dev.prag.runtime.ModelRuntime;
import dev.prag.runtime.ModelSettings;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Answers by a recipe with prompts, a penalty and a way of cutting of its own. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class OwnPromptsTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @Inject
    DemoCorpus demo;

    @Inject
    AnswerService answers;

    @Inject
    Methods methods;

    @Inject
    ModelRuntime runtime;

    @Inject
    ModelSettings modelSettings;

    @Inject
    AugmentationModel augmenter;

    @Inject
    Corpus corpus;

    @Inject
    PassageAdapters adapters;

    @Inject
    PassageIndex index;

    @Inject
    AnsweringSettings settings;

    @Inject
    StrategySettings strategies;

    @Inject
    PassageInspection inspection;

    @Inject
    Demand demand;

    @TempDir
    Path folder;

    private ObjectNode recipe;
    private ObjectNode set;

    @BeforeEach
    void theDemos() throws IOException {
        demo.ingest(DemoCorpus.ANCHOR);
        recipe = (ObjectNode) JSON.readTree(Recipe.load("demo").toJson());
        ((ObjectNode) recipe.get("augmentation")).put("prompts", "mine.json");
        set = (ObjectNode) JSON.readTree(Prompts.of("demo", null).toFile());
    }

    @AfterEach
    void leaveNothing() {
        demo.clear();
    }

    private AnswerService own() throws IOException {
        Files.writeString(folder.resolve("mine.json"), set.toString());
        Path file = Files.writeString(folder.resolve("recipe.json"), recipe.toString());
        Recipes recipes = new Recipes(runtime, modelSettings, augmenter, Optional.of(file.toString()));
        return new AnswerService(
                methods, runtime, recipes, corpus, adapters, index, settings, strategies, inspection, demand);
    }

    private ObjectNode answering() {
        return (ObjectNode) recipe.get("answering");
    }

    private static Answer ask(AnswerService service, AtomicReference<int[]> prompt) {
        return service.answer(AnswerRequest.of(DemoCorpus.QUESTION, "in-context"), new AnswerListener() {
            @Override
            public void onText(String text) {}

            @Override
            public void onWritten(Composed composed) {
                prompt.set(composed.prompt());
            }
        });
    }

    @Test
    void aPenaltyConcernsWhatThePromptHolds() throws IOException {
        AtomicReference<int[]> prompt = new AtomicReference<>();
        Answer plain = ask(answers, prompt);
        assertEquals("France", plain.answer());
        answering().put("repetitionPenalty", 1);
        assertEquals(plain.text(), ask(own(), prompt).text());
        answering().put("repetitionPenalty", "model");
        assertEquals(1, runtime.languageModel().generationDefaults().repetitionPenalty());
        assertEquals(plain.text(), ask(own(), prompt).text());
        answering().put("repetitionPenalty", 4);
        Answer penalised = ask(own(), prompt);
        assertNotEquals(plain.text(), penalised.text(), "the passage said it already");
        GenerationRequest same = GenerationRequest.greedy(
                        prompt.get(), answering().get("maxTokens").asInt())
                .with(new Sampling(0, 0, 1, 4, 0));
        assertEquals(runtime.engine().generate(same).text(), penalised.text());
    }

    @Test
    void theAnswerIsCutAndTheTextIsNot() throws IOException {
        AtomicReference<int[]> prompt = new AtomicReference<>();
        Answer plain = ask(answers, prompt);
        answering()
                .putObject("extraction")
                .put("marker", "first")
                .putArray("cutAt")
                .add("n");
        Answer cut = ask(own(), prompt);
        assertEquals(plain.text(), cut.text());
        assertEquals("Fra", cut.answer());
    }

    @Test
    void examplesStandInThePromptBeforeTheChat() throws IOException {
        ArrayNode shots = set.putArray("shots");
        shots.addObject().put("question", "Who is Ole?").put("answer", "a baker");
        ((ObjectNode) set.get("direct")).put("shotTurns", true);
        AtomicReference<int[]> prompt = new AtomicReference<>();
        AnswerService own = own();
        Answer answer = ask(own, prompt);
        PromptSet prompts = own.recipe().prompts();
        assertArrayEquals(
                prompts.answerIds(
                        runtime.languageModel(),
                        List.of(answer.passages().getFirst().text()),
                        DemoCorpus.QUESTION,
                        false),
                prompt.get());
        assertTrue(
                runtime.languageModel().tokenizer().decode(prompt.get(), true).contains("a baker"));

        List<Map<String, Object>> asked = prompts.answer(List.of(), "Where?", false);
        Map<String, Object> system = Map.of("role", "system", "content", "Answer truly.");
        Map<String, Object> hello = Map.of("role", "user", "content", "Hello");
        Map<String, Object> reply = Map.of("role", "assistant", "content", "Good day.");
        assertEquals(
                List.of(system, asked.get(0), asked.get(1), hello, reply, asked.get(2)),
                new Chat(List.of(system, hello, reply), List.of(), false).around(asked));
    }

    @Test
    void examplesThatTakeTheWholeContextAreNamed() throws IOException {
        ArrayNode shots = set.putArray("shots");
        shots.addObject().put("question", "Why? ".repeat(1000)).put("answer", "so");
        ((ObjectNode) set.get("direct"))
                .put("shot", "{question} {answer}\n")
                .put("withPassages", "{shots}{passages}{question}")
                .put("withoutPassages", "{shots}{question}");
        AnswerService own = own();
        UserException e = assertThrows(
                UserException.class, () -> own.answer(AnswerRequest.of(DemoCorpus.QUESTION, "closed-book")));
        assertEquals(UserException.Kind.TOO_LARGE, e.kind());
        assertTrue(
                e.getMessage().contains("the question with the examples of the prompt set takes")
                        && e.getMessage().contains("give the prompt set fewer shots"),
                e.getMessage());
    }
}
