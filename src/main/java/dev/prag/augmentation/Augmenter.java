package dev.prag.augmentation;

import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.service.Result;
import dev.prag.base.Hashes;
import dev.prag.base.UserException;
import dev.prag.generation.EngineBusyException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.ProcessingException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Augments passages (Su et al., 2025, section 3.2.1), many at once, so that the engine can batch what is asked. What is
 * made of a passage depends on the passage and the settings, not on what else is augmented or in which order (but for
 * ties that the rounding of larger batches decides).
 */
@ApplicationScoped
public class Augmenter {
    /** An answer that was no use is sampled at least this warm the next time: a greedy one would come again. */
    private static final double RETRY_TEMPERATURE = 0.7;

    private final AugmentationService service;
    private final int concurrency;

    /**
     * @param concurrency how many answers are asked for at once
     */
    @Inject
    public Augmenter(
            AugmentationService service,
            @ConfigProperty(name = "prag.augmentation.concurrency", defaultValue = "64") int concurrency) {
        this.service = service;
        this.concurrency = concurrency;
    }

    /** How many answers are asked for to augment one passage, tries again not counted. */
    public static int answersPerPassage(AugmentationSettings settings) {
        return settings.rewriteTemperatures().size()
                + settings.pairTemperatures().size();
    }

    /**
     * Augments the passages.
     *
     * @param cancelled asked before every question, and while answers are waited for
     * @return one for each passage, in their order
     * @throws UserException if the model can't be used at all, such as an endpoint that can't be reached
     * @throws CancellationException if cancelled
     */
    public List<Augmented> augment(
            List<String> passages,
            AugmentationSettings settings,
            AugmentationListener listener,
            BooleanSupplier cancelled) {
        PromptSet prompts = PromptSet.named(settings.prompts());
        AtomicInteger answers = new AtomicInteger();
        Asker asker = new Asker(
                settings,
                new Semaphore(concurrency, true),
                () -> listener.onAnswers(answers.incrementAndGet()),
                cancelled);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            try {
                CompletionService<Done> passagesDone = new ExecutorCompletionService<>(threads);
                for (int i = 0; i < passages.size(); i++) {
                    int passage = i;
                    PassageAnswers asked = ask(passages.get(i), prompts, settings, asker, threads);
                    passagesDone.submit(() -> new Done(passage, collect(asked, settings)));
                }
                Augmented[] augmented = new Augmented[passages.size()];
                for (int i = 0; i < augmented.length; i++) {
                    Done done = next(passagesDone, cancelled);
                    augmented[done.passage()] = done.augmented();
                    listener.onPassage(done.passage(), done.augmented());
                }
                return List.of(augmented);
            } finally {
                threads.shutdownNow();
            }
        }
    }

    private PassageAnswers ask(
            String passage, PromptSet prompts, AugmentationSettings settings, Asker asker, ExecutorService threads) {
        PassageAnswers asked = new PassageAnswers(new ArrayList<>(), new ArrayList<>());
        String rewritePrompt = prompts.rewritePrompt(passage);
        for (int i = 0; i < settings.rewriteTemperatures().size(); i++) {
            Question<String> question = new Question<>(
                    "rewrite " + (i + 1),
                    rewritePrompt,
                    settings.rewriteTemperatures().get(i),
                    settings.maxRewriteTokens(),
                    service::rewrite,
                    Augmenter::rewriteOf);
            asked.rewrites().add(threads.submit(() -> asker.ask(question, passage)));
        }
        String pairsPrompt = prompts.pairsPrompt(passage);
        for (int i = 0; i < settings.pairTemperatures().size(); i++) {
            Question<List<Pair>> question = new Question<>(
                    "pairs " + (i + 1),
                    pairsPrompt,
                    settings.pairTemperatures().get(i),
                    settings.maxPairsTokens(),
                    service::pairs,
                    result -> Optional.of(PairParser.parse(result.content())).filter(pairs -> !pairs.isEmpty()));
            asked.pairs().add(threads.submit(() -> asker.ask(question, passage)));
        }
        return asked;
    }

    /** A passage by its index, and what became of it. */
    private record Done(int passage, Augmented augmented) {}

    private record PassageAnswers(List<Future<Answer<String>>> rewrites, List<Future<Answer<List<Pair>>>> pairs) {}

    /** @param value null where the model gave nothing of use */
    private record Answer<T>(T value, String note) {}

    private record Question<T>(
            String name,
            String prompt,
            double temperature,
            int maxTokens,
            Function<String, Result<String>> call,
            Function<Result<String>, Optional<T>> read) {}

    private static Augmented collect(PassageAnswers answers, AugmentationSettings settings) {
        try {
            List<String> notes = new ArrayList<>();
            List<String> rewrites = new ArrayList<>();
            for (Future<Answer<String>> future : answers.rewrites()) {
                Answer<String> answer = get(future);
                if (answer.value() == null) {
                    notes.add(answer.note());
                } else {
                    rewrites.add(answer.value());
                }
            }
            List<Pair> pairs = new ArrayList<>();
            Set<String> questions = new HashSet<>();
            for (Future<Answer<List<Pair>>> future : answers.pairs()) {
                Answer<List<Pair>> answer = get(future);
                if (answer.value() == null) {
                    notes.add(answer.note());
                } else {
                    addNew(answer.value(), pairs, questions, settings.maxPairs());
                }
            }
            if (pairs.isEmpty()) {
                return new Augmented(
                        null,
                        "the model made no question/answer pairs of it: "
                                + String.join("; ", notes)
                                + "; try another model for augmentation, or another prompt set");
            }
            return new Augmented(new Augmentation(rewrites, pairs, notes), null);
        } catch (PassageException e) {
            return new Augmented(null, e.getMessage());
        }
    }

    private static void addNew(List<Pair> more, List<Pair> pairs, Set<String> questions, int most) {
        for (Pair pair : more) {
            if (pairs.size() < most && questions.add(PairParser.normalised(pair.question()))) {
                pairs.add(pair);
            }
        }
    }

    /** Asks until an answer is of use, or too often. */
    private record Asker(
            AugmentationSettings settings, Semaphore places, Runnable onAnswer, BooleanSupplier cancelled) {
        <T> Answer<T> ask(Question<T> question, String passage) throws InterruptedException {
            for (int attempt = 0; attempt < settings.tries(); attempt++) {
                Asking asking = asking(question, passage, attempt);
                Result<String> result;
                places.acquire();
                try {
                    if (cancelled.getAsBoolean()) {
                        throw new CancellationException("augmentation was cancelled");
                    }
                    result = call(question, asking);
                } finally {
                    places.release();
                }
                Optional<T> value = result.content() == null
                        ? Optional.empty()
                        : question.read().apply(result);
                if (value.isPresent()) {
                    onAnswer.run();
                    return new Answer<>(value.get(), null);
                }
            }
            onAnswer.run();
            return new Answer<>(null, question.name() + ": no usable answer in " + settings.tries() + " tries");
        }

        private Asking asking(Question<?> question, String passage, int attempt) {
            double temperature =
                    attempt == 0 ? question.temperature() : Math.max(RETRY_TEMPERATURE, question.temperature());
            long seed = Hashes.builder()
                    .add(settings.seed())
                    .add(passage)
                    .add(question.name())
                    .add(attempt)
                    .seed();
            return new Asking(temperature, question.maxTokens(), seed);
        }
    }

    private static Result<String> call(Question<?> question, Asking asking) throws InterruptedException {
        while (true) {
            try {
                return ScopedValue.where(Asking.CURRENT, asking)
                        .call(() -> question.call().apply(question.prompt()));
            } catch (EngineBusyException e) {
                // Others use the engine too; there is time.
                Thread.sleep(e.retryAfter());
            } catch (UserException e) {
                if (e.kind() == UserException.Kind.ENVIRONMENT) {
                    throw e;
                }
                throw new PassageException(e.getMessage());
            } catch (InvalidRequestException e) {
                throw new PassageException("the augmentation model refuses it: " + e.getMessage());
            } catch (LangChain4jException | ProcessingException e) {
                throw new UserException(
                        UserException.Kind.ENVIRONMENT,
                        "the augmentation model can't be used: " + e.getMessage()
                                + "; check prag.augmentation.url, prag.augmentation.key and prag.augmentation.model",
                        e);
            }
        }
    }

    private static Optional<String> rewriteOf(Result<String> result) {
        String rewrite = result.content().strip();
        boolean whole = result.finishReason() != FinishReason.LENGTH;
        return whole && !rewrite.isEmpty() ? Optional.of(rewrite) : Optional.empty();
    }

    private static Done next(CompletionService<Done> passages, BooleanSupplier cancelled) {
        try {
            Future<Done> done = null;
            while (done == null) {
                if (cancelled.getAsBoolean()) {
                    throw new CancellationException("augmentation was cancelled");
                }
                done = passages.poll(100, TimeUnit.MILLISECONDS);
            }
            return get(done);
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private static <T> T get(Future<T> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException cause -> throw cause;
                case Error cause -> throw cause;
                default -> throw new IllegalStateException(e.getCause());
            }
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private static CancellationException interrupted() {
        Thread.currentThread().interrupt();
        return new CancellationException("augmentation was interrupted");
    }

    /** Concerns one passage and no other. */
    private static final class PassageException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        PassageException(String message) {
            super(message);
        }
    }
}
