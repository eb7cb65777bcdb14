package dev.prag.generation;

import dev.prag.base.UserException;
import dev.prag.generation.Scheduler.Work;
import dev.prag.generation.grammar.JsonSchema;
import dev.prag.generation.grammar.TokenVocabulary;
import dev.prag.llm.Decoder;
import dev.prag.llm.LanguageModel;
import dev.prag.llm.Tokenizer;
import dev.prag.tensor.DeviceLostException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Continues prompts: many at once, with continuous batching (Yu et al., Orca, 2022, iteration-level scheduling) over a
 * paged cache (Kwon et al., 2023). Requests join and leave between steps; each may have its own composition. One
 * thread of its own runs the steps and calls the listeners.
 */
public final class GenerationEngine implements AutoCloseable {
    private static final Runnable NOTHING = () -> {};

    private final Stepper stepper;
    private final StepRunner runner;
    private final Supplier<TokenText> texts;
    private final Masks masks;
    private final Set<Integer> endIds;
    private final int vocab;
    private final EngineSettings settings;
    private final Thread thread;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    // Guarded by the lock.
    private final Scheduler scheduler;
    private boolean closed;
    /** Of those who wait for what is kept to be given up; null if nobody does. */
    private CompletableFuture<Void> forgetting;

    private Throwable broken;
    private double meanSeconds = 1;
    private long steps;
    private long rows;
    private long tokens;

    /**
     * Starts an engine. The model must stay open until this is closed.
     *
     * @throws UserException if the settings ask for a longer context than the model has
     */
    public GenerationEngine(LanguageModel model, EngineSettings settings) {
        this(
                model.decoder(),
                model.tokenizer(),
                Set.copyOf(model.generationDefaults().eosIds()),
                settings);
    }

    /** The same from its parts, such as a decoder with a composition merged into its weights. */
    public GenerationEngine(Decoder decoder, Tokenizer tokenizer, Set<Integer> endIds, EngineSettings settings) {
        this(
                stepper(checked(decoder, settings), settings),
                () -> TokenText.of(tokenizer.streamFollowing(true)),
                () -> TokenVocabulary.of(tokenizer, decoder.config().vocabSize()),
                endIds,
                decoder.config().vocabSize(),
                settings);
    }

    /** The same without a tokenizer: ids only, and no token ends a text by itself. */
    public GenerationEngine(Decoder decoder, EngineSettings settings) {
        this(
                stepper(checked(decoder, settings), settings),
                () -> TokenText.NONE,
                null,
                Set.of(),
                decoder.config().vocabSize(),
                settings);
    }

    /** Without the bytes of tokens, so without schemas. */
    GenerationEngine(
            Stepper stepper, Supplier<TokenText> texts, Set<Integer> endIds, int vocab, EngineSettings settings) {
        this(stepper, texts, null, endIds, vocab, settings);
    }

    /**
     * @param vocabulary makes the tokens that schemas need; null where they have no bytes
     * @param endIds the model's own end tokens
     * @param vocab ids of prompts are below it
     */
    GenerationEngine(
            Stepper stepper,
            Supplier<TokenText> texts,
            Supplier<TokenVocabulary> vocabulary,
            Set<Integer> endIds,
            int vocab,
            EngineSettings settings) {
        this.stepper = stepper;
        runner = new StepRunner(stepper, new Books());
        this.texts = texts;
        masks = new Masks(vocabulary);
        this.endIds = Set.copyOf(endIds);
        this.vocab = vocab;
        this.settings = settings;
        scheduler = new Scheduler(settings);
        thread = Thread.ofPlatform().daemon().name("prag-generation").start(this::run);
    }

    public EngineSettings settings() {
        return settings;
    }

    /** As {@link #submit(GenerationRequest, TokenListener, Runnable)}, with nothing to do in the end. */
    public Generation submit(GenerationRequest request, TokenListener listener) {
        return submit(request, listener, NOTHING);
    }

