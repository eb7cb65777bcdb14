package dev.prag.parameterization;

import dev.prag.adapterstore.AdapterStore;
import dev.prag.augmentation.Augmentation;
import dev.prag.augmentation.AugmentationModel;
import dev.prag.augmentation.Augmented;
import dev.prag.augmentation.Augmenter;
import dev.prag.base.BusyException;
import dev.prag.base.Hashes;
import dev.prag.base.UserException;
import dev.prag.corpus.Augmentations;
import dev.prag.corpus.EncodingCounts;
import dev.prag.corpus.EncodingQueue;
import dev.prag.corpus.LeasedPassage;
import dev.prag.corpus.StoreClaim;
import dev.prag.corpus.Targets;
import dev.prag.corpus.TextSelection;
import dev.prag.runtime.ModelRuntime;
import dev.prag.training.TrainingRecipe;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Reception;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Encodes pending passages: takes a batch of them from the queue with a lease, augments them, trains their adapters
 * together, in portions where that takes long ({@link TrainingPace}), puts each adapter into the store and marks its row.
 * While one batch is trained, the next one is taken and augmented, so that neither waits for the other. A model of its
 * own that augments comes first, and is closed before the one that is trained is opened. Every write is idempotent under
 * its content hash and comes before what refers to it, so an encoder may be killed at any point: whoever takes its
 * passages next finds the augmentations and the adapters that were done, and repeats at most a portion's training and the
 * augmentation of two batches. What is trained waits for a database or a store that is away ({@link Patience}).
 */
@ApplicationScoped
public class Encoder {
    private static final System.Logger LOG = System.getLogger(Encoder.class.getName());
    private static final Duration MOST_WAIT = Duration.ofSeconds(1);
    private static final Duration LEAST_WAIT = Duration.ofMillis(50);

    private final ModelRuntime runtime;
    private final Recipes recipes;
    private final EncodingQueue queue;
    private final Targets targets;
    private final StoreClaim claim;
    private final AdapterStore store;
    private final Augmenter augmenter;
    private final AugmentationModel augmentationModel;
    private final Augmentations augmentations;
    private final EncodingResults results;
    private final EncoderMetrics metrics;
    private final Duration lease;
    private final int batchSize;
    private final Duration portion;
    private final ReentrantLock running = new ReentrantLock();
    /** No new batch is begun. */
    private volatile boolean ending;
    /** Nor is one finished. */
    private volatile boolean stopping;

    /**
     * @param batchSize passages that are encoded together unless a run says otherwise
     * @param portion how long some of these are trained together before their adapters are written
     * @param lease how long a passage is held after the encoder's last sign of life
     */
    @Inject
    public Encoder(
            ModelRuntime runtime,
            Recipes recipes,
            EncodingQueue queue,
            Targets targets,
            StoreClaim claim,
            AdapterStore store,
            Augmenter augmenter,
            AugmentationModel augmentationModel,
            Augmentations augmentations,
            EncoderMetrics metrics,
            @ConfigProperty(name = "prag.encoder.lease", defaultValue = "20s") Duration lease,
            @ConfigProperty(name = "prag.encoder.batch", defaultValue = "16") int batchSize,
            @ConfigProperty(name = "prag.encoder.portion", defaultValue = "10m") Duration portion) {
        this.runtime = runtime;
        this.recipes = recipes;
        this.queue = queue;
        this.targets = targets;
        this.claim = claim;
        this.store = store;
        this.augmenter = augmenter;
        this.augmentationModel = augmentationModel;
        this.augmentations = augmentations;
        results = new EncodingResults(queue, store, runtime::adapterFormat);
        this.metrics = metrics;
        this.lease = lease;
        this.batchSize = batchSize;
        this.portion = portion;
    }

    /** As {@link #run(int, EncodingListener)}, with the batch size of the settings. */
    public EncodingSummary run(EncodingListener listener) {
        return run(batchSize, listener);
    }

    /** All there is; as {@link #run(int, EncodingBudget, EncodingListener)}. */
    public EncodingSummary run(int batch, EncodingListener listener) {
        return run(batch, EncodingBudget.unbounded(), listener);
    }

    /** As {@link #run(int, EncodingBudget, TextSelection, EncodingListener)}, of all texts. */
    public EncodingSummary run(int batch, EncodingBudget budget, EncodingListener listener) {
        return run(batch, budget, TextSelection.ALL, listener);
    }

