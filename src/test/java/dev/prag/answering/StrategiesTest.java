package dev.prag.answering;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.access.Principal;
import dev.prag.augmentation.Augmentation;
import dev.prag.augmentation.Pair;
import dev.prag.base.UserException;
import dev.prag.database.DatabaseResource;
import dev.prag.generation.grammar.JsonSchema;
import dev.prag.parameterization.Recipe;
import dev.prag.parameterization.Recipes;
import dev.prag.runtime.ModelRuntime;
import dev.prag.runtime.OtherDevice;
import dev.prag.tensor.cpu.CpuDevice;
import dev.prag.tensor.plain.PlainDevice;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every strategy answers with every injection, whatever the device. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class StrategiesTest extends StrategiesSetup {
    // ---- names ----

    @Test
    void everyStrategyHasEveryInjection() {
        List<String> names = answers.methods();
        assertEquals(25, names.size(), names.toString());
        for (String strategy : List.of("flare", "flare-sentence", "dragin", "ircot", "adaptive")) {
            for (String injection : List.of("", "+adapters", "+both", "+augmented")) {
                assertTrue(names.contains(strategy + injection), strategy + injection);
            }
        }
        assertEquals("in-context", answers.requireMethod("single+prompt").name());
        assertEquals("doc-augmented", answers.requireMethod("single+augmented").name());
        assertEquals("closed-book", answers.requireMethod("none+both").name());
        assertEquals("flare", answers.requireMethod("flare+prompt").name());
        UserException e = assertThrows(UserException.class, () -> answers.requireMethod("flare+magic"));
        assertTrue(e.getMessage().contains("flare+magic") && e.getMessage().contains("flare+adapters"), e.getMessage());
    }

    @Test
    void adaptersAreComposedAsTheRecipeSaysForThem() {
        assertEquals("parametric", answers.requireMethod("dragin+adapters").composesAs());
        assertEquals("combined", answers.requireMethod("ircot+both").composesAs());
        assertEquals("flare", answers.requireMethod("flare").composesAs());
    }

    @Test
    void whereNoServiceRunsTheSameNamesAreKnown() {
        methods.names().forEach(Methods::requireName);
        Methods.requireName("single+prompt");
        String unknown = assertThrows(UserException.class, () -> Methods.requireName("magic"))
                .getMessage();
        assertEquals(
                assertThrows(UserException.class, () -> methods.require("magic"))
                        .getMessage(),
                unknown);
        for (String name : methods.names()) {
            Method method = methods.require(name);
            boolean plain = method.strategy().name().equals(NoRetrieval.NAME)
                    || method.injection().name().equals(PromptInjection.NAME);
            assertEquals(!plain, Methods.needsEncoding(name), name);
        }
    }

    // ---- all of them ----

    @Test
    void whatIsHeardIsTheAnswerAndTheTraceIsOnlyToldWhereItIsAskedFor() {
        for (String method : answers.methods()) {
            StringBuilder heard = new StringBuilder();
            List<Retrieval> retrievals = new ArrayList<>();
            Answer answer = answers.answer(traced(method), new AnswerListener() {
                @Override
                public void onText(String text) {
                    heard.append(text);
                }

                @Override
                public void onRetrieval(Retrieval retrieval) {
                    retrievals.add(retrieval);
                }
            });
            assertEquals(method, answer.method());
            assertEquals(answer.text(), heard.toString(), method);
            assertEquals("stop", answer.finish(), answer.toString());
            assertFalse(answer.answer().isBlank(), answer.toString());
            assertEquals(
                    answer.trace().stream().map(Retrieval::query).toList(),
                    retrievals.stream().map(Retrieval::query).toList());
            assertEquals(answer.trace().isEmpty(), answer.passages().isEmpty(), answer.toString());
            answer.trace().forEach(retrieval -> assertFalse(retrieval.passages().isEmpty(), retrieval.toString()));
            assertNull(answers.answer(AnswerRequest.of(DemoCorpus.QUESTION, method))
                    .trace());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "flare+adapters",
                "flare-sentence+adapters",
                "dragin+adapters",
                "ircot+adapters",
                "adaptive+adapters"
            })
    void withAdaptersTheyFindWhatTheModelAloneDoesNotKnow(String method) {
        Answer answer =
                answers.answer(new AnswerRequest(DemoCorpus.QUESTION, method, 1, "sum", null, null, null).traced(true));
        assertEquals("France", answer.answer(), answer.toString());
        Answer.Used first = answer.passages().getFirst();
        assertEquals(Answer.Through.ADAPTER, first.through());
        assertEquals("The Anchor of Raeclaint", first.title());
        assertTrue(answer.tokens() > 2, "those that were dropped count, too");
    }

    /** Rows of prompts and texts are kept from round to round; without them everything is the same. */
    @ParameterizedTest
    @ValueSource(strings = {"flare+adapters", "flare-sentence+both", "dragin+adapters", "ircot+adapters", "ircot+both"})
    void noRowOfAnotherCompositionIsUsed(String method) {
        AnswerService eager = with(own -> {
            own.flareTheta = 0.99;
            own.draginTheta = 0.2;
            own.flareSentenceThreshold = 0.01;
        });
        Answer kept = eager.answer(traced(method));
        Answer anew = eager.answer(traced(method), new AnswerListener() {
            @Override
            public void onText(String text) {}

            @Override
            public void onRetrieval(Retrieval retrieval) {
                runtime.engine().forget().join();
            }
        });
        assertEquals(anew.trace(), kept.trace());
        assertEquals(anew.text(), kept.text());
    }

    /** In f32, with a device of their own each. */
    @Test
    void everyDeviceWritesTheSame() {
        List<String> asked = List.of(
                "closed-book",
                "parametric",
                "flare+adapters",
                "flare-sentence+adapters",
                "dragin+adapters",
                "ircot+adapters",
                "adaptive+adapters",
                "dragin");
        List<List<Object>> written = new ArrayList<>();
        for (boolean plain : new boolean[] {true, false}) {
            ModelRuntime other = OtherDevice.open(
                    modelSettings, home, store, metrics, plain ? PlainDevice::new : () -> new CpuDevice(2));
            try {
                AnswerService service = service(other, new PassageAdapters(other, recipes, queue), strategies);
                List<Object> all = new ArrayList<>();
                for (String method : asked) {
                    Answer answer = service.answer(
                            new AnswerRequest(DemoCorpus.QUESTION, method, 1, null, 24, null, null).traced(true));
                    all.add(answer.text());
                    answer.trace()
                            .forEach(retrieval -> all.add(List.of(
                                    retrieval.query(), retrieval.trigger(), retrieval.passages(), retrieval.text())));
                }
                written.add(all);
            } finally {
                OtherDevice.close(other);
            }
        }
        assertEquals(written.get(0), written.get(1));
    }

    // ---- augmented ----

    @Test
    void whatPassagesHaveBesideTheirTextIsShownWithThem() {
        Answer bare = answers.answer(traced("doc-augmented"));
        assertTrue(
                bare.notes().getFirst().contains("2 of 2 passages have no rewrites"),
                bare.notes().toString());
        assertEquals(
                answers.answer(AnswerRequest.of(DemoCorpus.QUESTION, "in-context"))
                        .text(),
                bare.text());
        Augmentation made =
                new Augmentation(List.of("Said anew."), List.of(new Pair("Who?", "Vera", "It is Vera.")), List.of());
        assertEquals("Text.\nSaid anew.\nQuestion: Who? Answer: Vera", AugmentedInjection.text("Text.", made, true));
        assertEquals("Text.\nQuestion: Who? Answer: Vera", AugmentedInjection.text("Text.", made, false));
    }

    @Test
    void whatIsNotTrainedOnIsNotShown(@TempDir Path folder) throws IOException {
        ObjectMapper json = new ObjectMapper();
        ObjectNode recipe = (ObjectNode) json.readTree(Recipe.load("demo").toJson());
        ((ObjectNode) recipe.get("training")).putArray("leaveOut").add("pairs");
        Path file = Files.writeString(folder.resolve("plain.json"), recipe.toString());
        Recipes plain = new Recipes(runtime, modelSettings, augmenter, Optional.of(file.toString()));
        AnswerService under = new AnswerService(
                methods, runtime, plain, corpus, adapters, index, settings, strategies, inspection, demand);
        for (String method : List.of("doc-augmented", "ircot+augmented")) {
            UserException e = assertThrows(UserException.class, () -> under.requireMethod(method));
            assertTrue(e.getMessage().contains(method) && e.getMessage().contains("demo"), e.getMessage());
        }
        assertEquals("closed-book", under.requireMethod("none+augmented").name());
        assertEquals("in-context", under.requireMethod("in-context").name());
    }

    // ---- schemas ----

    @Test
    void anAnswerInRoundsIsKeptToNoSchema() throws IOException {
        Writing writing = new Writing(0, 1, 0, List.of(), JsonSchema.of("""
                {"type": "object", "properties": {"country": {"type": "string"}}, "required": ["country"]}"""), 0);
        for (String method : List.of("flare", "flare-sentence+adapters", "dragin")) {
            UserException e = assertThrows(UserException.class, () -> answer(method, writing));
            assertTrue(e.getMessage().contains(method) && e.getMessage().contains("JSON schema"), e.getMessage());
        }
        for (String method : List.of("ircot", "adaptive+adapters")) {
            assertTrue(
                    JsonMapper.builder()
                            .build()
                            .readTree(answer(method, writing).text())
                            .has("country"),
                    method);
        }
    }

    private Answer answer(String method, Writing writing) {
        return answers.answer(
                AnswerRequest.of(DemoCorpus.QUESTION, method).with(60, null, null),
                Chat.NONE,
                writing,
                Principal.LOCAL,
                AnswerListener.NONE);
    }
}