    /**
     * Accepts a request; it runs as soon as there is room, in the order of submission.
     *
     * <p>The adapters of all compositions that run at one time must lie in one slab.
     *
     * @param listener hears of its tokens
     * @param onFinished runs once, on the engine's thread, when nothing uses the composition any more and before the
     *     listener hears of the end: the place to give back the adapters. It doesn't run if this method throws
     * @throws UserException if the prompt and one more token don't fit into the context, an id is not of the vocabulary,
     *     or the schema isn't supported
     * @throws EngineBusyException if too many requests are waiting already
     */
    public Generation submit(GenerationRequest request, TokenListener listener, Runnable onFinished) {
        int length = request.prompt().length;
        if (length >= settings.contextTokens()) {
            throw new UserException(
                    UserException.Kind.TOO_LARGE,
                    "the prompt has " + length + " tokens and the context holds " + settings.contextTokens()
                            + ", of which at least one is for the answer: shorten the prompt, or start with --context "
                            + (length + 1) + " or more if the model allows it");
        }
        request.check(vocab);
        Set<Integer> stopIds = new HashSet<>(request.stopIds());
        if (!request.ignoreEos()) {
            stopIds.addAll(endIds);
        }
        int limit = Math.min(request.maxNewTokens(), settings.contextTokens() - length);
        requireRoom();
        Constraint constraint = masks.constraint(request.schema(), stopIds, limit);
        Sequence sequence = new Sequence(request, stopIds, limit, constraint, texts.get(), listener, onFinished);
        lock.lock();
        try {
            requireRoom();
            scheduler.add(sequence);
            work.signal();
        } finally {
            lock.unlock();
        }
        return sequence.generation;
    }