    /** As {@link #run(int, EncodingBudget, TextSelection, EncodingListener)}, with the batch size of the settings. */
    public EncodingSummary run(EncodingBudget budget, TextSelection texts, EncodingListener listener) {
        return run(batchSize, budget, texts, listener);
    }

    /**
     * Encodes until no passage is pending or leased, the budget is spent, or the encoder is told to {@link #end}; waits for the leases of other
     * encoders to end, in case they died. Passages of other texts than these stay as they are. One run at a time in a process; a second one waits for the first.
     *
     * @throws UserException if it can't go on, whatever passage it takes, such as for a model that can't be loaded, an
     *     endpoint that is gone, or a full disk: what it held is given back, and no passage has one attempt less. If the
     *     next passages can't be augmented, those that are being trained are written first
     * @throws CancellationException if the program is ending
     */
    public EncodingSummary run(int batch, EncodingBudget budget, TextSelection texts, EncodingListener listener) {
        if (batch < 1) {
            throw new UserException("batch " + batch + ": encode at least one passage at once");
        }
        running.lock();
        try {
            EncodingSummary summary = encodeAll(batch, budget, texts, listener);
            augmentations.publishQuestions();
            return summary;
        } finally {
            running.unlock();
        }
    }

    private EncodingSummary encodeAll(
            int batch, EncodingBudget budget, TextSelection texts, EncodingListener listener) {
        try (Leases leases = new Leases(queue, lease);
                AugmentationModel.Use augmenting = augmentationModel.use();
                Lookahead<Batch> ahead = new Lookahead<>()) {
            EncodingRun run = new EncodingRun(
                    recipes.current(),
                    recipes.current().hash(),
                    runtime.modelId(),
                    leases,
                    new RunProgress(listener, metrics),
                    new AtomicBoolean(),
                    budget,
                    pace(),
                    texts,
                    () -> stopping || ahead.isClosed());
            ItemTrainer trainer = null;
            claim.require();
            targets.register(recipes.target());
            if (!texts.isAll()) {
                targets.fill(run.model(), run.recipeHash(), texts);
            }
            queue.removeUnused();
            // Which passages a bounded run comes to isn't known before it takes them.
            if (!budget.isBounded() && augmentationModel.isBeside(run.recipe().augmentation())) {
                augmentAhead(run, batch);
                augmenting.rest();
            }
            while (true) {
                run.checkWanted();
                if (ending) {
                    return run.progress().summary();
                }
                // Only this thread makes passages ready, so nothing that it counts here changes meanwhile.
                EncodingCounts counts = queue.counts(run.model(), run.recipeHash(), texts);
                run.progress().expect(counts.pending());
                if (trainer == null) {
                    if (counts.pending() == 0) {
                        return run.progress().summary();
                    }
                    // What is wrong with the model or the recipe must not cost any passage an attempt.
                    trainer = ItemTrainer.open(runtime, run.recipe(), run.unwanted());
                }
                boolean wasAhead = ahead.isBegun();
                Batch next = wasAhead ? ahead.get() : prepare(run, batch);
                if (ending) {
                    return run.progress().summary();
                }
                if (next.isPresent()) {
                    ahead.begin(() -> prepare(run, batch));
                    encode(run, trainer, next);
                    queue.compactCounts();
                } else if (!wasAhead) {
                    // That nothing was free while others were trained says little.
                    if (counts.pending() == 0 || budget.left(batch) == 0) {
                        return run.progress().summary();
                    }
                    run.progress().waiting();
                    pause(counts.nextLeaseEnd().orElse(LEAST_WAIT));
                }
            }
        }
    }

    /**
     * Passages that are trained together.
     *
     * @param items those that could be augmented
     * @param progress null if there was nothing to take from the queue
     */
    private record Batch(List<EncodingItem> items, RunProgress.Batch progress) {
        static final Batch NONE = new Batch(List.of(), null);

        boolean isPresent() {
            return progress != null;
        }
    }

    /** Takes passages from the queue and augments them; beside a training or not. Nothing, if it is to end. */
    private Batch prepare(EncodingRun run, int most) {
        int allowed = run.budget().left(most);
        if (ending || allowed == 0) {
            return Batch.NONE;
        }
        boolean more;
        List<LeasedPassage> leased;
        do {
            more = run.texts().isAll() && fill(run);
            leased = run.leases().take(run.model(), run.recipeHash(), run.texts(), allowed);
        } while (leased.isEmpty() && more && !ending);
        run.budget().take(leased.size());
        if (leased.isEmpty()) {
            return Batch.NONE;
        }
        try {
            return augment(run, leased);
        } catch (CancellationException e) {
            if (ending && !run.unwanted().getAsBoolean()) {
                return Batch.NONE;
            }
            throw e;
        }
    }

