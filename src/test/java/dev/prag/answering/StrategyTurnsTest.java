package dev.prag.answering;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.base.UserException;
import dev.prag.database.DatabaseResource;
import dev.prag.llm.ReferenceModel;
import dev.prag.lora.Adapter;
import dev.prag.lora.AdapterCodec;
import dev.prag.tensor.safetensors.Safetensors;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What strategies go by: when they search, for what, and what ends them. */
@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class StrategyTurnsTest extends StrategiesSetup {
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
