package dev.prag.augmentation;

import dev.prag.augmentation.Asker.Answer;
import dev.prag.augmentation.Asker.Question;
import dev.prag.augmentation.Asker.Read;
import dev.prag.base.UserException;
import dev.prag.generation.grammar.JsonSchema;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Augments passages (Su et al., 2025, section 3.2.1), many at once, so that the engine can batch what is asked. What is
 * made of a passage depends on the passage and the settings, not on what else is augmented or in which order (but for
 * ties that the rounding of larger batches decides).
 */
@ApplicationScoped
public class Augmenter {
    /** Of what a model wrote about one passage and was no use, in characters. */
    private static final int LONGEST_REJECTED = 4000;
    /** Three pairs as the prompts ask for them, none of whose parts is empty or longer than a few sentences. */
    private static final JsonSchema PAIRS = JsonSchema.of("""
            {"type":"array","minItems":3,"maxItems":3,"items":{"type":"object","properties":{
            "question":{"type":"string","minLength":8,"maxLength":300},
            "answer":{"type":"string","minLength":1,"maxLength":300},
            "full_answer":{"type":"string","minLength":1,"maxLength":600}},
            "required":["question","answer","full_answer"]}}""");

    private final AugmentationService service;
    private final AugmentationModel model;
    private final int concurrency;

    /**
     * @param concurrency how many answers are asked for at once
     * @param serving whether others ask the engine of this process, too
     * @param sequences places of that engine
     * @param share of its places, the most that augmentation takes beside others
     */
    @Inject
    public Augmenter(
            AugmentationService service,
            AugmentationModel model,
            @ConfigProperty(name = "prag.augmentation.concurrency", defaultValue = "64") int concurrency,
            @ConfigProperty(name = "prag.encoder.enabled", defaultValue = "false") boolean serving,
            @ConfigProperty(name = "prag.sequences", defaultValue = "64") int sequences,
            @ConfigProperty(name = "prag.augmentation.share", defaultValue = "0.5") double share) {
        this(
                service,
                model,
                serving && model.isLocal() ? Math.min(concurrency, places(sequences, share)) : concurrency);
    }

    /** @param concurrency how many answers are asked for at once */
    public Augmenter(AugmentationService service, AugmentationModel model, int concurrency) {
        this.service = service;
        this.model = model;
        this.concurrency = concurrency;
    }

    /** At least one, or nothing would ever be encoded. */
    static int places(int sequences, double share) {
        if (!(share > 0 && share <= 1)) {
            throw new UserException("prag.augmentation.share is " + share + "; give a number above 0, up to 1");
        }
        return Math.max(1, (int) (sequences * share));
    }

