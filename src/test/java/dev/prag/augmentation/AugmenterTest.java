package dev.prag.augmentation;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.langchain4j.exception.HttpException;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.service.Result;
import dev.prag.base.Hashes;
import dev.prag.base.UserException;
import jakarta.ws.rs.ProcessingException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class AugmenterTest {
    private static final AugmentationSettings SETTINGS =
            new AugmentationSettings("demo", List.of(0d, 0.5), List.of(0d, 0.7), 3, 3, 100, 200, 9);

    /** A model that answers by a function of prompt and sampling, and remembers how it was asked. */
    private static final class Scripted implements AugmentationService {
        final List<Asking> askings = Collections.synchronizedList(new ArrayList<>());
        final BiFunction<String, Asking, String> rewrites;
        final BiFunction<String, Asking, String> pairs;
        volatile FinishReason finish = FinishReason.STOP;

        Scripted(BiFunction<String, Asking, String> rewrites, BiFunction<String, Asking, String> pairs) {
            this.rewrites = rewrites;
            this.pairs = pairs;
        }

        @Override
        public Result<String> rewrite(String prompt) {
            return answer(rewrites, prompt);
        }

        @Override
        public Result<String> pairs(String prompt) {
            return answer(pairs, prompt);
        }

        @Override
        public Result<String> line(String prompt) {
            return answer(pairs, prompt);
        }

        private Result<String> answer(BiFunction<String, Asking, String> answers, String prompt) {
            Asking asking = Asking.CURRENT.get();
            askings.add(asking);
            return Result.<String>builder()
                    .content(answers.apply(prompt, asking))
                    .finishReason(finish)
                    .build();
        }
    }

    private static String json(String... questions) {
        StringBuilder list = new StringBuilder("[");
        for (String question : questions) {
            list.append("{\"question\":\"").append(question).append("\",\"answer\":\"a\",\"full_answer\":\"f\"},");
        }
        return list.append("]").toString();
    }

    private static List<Augmented> augment(AugmentationService service, String... passages) {
        return augmenter(service, 4).augment(passages(0, passages), SETTINGS, AugmentationListener.NONE, () -> false);
    }

    private static Augmenter augmenter(AugmentationService service, int concurrency) {
        return new Augmenter(
                service, new AugmentationModel(null, null, "openai", "http://h/v1", "m", "secret key"), concurrency);
    }

    private static List<Augmentable> passages(int attempt, String... texts) {
        return Stream.of(texts).map(text -> new Augmentable(text, attempt)).toList();
    }

    @Test
    void differentPairsInTheOrderOfAskingUpToTheMost() {
        Scripted model = new Scripted(
                (prompt, asking) -> " again at " + asking.temperature() + "\n",
                (prompt, asking) ->
                        asking.temperature() == 0 ? json("One?", "Two?") : json("ONE ?", "Three?", "Four?"));
        Augmentation made = augment(model, "A passage.").getFirst().augmentation();
        assertEquals(List.of("again at 0.0", "again at 0.5"), made.rewrites());
        assertEquals(
                List.of("One?", "Two?", "Three?"),
                made.pairs().stream().map(Pair::question).toList());
        assertTrue(made.notes().isEmpty());
        assertEquals(4, model.askings.size());
    }

    @Test
    void pairsKeepToTheirFormWhereTheRecipeSaysSo() {
        AugmentationSettings structured = new AugmentationSettings(
                Prompts.of("demo", null), List.of(0d), List.of(0d), 3, 3, 100, 200, 9, null, null, true);
        assertNotEquals(SETTINGS.hash(), structured.hash());
        Scripted model = new Scripted((prompt, asking) -> "again", (prompt, asking) -> {
            assertTrue(asking.schema().toString().contains("full_answer"));
            return json("One?");
        });
        List<Augmented> made =
                augmenter(model, 4).augment(passages(0, "A."), structured, AugmentationListener.NONE, () -> false);
        assertEquals(1, made.getFirst().augmentation().pairs().size());
        assertEquals(
                1,
                model.askings.stream().filter(asking -> asking.schema() == null).count(),
                "the rewrite's");
    }

    @Test
    void whatIsMadeOfAPassageDoesNotDependOnItsCompany() {
        Scripted model = new Scripted(
                (prompt, asking) -> "seed " + asking.seed(), (prompt, asking) -> json("Seed " + asking.seed() + "?"));
        Augmented alone = augment(model, "B.").getFirst();
        List<Augmented> together = augment(model, "A.", "B.", "C.");
        assertEquals(alone, together.get(1));
        assertNotEquals(alone, together.get(2));
        assertEquals(2, alone.augmentation().pairs().size());
    }

    @Test
    void whatIsNoUseIsAskedForAgainAndThenNoted() {
        AtomicInteger rewrites = new AtomicInteger();
        Scripted model = new Scripted(
                (prompt, asking) -> rewrites.getAndIncrement() < 2 ? "  " : "again",
                (prompt, asking) -> asking.temperature() == 0 ? "no JSON" : json("One?"));
        Augmentation made = augment(model, "A.").getFirst().augmentation();
        assertEquals(2, made.rewrites().size());
        assertEquals(1, made.pairs().size());
        assertTrue(made.notes().isEmpty(), "the second try was warmer");

        Scripted stubborn = new Scripted((prompt, asking) -> "", (prompt, asking) -> json("One?"));
        Augmentation less = augment(stubborn, "A.").getFirst().augmentation();
        assertTrue(less.rewrites().isEmpty());
        assertEquals(2, less.notes().size());
        assertEquals(2 * SETTINGS.tries() + 2, stubborn.askings.size());
    }

    @Test
    void aRewriteThatWasCutOffIsNoUse() {
        Scripted model = new Scripted((prompt, asking) -> "half a", (prompt, asking) -> json("One?"));
        model.finish = FinishReason.LENGTH;
        Augmentation made = augment(model, "A.").getFirst().augmentation();
        assertTrue(made.rewrites().isEmpty());
        assertEquals(1, made.pairs().size());
    }

    @Test
    void aPassageThatCannotBeAugmentedFailsAlone() {
        Scripted model = new Scripted((prompt, asking) -> "again", (prompt, asking) -> {
            if (prompt.contains("long")) {
                throw new UserException(UserException.Kind.TOO_LARGE, "the prompt has 9000 tokens");
            }
            if (prompt.contains("rude")) {
                throw new InvalidRequestException("refused");
            }
            return prompt.contains("empty") ? "[]" : json("One?");
        });
        List<Augmented> made = augment(model, "long", "fine", "empty", "rude");
        assertTrue(made.get(0).failed() && made.get(0).failure().contains("9000"));
        assertFalse(made.get(1).failed());
        assertTrue(made.get(2).failed() && made.get(2).failure().contains("no question/answer pairs"));
        assertTrue(made.get(3).failed() && made.get(3).failure().contains("refused"));
    }

    @Test
    void aModelThatCannotBeReachedEndsItAll() {
        List<RuntimeException> failures =
                List.of(new HttpException(503, "connection refused"), new ProcessingException("connection refused"));
        for (RuntimeException failure : failures) {
            Scripted model = new Scripted((prompt, asking) -> "again", (prompt, asking) -> {
                throw failure;
            });
            UserException e = assertThrows(UserException.class, () -> augment(model, "A.", "B."));
            assertEquals(UserException.Kind.ENVIRONMENT, e.kind());
            assertTrue(e.getMessage().contains("connection refused"), e.getMessage());
            assertTrue(e.getMessage().contains("prag.augmentation.url"), e.getMessage());
        }
    }

    @Test
    void whatIsDoneIsToldBeforeTheRestFails() {
        CountDownLatch told = new CountDownLatch(1);
        Scripted model = new Scripted((prompt, asking) -> "again", (prompt, asking) -> {
            if (prompt.contains("second")) {
                return json("One?");
            }
            assertDoesNotThrow(() -> told.await());
            throw new ProcessingException("connection refused");
        });
        List<Integer> done = new ArrayList<>();
        AugmentationListener listener = new AugmentationListener() {
            @Override
            public void onPassage(int passage, Augmented augmented) {
                assertFalse(augmented.failed());
                done.add(passage);
                told.countDown();
            }
        };
        assertThrows(UserException.class, () -> augmenter(model, 8)
                .augment(passages(0, "first", "second"), SETTINGS, listener, () -> false));
        assertEquals(List.of(1), done);
    }

    @Test
    void cancelled() {
        Scripted model = new Scripted((prompt, asking) -> "again", (prompt, asking) -> json("One?"));
        Augmenter augmenter = augmenter(model, 1);
        assertThrows(
                CancellationException.class,
                () -> augmenter.augment(
                        passages(0, "A.", "B."), SETTINGS, AugmentationListener.NONE, () -> model.askings.size() > 2));
        assertEquals(3, model.askings.size());
    }

    @Test
    void eachAttemptSamplesAnewAndTheFirstAsEver() {
        Scripted model = new Scripted((prompt, asking) -> "again", (prompt, asking) -> json("One?"));
        List<List<Asking>> attempts = new ArrayList<>();
        for (int attempt = 0; attempt < 3; attempt++) {
            model.askings.clear();
            augmenter(model, 1).augment(passages(attempt, "A."), SETTINGS, AugmentationListener.NONE, () -> false);
            attempts.add(model.askings.stream()
                    .sorted(Comparator.comparingLong(Asking::seed))
                    .toList());
        }
        long seeds = attempts.stream()
                .flatMap(List::stream)
                .mapToLong(Asking::seed)
                .distinct()
                .count();
        assertEquals(12, seeds, "no seed comes twice");
        assertTrue(attempts.get(0).stream().anyMatch(asking -> asking.temperature() == 0));
        assertTrue(
                attempts.get(1).stream().allMatch(asking -> asking.temperature() >= 0.5), "greedy would be the same");
        long golden = Hashes.builder()
                .add(SETTINGS.seed())
                .add("A.")
                .add("rewrite 1")
                .add(0)
                .seed();
        assertTrue(attempts.get(0).stream().anyMatch(asking -> asking.seed() == golden));
    }

    @Test
    void draftsWithinReasoningNeverBecomePairs() {
        Scripted model = new Scripted(
                (prompt, asking) -> "<think>\nMaybe so?\n</think>\n\nSaid anew.",
                (prompt, asking) -> "<THINK>Perhaps " + json("A draft?") + "</THINK>\n" + json("One?"));
        Augmentation made = augment(model, "A.").getFirst().augmentation();
        assertEquals(List.of("Said anew.", "Said anew."), made.rewrites());
        assertEquals(List.of("One?"), made.pairs().stream().map(Pair::question).toList());
    }

    @Test
    void reasoningThatNeverEndsIsTriedAgainAndSaysWhatBoundsIt() {
        Scripted model = new Scripted(
                (prompt, asking) -> "<think>and on and on", (prompt, asking) -> "<think>" + json("A draft?"));
        model.finish = FinishReason.LENGTH;
        Augmented made = augment(model, "A.").getFirst();
        assertTrue(made.failed() && !made.hopeless());
        assertTrue(made.failure().contains("reasoning took all 200 tokens of maxPairsTokens"), made.failure());
        assertTrue(made.rejected().contains("A draft?"), made.rejected());
        assertEquals(4 * SETTINGS.tries(), model.askings.size());
    }

    @Test
    void aRefusalIsTriedAgainAndShownIfItStays() {
        AtomicInteger asked = new AtomicInteger();
        Scripted model = new Scripted(
                (prompt, asking) -> asked.getAndIncrement() == 0 ? "I can't do that." : "Kirkby is Mira Holt's home.",
                (prompt, asking) -> json("One?"));
        assertEquals(
                2,
                augment(model, "Mira Holt lives in Kirkby.")
                        .getFirst()
                        .augmentation()
                        .rewrites()
                        .size());
        Scripted stubborn = new Scripted((prompt, asking) -> "I can't do that.", (prompt, asking) -> json("One?"));
        Augmented made = augment(stubborn, "Mira Holt lives in Kirkby.").getFirst();
        assertTrue(made.augmentation().rewrites().isEmpty());
        assertTrue(made.augmentation().notes().getFirst().contains("a refusal"), made.toString());
        assertTrue(made.rejected().contains("I can't do that."), made.rejected());
    }

    @Test
    void whatWouldFailTheSameWayIsToldApart() {
        Scripted model = new Scripted((prompt, asking) -> "again", (prompt, asking) -> {
            throw prompt.contains("long")
                    ? new UserException(UserException.Kind.TOO_LARGE, "the prompt has 9000 tokens")
                    : new InvalidRequestException("refused");
        });
        List<Augmented> made = augment(model, "long", "rude");
        assertTrue(made.get(0).hopeless());
        assertFalse(made.get(1).hopeless());
    }

    @Test
    void anErrorOfAnyKindThatNoPassageIsAtFaultForEndsItAllAndTellsNoSecret() {
        Scripted model = new Scripted((prompt, asking) -> "again", (prompt, asking) -> {
            throw new IllegalArgumentException("bad URL https://me:hush@h/v1?token=abc with secret key");
        });
        UserException e = assertThrows(UserException.class, () -> augment(model, "A."));
        assertEquals(UserException.Kind.ENVIRONMENT, e.kind());
        assertTrue(e.getMessage().contains("https://h/v1"), e.getMessage());
        for (String secret : List.of("hush", "abc", "secret key")) {
            assertFalse(e.getMessage().contains(secret), e.getMessage());
        }
    }

    @Test
    void besideQuestionsItTakesAShareOfTheEnginesPlaces() {
        assertEquals(32, Augmenter.places(64, 0.5));
        assertEquals(1, Augmenter.places(1, 0.5), "or nothing would ever be encoded");
        for (double share : new double[] {0, -1, 1.5, Double.NaN}) {
            UserException e = assertThrows(UserException.class, () -> Augmenter.places(64, share));
            assertTrue(e.getMessage().contains("prag.augmentation.share"), e.getMessage());
        }
    }
}