    /** Whether it serves: not once it was closed, or an error of the machine has stopped it, such as no memory left. */
    public boolean isOpen() {
        lock.lock();
        try {
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    /** What ended the engine's thread, if an error of the machine did: nothing will be served before a restart. */
    public Optional<Throwable> failure() {
        lock.lock();
        try {
            return Optional.ofNullable(broken);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Whether {@link #submit} would accept a request now, for callers who have to know before they begin to answer.
     *
     * @throws EngineBusyException if too many requests are waiting already
     */
    public void requireRoom() {
        lock.lock();
        try {
            if (closed) {
                throw closedError();
            }
            int unfinished = scheduler.running() + scheduler.waiting();
            if (unfinished >= settings.maxSequences() + settings.maxWaiting()) {
                throw new EngineBusyException(unfinished, retryAfter());
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Gives up what is kept of prompts and compositions that no running sequence uses: cached prefixes and weights with
     * adapters merged in. Those that run keep theirs until their end.
     *
     * @return completed when it is done, between two steps
     */
    public CompletableFuture<Void> forget() {
        lock.lock();
        try {
            if (closed) {
                return CompletableFuture.completedFuture(null);
            }
            scheduler.cache().forgetIdle();
            if (forgetting == null) {
                forgetting = new CompletableFuture<>();
            }
            work.signal();
            return forgetting;
        } finally {
            lock.unlock();
        }
    }

    /** @throws UserException if the schema isn't supported */
    public void check(JsonSchema schema) {
        masks.check(schema);
    }

    /** Submits a request and waits for its end; never to be called from a {@link TokenListener}. */
    public GenerationResult generate(GenerationRequest request) {
        return submit(request, TokenListener.NONE).join();
    }

    public EngineStatistics statistics() {
        lock.lock();
        try {
            PrefixCache cache = scheduler.cache();
            return new EngineStatistics(
                    scheduler.running(),
                    scheduler.waiting(),
                    cache.available(),
                    cache.cached(),
                    cache.size(),
                    steps,
                    rows,
                    scheduler.reused(),
                    tokens,
                    stepper.merges());
        } finally {
            lock.unlock();
        }
    }

    /** Ends what runs and what waits, with an error that says so, and frees the cache. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            work.signal();
        } finally {
            lock.unlock();
        }
        if (Thread.currentThread() != thread) {
            joinThread();
        }
    }

    private static Stepper stepper(Decoder decoder, EngineSettings settings) {
        DecoderStepper stepper = new DecoderStepper(decoder, settings);
        return settings.merging().enabled()
                ? new MergingStepper(stepper, settings.merging(), new MeasuredCosts(decoder.device()))
                : stepper;
    }

    private static Decoder checked(Decoder decoder, EngineSettings settings) {
        if (settings.contextTokens() > decoder.context()) {
            throw new UserException("a context of " + settings.contextTokens() + " tokens is more than the "
                    + decoder.context() + " that the model was opened for: give --context " + decoder.context()
                    + " or less");
        }
        return decoder;
    }

    // ---- the engine's thread ----

    private void run() {
        try {
            while (true) {
                List<Sequence> cancelled;
                List<Work> plan;
                boolean alone;
                CompletableFuture<Void> forget;
                lock.lock();
                try {
                    while (!closed && scheduler.idle() && forgetting == null) {
                        work.awaitUninterruptibly();
                    }
                    if (closed) {
                        break;
                    }
                    forget = forgetting;
                    forgetting = null;
                    cancelled = scheduler.removeCancelled();
                    scheduler.admit(System.nanoTime());
                    plan = scheduler.plan();
                    alone = scheduler.running() == 1 && scheduler.waiting() == 0;
                } finally {
                    lock.unlock();
                }
                if (forget != null) {
                    stepper.forget();
                    forget.complete(null);
                }
                if (!cancelled.isEmpty()) {
                    // A prompt's steps choose nothing, so nobody has waited for them, and the end gives adapters back.
                    stepper.settle();
                }
                cancelled.forEach(s -> runner.finish(s, Finish.CANCELLED));
                if (!plan.isEmpty()) {
                    runner.step(plan, alone);
                }
            }
        } catch (Throwable e) {
            // Such as no memory left: nothing is certain any more, so everybody hears of it.
            lock.lock();
            broken = e;
            lock.unlock();
            log().log(System.Logger.Level.ERROR, "the generation engine has stopped", e);
        } finally {
            end();
        }
    }

    /** What the runner's steps change in what the engine knows. */
    private final class Books implements StepRunner.Books {
        @Override
        public void stepped(int ofRows, int ofTokens) {
            lock.lock();
            try {
                steps++;
                rows += ofRows;
                tokens += ofTokens;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void left(Sequence sequence) {
            lock.lock();
            try {
                scheduler.remove(sequence);
                if (sequence.admittedAt != 0) {
                    double seconds = (System.nanoTime() - sequence.admittedAt) / 1e9;
                    meanSeconds += 0.2 * (seconds - meanSeconds);
                }
            } finally {
                lock.unlock();
            }
        }
    }

    private void end() {
        List<Sequence> rest;
        CompletableFuture<Void> forget;
        lock.lock();
        try {
            closed = true;
            forget = forgetting;
            rest = scheduler.removeAll();
        } finally {
            lock.unlock();
        }
        RuntimeException error = closedError();
        masks.close();
        rest.forEach(s -> {
            try {
                runner.fail(s, error);
            } catch (Throwable e) {
                // Memory may be lacking even for this; whoever waits must not wait for ever.
                s.generation.fail(error);
            }
        });
        stepper.close();
        if (forget != null) {
            forget.complete(null);
        }
    }

    private RuntimeException closedError() {
        Optional<DeviceLostException> lost = DeviceLostException.in(broken);
        if (lost.isPresent()) {
            return new UserException(UserException.Kind.ENVIRONMENT, lost.get().getMessage(), broken);
        }
        return broken != null
                ? new IllegalStateException("the generation engine has stopped: " + inWords(broken), broken)
                : new UserException(
                        UserException.Kind.ENVIRONMENT,
                        "the generation engine is closed because the program is ending; ask again once it is up");
    }

    private static String inWords(Throwable broken) {
        return switch (broken) {
            case OutOfMemoryError e -> "there was no memory left; start again with more";
            case StackOverflowError e -> "a computation was nested too deep; start again";
            // How the JVM tells of a fault in a mapped file.
            case InternalError e ->
                "a file of the model became shorter while it was in use; copy it again and start again";
            default -> "an error of the program; start again";
        };
    }

    private Duration retryAfter() {
        double seconds = meanSeconds * (1 + scheduler.waiting()) / settings.maxSequences();
        return Duration.ofSeconds((long) Math.clamp(Math.ceil(seconds), 1, 60));
    }

    /** Looked up where something is to be said: setting up logging would take a good part of a short run. */
    static System.Logger log() {
        return System.getLogger(GenerationEngine.class.getName());
    }

    private void joinThread() {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