    /** How many answers are asked for to augment one passage, tries again not counted. */
    public static int answersPerPassage(AugmentationSettings settings) {
        int pairs = settings.questions() == null
                ? settings.pairTemperatures().size()
                : settings.questions().perPassage();
        return settings.rewriteTemperatures().size() + pairs;
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
            List<Augmentable> passages,
            AugmentationSettings settings,
            AugmentationListener listener,
            BooleanSupplier cancelled) {
        PromptSet prompts = settings.prompts().set();
        AtomicInteger answers = new AtomicInteger();
        Asker asker = new Asker(
                service,
                settings,
                new Semaphore(concurrency, true),
                () -> listener.onAnswers(answers.incrementAndGet()),
                model::failure,
                cancelled);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            try {
                CompletionService<Done> passagesDone = new ExecutorCompletionService<>(threads);
                for (int i = 0; i < passages.size(); i++) {
                    int passage = i;
                    PassageAnswers asked = ask(passages.get(i), prompts, settings, asker, threads);
                    passagesDone.submit(
                            () -> new Done(passage, collect(passages.get(passage), asked, prompts, settings)));
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

    /**
     * Says questions in other words.
     *
     * @param pairs of each passage, in their order
     * @param settings that make questions one by one
     * @return one other wording, with its answer, of each question that the model could say otherwise
     * @throws UserException if the model can't be used at all
     * @throws CancellationException if cancelled
     */
    public List<List<Pair>> paraphrase(
            List<Augmentable> passages,
            List<List<Pair>> pairs,
            AugmentationSettings settings,
            BooleanSupplier cancelled) {
        Asker asker =
                new Asker(service, settings, new Semaphore(concurrency, true), () -> {}, model::failure, cancelled);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            try {
                List<Future<List<Pair>>> asked = new ArrayList<>();
                for (int i = 0; i < passages.size(); i++) {
                    PassageLines lines = new PassageLines(passages.get(i), settings, asker, threads);
                    List<Pair> theirs = pairs.get(i);
                    Paraphraser paraphraser =
                            new Paraphraser(lines, settings.prompts().set());
                    asked.add(threads.submit(() -> paraphraser.make(theirs, 1).pairs()));
                }
                List<List<Pair>> said = new ArrayList<>();
                for (Future<List<Pair>> future : asked) {
                    said.add(said(future));
                }
                return said;
            } finally {
                threads.shutdownNow();
            }
        }
    }

    private static List<Pair> said(Future<List<Pair>> future) {
        try {
            return get(future);
        } catch (Asker.PassageException e) {
            return List.of();
        }
    }

    private PassageAnswers ask(
            Augmentable passage,
            PromptSet prompts,
            AugmentationSettings settings,
            Asker asker,
            ExecutorService threads) {
        QuestionMaker questions = settings.questions() == null
                ? null
                : new QuestionMaker(passage, settings, prompts, asker, model.gain(settings), threads);
        PassageAnswers asked = new PassageAnswers(
                new ArrayList<>(), new ArrayList<>(), questions == null ? null : threads.submit(questions::make));
        String rewritePrompt = prompts.rewritePrompt(passage.text());
        for (int i = 0; i < settings.rewriteTemperatures().size(); i++) {
            Question<String> question = new Question<>(
                    "rewrite " + (i + 1),
                    rewritePrompt,
                    settings.rewriteTemperatures().get(i),
                    settings.maxRewriteTokens(),
                    "maxRewriteTokens",
                    null,
                    service::rewrite,
                    (answer, cutOff) -> rewriteOf(answer, cutOff, passage.text(), rewritePrompt, settings.checks()));
            asked.rewrites().add(threads.submit(() -> asker.ask(question, passage)));
        }
        if (questions != null) {
            return asked;
        }
        String pairsPrompt = prompts.pairsPrompt(passage.text());
        for (int i = 0; i < settings.pairTemperatures().size(); i++) {
            Question<List<Pair>> question = new Question<>(
                    "pairs " + (i + 1),
                    pairsPrompt,
                    settings.pairTemperatures().get(i),
                    settings.maxPairsTokens(),
                    "maxPairsTokens",
                    settings.structured() != null ? PAIRS : null,
                    service::pairs,
                    (answer, cutOff) -> pairsOf(answer, passage, settings.checks()));
            asked.pairs().add(threads.submit(() -> asker.ask(question, passage)));
        }
        return asked;
    }

    private static Read<String> rewriteOf(
            String answer, boolean cutOff, String passage, String prompt, CheckSettings checks) {
        if (cutOff) {
            return Read.useless("it has no end");
        }
        String rewrite = Rewrites.clean(answer, passage);
        return Rewrites.fault(rewrite, passage, prompt)
                .or(() -> checks == null ? Optional.empty() : RewriteChecks.fault(rewrite, passage, checks))
                .<Read<String>>map(Read::useless)
                .orElseGet(() -> Read.of(rewrite));
    }

    private static Read<List<Pair>> pairsOf(String answer, Augmentable passage, CheckSettings checks) {
        List<Pair> pairs = PairParser.parse(answer);
        if (pairs.isEmpty()) {
            return Read.useless("it holds no questions with answers");
        }
        if (checks == null) {
            return Read.of(pairs);
        }
        String known = passage.text() + " " + passage.subject();
        List<String> faults = new ArrayList<>();
        List<Pair> good = new ArrayList<>();
        for (Pair pair : pairs) {
            Optional<String> fault = QuestionChecks.fault(pair.question(), pair.answer(), known, List.of())
                    .or(() -> QuestionChecks.isSupported(pair.answer(), known, checks.support())
                            ? Optional.empty()
                            : Optional.of(QuestionChecks.UNSUPPORTED));
            fault.ifPresentOrElse(faults::add, () -> good.add(pair));
        }
        return good.isEmpty()
                ? Read.useless("none of its questions is of use: " + String.join(", ", new TreeSet<>(faults)))
                : Read.of(good);
    }

    /** A passage by its index, and what became of it. */
    private record Done(int passage, Augmented augmented) {}

    /** @param questions pairs made one by one; null where they are made several at once */
    private record PassageAnswers(
            List<Future<Answer<String>>> rewrites,
            List<Future<Answer<List<Pair>>>> pairs,
            Future<QuestionMaker.Made> questions) {}

    private Augmented collect(
            Augmentable passage, PassageAnswers answers, PromptSet prompts, AugmentationSettings settings) {
        try {
            List<String> notes = new ArrayList<>();
            List<String> rejected = new ArrayList<>();
            List<Making.Call> calls = new ArrayList<>();
            List<String> rewrites = new ArrayList<>();
            for (Future<Answer<String>> future : answers.rewrites()) {
                Answer<String> answer = get(future);
                calls.addAll(answer.calls());
                addRejected(answer, rejected);
                if (answer.value() == null) {
                    notes.add(answer.note());
                } else {
                    rewrites.add(answer.value());
                }
            }
            List<Pair> pairs = new ArrayList<>();
            List<String> withoutPairs = new ArrayList<>();
            Set<String> questions = new HashSet<>();
            for (Future<Answer<List<Pair>>> future : answers.pairs()) {
                Answer<List<Pair>> answer = get(future);
                calls.addAll(answer.calls());
                addRejected(answer, rejected);
                if (answer.value() == null) {
                    withoutPairs.add(answer.note());
                } else {
                    addNew(answer.value(), pairs, questions, settings.maxPairs());
                }
            }
            Map<String, Integer> figures = new TreeMap<>(Map.of("kept", pairs.size()));
            Map<String, String> wording = new TreeMap<>(Map.of("rewrite", prompts.rewrite()));
            if (settings.asksForPairs()) {
                wording.put("pairs", prompts.pairs());
            }
            if (answers.questions() != null) {
                QuestionMaker.Made made = get(answers.questions());
                pairs.addAll(made.pairs());
                calls.addAll(made.calls());
                figures.putAll(made.figures());
                wording.remove("pairs");
                wording.putAll(made.prompts());
                if (pairs.isEmpty()) {
                    withoutPairs.add(faults(made));
                    made.calls()
                            .forEach(call -> rejected.add(call.of() + " (" + call.outcome() + "): " + call.wrote()));
                }
            }
            if (pairs.isEmpty() && settings.asksForPairs()) {
                return Augmented.failed(
                        "the model made no question/answer pairs of it: "
                                + String.join("; ", withoutPairs)
                                + "; try another model for augmentation, or another prompt set",
                        false,
                        joined(rejected));
            }
            notes.addAll(withoutPairs);
            addRewriteOfPairs(rewrites, pairs, settings, notes);
            List<String> sentences = Topics.sentences(passage.text());
            figures.put("sentences", sentences.size());
            figures.put("covered", Coverage.covered(sentences, pairs));
            figures.put("rewrites", rewrites.size());
            return Augmented.of(
                    new Augmentation(rewrites, pairs, notes),
                    joined(rejected),
                    new Making(model.id(settings), wording, calls, figures));
        } catch (Asker.PassageException e) {
            return Augmented.failed(e.getMessage(), e.isHopeless(), "");
        }
    }

    private static String faults(QuestionMaker.Made made) {
        String dropped = made.figures().entrySet().stream()
                .filter(figure -> figure.getKey().startsWith("dropped: "))
                .map(figure -> figure.getValue() + " " + figure.getKey().substring("dropped: ".length()))
                .collect(Collectors.joining(", "));
        return "of " + made.figures().getOrDefault("asked", 0) + " questions none is of use"
                + (dropped.isEmpty() ? "" : " (" + dropped + ")");
    }

    /** What the pairs say, where the model couldn't say the passage in other words. */
    private static void addRewriteOfPairs(
            List<String> rewrites, List<Pair> pairs, AugmentationSettings settings, List<String> notes) {
        boolean wanted = settings.checks() != null
                && settings.checks().rewriteFromPairs()
                && rewrites.isEmpty()
                && !pairs.isEmpty()
                && !settings.rewriteTemperatures().isEmpty();
        if (wanted) {
            rewrites.add(pairs.stream().map(Pair::fullAnswer).distinct().collect(Collectors.joining(" ")));
            notes.add("the rewrite is made of the answers");
        }
    }

    private static void addRejected(Answer<?> answer, List<String> rejected) {
        if (answer.value() == null) {
            rejected.add(answer.rejected());
        }
    }

    private static String joined(List<String> rejected) {
        String all = String.join("\n", rejected);
        return all.length() <= LONGEST_REJECTED ? all : all.substring(0, LONGEST_REJECTED) + "…";
    }

    private static void addNew(List<Pair> more, List<Pair> pairs, Set<String> questions, int most) {
        for (Pair pair : more) {
            if (pairs.size() < most && questions.add(PairParser.normalised(pair.question()))) {
                pairs.add(pair);
            }
        }
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
            return PassageLines.get(future);
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private static CancellationException interrupted() {
        Thread.currentThread().interrupt();
        return new CancellationException("augmentation was interrupted");
    }
}