    /** Makes rows of texts that were there before the target; whether there were any to make. */
    private boolean fill(EncodingRun run) {
        try {
            return targets.fill(run.model(), run.recipeHash());
        } catch (BusyException e) {
            LOG.log(System.Logger.Level.DEBUG, "rows of earlier texts are made later: {0}", e.getMessage());
            return false;
        }
    }

    private TrainingPace pace() {
        if (!portion.isPositive()) {
            throw new UserException("prag.encoder.portion is " + portion
                    + "; give how long passages may be trained together, such as 10m");
        }
        long parameters = runtime.folder().config().parameters();
        TrainingRecipe recipe = recipes.current().trainingRecipe();
        return new TrainingPace(portion, parameters, recipe.epochs(), recipe.scope());
    }

    private void encode(EncodingRun run, ItemTrainer trainer, Batch batch) {
        List<EncodingItem> toTrain = new ArrayList<>();
        queue.beforeReuse(batch.items().stream().map(EncodingItem::adapterId).toList());
        for (EncodingItem item : batch.items()) {
            Optional<byte[]> there = store.get(item.adapterId());
            if (there.isPresent()) {
                results.complete(run, batch.progress(), item, Hashes.sha256(there.get()), there.get().length, true);
            } else if (accepted(run, batch.progress(), item)) {
                toTrain.add(item);
            }
        }
        List<EncodingItem> rest = toTrain;
        // What there is no time for is given back with the leases.
        while (!rest.isEmpty() && !ending && run.hasTime()) {
            List<EncodingItem> together = run.pace().next(rest);
            batch.progress().beginTraining(together.size());
            train(run, trainer, batch.progress(), together);
            rest = rest.subList(together.size(), rest.size());
        }
        batch.progress().end();
    }

    // ---- augmentation ----

    private Batch augment(EncodingRun run, List<LeasedPassage> leased) {
        PassageAugmentations source = source(run);
        Map<Long, Augmentation> found = source.kept(leased);
        List<LeasedPassage> missing = leased.stream()
                .filter(passage -> !found.containsKey(passage.encodingId()))
                .toList();
        if (!missing.isEmpty() && run.augmenterChecked().compareAndSet(false, true)) {
            augmentationModel.check(run.recipe().augmentation());
        }
        RunProgress.Batch progress = run.progress().begin(leased.size(), !missing.isEmpty());
        source.make(
                missing,
                found,
                told(run, progress),
                () -> ending || run.unwanted().getAsBoolean());
        run.checkWanted();
        return new Batch(items(run, leased, found), progress);
    }

    private PassageAugmentations.Listener told(EncodingRun run, RunProgress.Batch progress) {
        return new PassageAugmentations.Listener() {
            @Override
            public void answers(int answers, int all) {
                progress.augmented(answers, all);
            }

            @Override
            public void failed(LeasedPassage passage, Augmented augmented) {
                results.fail(
                        run,
                        progress,
                        new PassageFailure(passage, augmented.failure(), augmented.rejected(), augmented.hopeless()));
            }

            @Override
            public void gone(LeasedPassage passage) {
                run.leases().done(passage);
                progress.dropped();
            }
        };
    }

    /** Makes the augmentations of all that this run takes, so that the models aren't in memory together. */
    private void augmentAhead(EncodingRun run, int batch) {
        boolean more = run.texts().isAll();
        while (more && !ending) {
            more = fill(run);
        }
        run.progress()
                .expect(queue.counts(run.model(), run.recipeHash(), run.texts()).pending());
        Deque<RunProgress.Batch> begun = new ArrayDeque<>();
        try {
            new AheadAugmentation(source(run), run.leases(), run.model(), run.recipeHash(), run.texts())
                    .run(
                            () -> ending ? 0 : batch,
                            () -> augmentationModel.check(run.recipe().augmentation()),
                            leased -> {
                                begun.push(run.progress().begin(leased.size(), true));
                                return told(run, begun.peek());
                            },
                            () -> begun.pop().endAhead(),
                            () -> ending || run.unwanted().getAsBoolean());
        } catch (CancellationException e) {
            if (!ending || run.unwanted().getAsBoolean()) {
                throw e;
            }
        }
    }

