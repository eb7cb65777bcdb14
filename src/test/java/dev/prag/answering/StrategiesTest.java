package dev.prag.answering;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.access.Principal;
import dev.prag.adapterstore.AdapterStore;
import dev.prag.adapterstore.TierMetrics;
import dev.prag.augmentation.Augmentation;
import dev.prag.augmentation.AugmentationModel;
import dev.prag.augmentation.Pair;
import dev.prag.base.Home;
import dev.prag.base.UserException;
import dev.prag.corpus.Corpus;
import dev.prag.corpus.DatabaseResource;
import dev.prag.corpus.Demand;
import dev.prag.corpus.EncodingQueue;
import dev.prag.generation.grammar.JsonSchema;
import dev.prag.llm.ReferenceModel;
import dev.prag.lora.Adapter;
import dev.prag.lora.AdapterCodec;
import dev.prag.parameterization.PassageInspection;
import dev.prag.parameterization.Recipe;
import dev.prag.parameterization.Recipes;
import dev.prag.retrieval.PassageIndex;
import dev.prag.runtime.ModelRuntime;
import dev.prag.runtime.ModelSettings;
import dev.prag.runtime.OtherDevice;
import dev.prag.tensor.cpu.CpuDevice;
import dev.prag.tensor.plain.PlainDevice;
import dev.prag.tensor.safetensors.Safetensors;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Strategies with the demo model, which knows of one passage by its adapter. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class StrategiesTest {
    @Inject
    DemoCorpus demo;

    @Inject
    AnswerService answers;

    @Inject
    AugmentationModel augmenter;

    @Inject
    Methods methods;

    @Inject
    ModelRuntime runtime;

    @Inject
    ModelSettings modelSettings;

    @Inject
    Recipes recipes;

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

    @Inject
    EncodingQueue queue;

    @Inject
    Home home;

    @Inject
    AdapterStore store;

    @Inject
    TierMetrics metrics;

    @BeforeEach
    void oneEncodedPassageAndOneThatIsNot() {
        demo.encode(demo.ingest(DemoCorpus.ANCHOR));
        demo.ingest(DemoCorpus.STAIR);
    }

    @AfterEach
    void leaveNothing() {
        demo.clear();
        assertEquals(0, runtime.adapters().inUse());
    }

    private static AnswerRequest traced(String method) {
        return AnswerRequest.of(DemoCorpus.QUESTION, method).traced(true);
    }

    /** Answers as the service does, with bounds and knobs of its own. */
    private AnswerService with(Consumer<StrategySettings> changed) {
        StrategySettings own = new StrategySettings();
        own.maxRounds = 10;
        own.maxGeneratedTokens = 2048;
        own.maxSeconds = 600;
        own.lookAhead = 64;
        own.flareTheta = 0.8;
        own.flareBeta = 0.4;
        own.flareSentenceThreshold = 0.08;
        own.draginTheta = 1;
        own.draginWords = 25;
        own.ircotPassages = 15;
        own.adaptiveConfidence = -0.05;
        own.classifier = Optional.empty();
        changed.accept(own);
        return service(runtime, adapters, own);
    }

    private AnswerService service(ModelRuntime on, PassageAdapters with, StrategySettings own) {
        return new AnswerService(methods, on, recipes, corpus, with, index, settings, own, inspection, demand);
    }

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

    // ---- triggers ----

    @Test
    void flareSearchesForWhatItLooksAheadAt() {
        Answer answer = with(own -> {
                    own.flareTheta = 1;
                    own.flareBeta = 0;
                    own.maxRounds = 2;
                })
                .answer(traced("flare"));
        List<Retrieval> trace = answer.trace();
        assertEquals(2, trace.size());
        assertEquals("question", trace.get(0).trigger());
        assertEquals(DemoCorpus.QUESTION, trace.get(0).query());
        assertEquals("token", trace.get(1).trigger());
        assertTrue(trace.get(1).query().startsWith("The Anchor of Raeclaint was produced in"), trace.toString());
        assertTrue(trace.get(1).detail().contains("at most 1"), trace.toString());
        assertEquals("", trace.get(0).text(), "what was looked ahead at was dropped");
        assertEquals(answer.text(), trace.get(1).text());
        assertEquals(
                1,
                answer.notes().stream()
                        .filter(note -> note.contains("max-rounds"))
                        .count());

        Answer sure = with(own -> own.flareTheta = 0).answer(traced("flare"));
        assertEquals(1, sure.trace().size());
        Answer masked = with(own -> {
                    own.flareTheta = 1;
                    own.flareBeta = 1;
                    own.maxRounds = 2;
                })
                .answer(traced("flare"));
        assertEquals(DemoCorpus.QUESTION, masked.trace().get(1).query(), "where nothing is left of it");
    }

    @Test
    void dropsSentencesOnlyWhereItIsNotSureOfThem() {
        Answer sure = with(own -> own.flareSentenceThreshold = 1).answer(traced("flare-sentence"));
        assertEquals(List.of(), sure.trace());
        assertEquals(List.of(), sure.passages());
        Answer unsure = with(own -> own.flareSentenceThreshold = 0.01).answer(traced("flare-sentence"));
        assertEquals("sentence", unsure.trace().getFirst().trigger());
        assertTrue(unsure.trace().getFirst().detail().contains("above 0.01"));
    }

    @Test
    void draginCutsBeforeTheWordAndSearchesForWhatWasLookedAt() {
        Answer answer = answers.answer(traced("dragin"));
        Retrieval first = answer.trace().getFirst();
        assertEquals("attention", first.trigger());
        assertTrue(first.query().contains("Raeclaint"), first.toString());
        assertTrue(answer.text().endsWith(first.text())
                && answer.text().length() > first.text().length());
        assertEquals(
                1,
                with(own -> own.draginWords = 1)
                        .answer(traced("dragin"))
                        .trace()
                        .getFirst()
                        .query()
                        .split(" ")
                        .length);
        assertEquals(
                List.of(),
                with(own -> own.draginTheta = 1000).answer(traced("dragin")).trace());
    }

    @Test
    void ircotGathersPassagesForItsReader() {
        Answer answer = answers.answer(traced("ircot"));
        assertEquals("reasoning", answer.trace().get(1).trigger());
        assertTrue(
                answer.trace().get(0).text().contains(answer.trace().get(1).query()),
                "it searches for what it thought");
        assertTrue(answer.trace().getLast().text().endsWith("\n" + answer.text()));
        Answer few = with(own -> own.ircotPassages = 1).answer(traced("ircot"));
        assertEquals(1, few.passages().size());
    }

    @Test
    void withoutAClassifierTheModelsOwnAnswerDecides() {
        Answer believed = with(own -> own.adaptiveConfidence = -100).answer(traced("adaptive"));
        assertEquals(List.of(), believed.trace());
        assertEquals(
                answers.answer(AnswerRequest.of(DemoCorpus.QUESTION, "closed-book"))
                        .text(),
                believed.text());
        assertTrue(
                believed.notes().getFirst().contains("no classifier"),
                believed.notes().toString());
        Answer doubted = with(own -> own.adaptiveConfidence = 0).answer(traced("adaptive"));
        assertEquals("confidence", doubted.trace().getFirst().trigger());
        assertEquals(
                answers.answer(AnswerRequest.of(DemoCorpus.QUESTION, "in-context"))
                        .text(),
                doubted.text());
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

    @Test
    void aClassifierDecidesWhereThereIsOne(@TempDir Path folder) {
        Adapter any = ReferenceModel.adapterOf(
                Safetensors.open(Path.of("src/test/resources/demo/golden-encode.safetensors")), "final.");
        QuestionClassifier classifier = TestClassifier.in(folder, runtime, recipes);
        assertEquals(Optional.empty(), classifier.classify(DemoCorpus.QUESTION));
        Path file = classifier.keep(any, Map.of());
        QuestionClassifier again = TestClassifier.named(folder, file.toString(), runtime, recipes);
        Complexity complexity = again.classify(DemoCorpus.QUESTION).orElseThrow();
        assertEquals(classifier.classify(any, DemoCorpus.QUESTION), complexity);
        Methods own = new Methods(List.of(new Adaptive(new Ircot(), again)), List.of(new PromptInjection()));
        Answer answer = new AnswerService(
                        own, runtime, recipes, corpus, adapters, index, settings, strategies, inspection, demand)
                .answer(traced("adaptive"));
        assertEquals(
                answers.answer(AnswerRequest.of(DemoCorpus.QUESTION, complexity.method("prompt")))
                        .text(),
                answer.text());
        assertEquals(List.of(), answer.notes());
        assertEquals(complexity == Complexity.NONE, answer.trace().isEmpty());
        answer.trace().stream().limit(1).forEach(first -> assertEquals("classifier", first.trigger()));

        assertRefused(folder.resolve("none").toString(), "can't be read");
        Path other = folder.resolve("other");
        assertDoesNotThrow(() -> Files.write(other, AdapterCodec.encode(any, Map.of("model", "another"))));
        assertRefused(other.toString(), "not trained for this model");
    }

    private void assertRefused(String file, String word) {
        QuestionClassifier classifier = TestClassifier.named(Path.of("nowhere"), file, runtime, recipes);
        UserException e = assertThrows(UserException.class, () -> classifier.classify("Who?"));
        assertTrue(e.getMessage().contains(word) && e.getMessage().contains(file), e.getMessage());
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

    // ---- bounds and ends ----

    @Test
    void tokensAreBounded() {
        Answer answer = with(own -> {
                    own.flareTheta = 1;
                    own.maxGeneratedTokens = 15;
                })
                .answer(traced("flare"));
        assertEquals("length", answer.finish());
        assertEquals(15, answer.tokens());
        assertTrue(
                answer.notes().getLast().contains("max-generated-tokens"),
                answer.notes().toString());
        Answer read = with(own -> own.maxGeneratedTokens = 5).answer(traced("ircot"));
        assertEquals("stop", read.finish(), "the reader answers all the same");
    }

    @Test
    void anAnswerHasSoManyTokensInAllItsRounds() {
        Answer answer = answers.answer(
                new AnswerRequest(DemoCorpus.QUESTION, "flare", null, null, 12, null, null), AnswerListener.NONE);
        assertEquals("length", answer.finish());
        assertTrue(
                answer.notes().getLast().contains("cut at 12 tokens"),
                answer.notes().toString());
    }

    @Test
    void timeIsBoundedBetweenRounds() {
        Answer answer = with(own -> own.maxSeconds = 1).answer(traced("ircot"), new AnswerListener() {
            @Override
            public void onText(String text) {}

            @Override
            public void onRetrieval(Retrieval retrieval) {
                sleep(1100);
            }
        });
        assertEquals("length", answer.finish());
        assertEquals(1, answer.trace().size());
        assertEquals(
                List.of(true),
                answer.notes().stream().map(n -> n.contains("max-seconds")).toList());
    }

    @Test
    void timeIsBoundedWithinARound() {
        Answer answer = with(own -> own.maxSeconds = 1)
                .answer(AnswerRequest.of(DemoCorpus.QUESTION, "closed-book"), text -> sleep(1100));
        assertEquals("length", answer.finish());
        assertEquals(1, answer.tokens());
        assertTrue(
                answer.notes().getFirst().contains("max-seconds"),
                answer.notes().toString());
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"flare", "ircot", "dragin+adapters"})
    void whoCancelsBetweenRoundsEndsIt(String method) {
        List<Runnable> cancel = new ArrayList<>();
        List<Retrieval> retrievals = new ArrayList<>();
        Answer answer = with(own -> {
                    own.flareTheta = 1;
                    own.draginTheta = 0.2;
                })
                .answer(traced(method), new AnswerListener() {
                    @Override
                    public void onText(String text) {}

                    @Override
                    public void onStart(Runnable end) {
                        cancel.add(end);
                    }

                    @Override
                    public void onRetrieval(Retrieval retrieval) {
                        retrievals.add(retrieval);
                        cancel.forEach(Runnable::run);
                    }
                });
        assertEquals("cancelled", answer.finish());
        assertEquals(method.startsWith("dragin") ? 1 : 2, retrievals.size());
        assertEquals(1, cancel.size(), "nothing was generated after it");
    }

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

    @Test
    void knobsThatCanNotBeAreNamed() {
        refused(own -> own.flareTheta = 1.5, "flare", "prag.answering.flare.theta is 1.5");
        refused(own -> own.flareBeta = -1, "flare", "flare.beta");
        refused(own -> own.flareSentenceThreshold = 2, "flare-sentence", "flare-sentence.threshold");
        refused(own -> own.draginTheta = -0.5, "dragin", "dragin.theta");
        refused(own -> own.draginWords = 0, "dragin", "dragin.words");
        refused(own -> own.ircotPassages = 0, "ircot", "ircot.passages");
        refused(own -> own.adaptiveConfidence = 0.5, "adaptive", "adaptive.confidence");
        refused(own -> own.lookAhead = 1000, "flare", "look-ahead");
        refused(own -> own.maxRounds = 0, "flare", "max-rounds");
        refused(own -> own.maxGeneratedTokens = 0, "closed-book", "max-generated-tokens");
        refused(own -> own.maxSeconds = 0, "closed-book", "max-seconds");
    }

    private void refused(Consumer<StrategySettings> changed, String method, String word) {
        UserException e = assertThrows(UserException.class, () -> with(changed).answer(traced(method)));
        assertTrue(e.getMessage().contains(word), e.getMessage());
    }
}