    private PassageAugmentations source(EncodingRun run) {
        return new PassageAugmentations(
                augmentations, augmenter, augmentationModel, run.recipe().augmentation());
    }

    private List<EncodingItem> items(
            EncodingRun run, List<LeasedPassage> leased, Map<Long, Augmentation> augmentations) {
        SampleBuilder samples = SampleBuilder.of(runtime.languageModel(), run.recipe());
        List<EncodingItem> items = new ArrayList<>();
        for (LeasedPassage passage : leased) {
            Augmentation augmentation = augmentations.get(passage.encodingId());
            if (augmentation != null) {
                items.add(new EncodingItem(
                        passage,
                        augmentation,
                        run.adapterId(passage, augmentation),
                        samples.split(passage.text(), augmentation)));
            }
        }
        return items;
    }

    /** Whether the samples can be trained on; if not, the passage has failed. */
    private boolean accepted(EncodingRun run, RunProgress.Batch progress, EncodingItem item) {
        Optional<String> fault = item.fault(
                runtime.longestSample(),
                run.recipe().prompts().shown(run.recipe().training().steps()));
        fault.ifPresent(why -> results.fail(run, progress, new PassageFailure(item.passage(), why, "", true)));
        return fault.isEmpty();
    }

    // ---- training ----

    private void train(EncodingRun run, ItemTrainer trainer, RunProgress.Batch progress, List<EncodingItem> items) {
        long begin = System.nanoTime();
        Supplier<Duration> spent = () -> Duration.ofNanos(System.nanoTime() - begin);
        Patience patience = new Patience(spent, run.unwanted());
        List<ItemTrainer.Outcome> failed = new ArrayList<>();
        trainer.train(items, progress, run.unwanted(), outcome -> {
            if (outcome.isTrained()) {
                metrics.ended(outcome.result().losses());
                patience.write(() -> results.publish(run, progress, outcome));
            } else {
                failed.add(outcome);
            }
        });
        run.pace().took(items, spent.get());
        boolean works = failed.size() < items.size()
                || run.progress().summary().trained() > 0
                || failed.stream().anyMatch(outcome -> outcome.error() == null);
        failed.forEach(outcome -> fail(run, progress, outcome, works, trainer.lowestRate()));
    }

    /**
     * @param works whether anything was trained, so that it is this passage
     * @param rate at which it was trained last
     */
    private void fail(
            EncodingRun run, RunProgress.Batch progress, ItemTrainer.Outcome outcome, boolean works, float rate) {
        LeasedPassage passage = outcome.item().passage();
        RuntimeException error = outcome.error();
        if (error == null) {
            String reason = outcome.divergence(rate);
            results.fail(run, progress, new PassageFailure(passage, reason, "", true));
        } else if (error instanceof UserException || works) {
            boolean hopeless = error instanceof UserException;
            String reason = "training failed: " + error.getMessage();
            results.fail(run, progress, new PassageFailure(passage, reason, "", hopeless));
        } else {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT,
                    "training fails for every passage: " + error.getMessage() + "; `prag encode --verbose` shows where",
                    error);
        }
    }

    // ---- waiting and ending ----

    private void pause(Duration wanted) {
        Duration pause = wanted.compareTo(MOST_WAIT) > 0 ? MOST_WAIT : wanted;
        try {
            Thread.sleep(pause.compareTo(LEAST_WAIT) < 0 ? LEAST_WAIT : pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("encoding was interrupted");
        }
    }

    /**
     * Ends the run that is under way, and every later one: passages that are being augmented are given back, those
     * that are being trained are finished if that takes no longer than this, else given back.
     */
    public void end(Duration grace) {
        ending = true;
        Thread.ofPlatform().daemon().name("prag-encoder-grace").start(() -> {
            try {
                Thread.sleep(grace);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            stopping = true;
        });
    }

    /** Whether it was told to end. */
    boolean isEnding() {
        return ending || stopping;
    }

    /** Whether nothing is finished any more. */
    boolean isStopping() {
        return stopping;
    }

    /** Lets the run that is under way end before the model's memory goes; one that was never there isn't made for it. */
    void onShutdown(@Observes(notifyObserver = Reception.IF_EXISTS) ShutdownEvent event) {
        stopping = true;
        running.lock();
        running.unlock();
    }
}
