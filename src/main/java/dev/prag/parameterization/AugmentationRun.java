package dev.prag.parameterization;

import dev.prag.augmentation.AugmentationModel;
import dev.prag.augmentation.Augmented;
import dev.prag.augmentation.Augmenter;
import dev.prag.base.BusyException;
import dev.prag.base.UserException;
import dev.prag.corpus.Augmentations;
import dev.prag.corpus.EncodingQueue;
import dev.prag.corpus.EncodingState;
import dev.prag.corpus.LeasedPassage;
import dev.prag.corpus.Targets;
import dev.prag.corpus.TextSelection;
import dev.prag.runtime.ModelRuntime;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Augments pending passages and keeps what comes of it, without training: an encoder finds it, and so may people look at
 * it, or mend it, before it is trained on. Passages are leased as an encoder leases them, and given back pending.
 */
@ApplicationScoped
public class AugmentationRun {
    private final ModelRuntime runtime;
    private final Recipes recipes;
    private final EncodingQueue queue;
    private final Targets targets;
    private final Augmentations kept;
    private final Augmenter augmenter;
    private final AugmentationModel model;
    private final Duration lease;
    private final int batch;
    private final ReentrantLock running = new ReentrantLock();
    private volatile boolean stopping;

    @Inject
    public AugmentationRun(
            ModelRuntime runtime,
            Recipes recipes,
            EncodingQueue queue,
            Targets targets,
            Augmentations kept,
            Augmenter augmenter,
            AugmentationModel model,
            @ConfigProperty(name = "prag.encoder.lease", defaultValue = "20s") Duration lease,
            @ConfigProperty(name = "prag.encoder.batch", defaultValue = "16") int batch) {
        this.runtime = runtime;
        this.recipes = recipes;
        this.queue = queue;
        this.targets = targets;
        this.kept = kept;
        this.augmenter = augmenter;
        this.model = model;
        this.lease = lease;
        this.batch = batch;
    }

    /** Hears how a run gets on. */
    public interface Listener {
        /** So many passages are augmented, of so many that were pending at the start. */
        default void onProgress(int done, long pending) {}

        /** A passage can't be augmented. */
        default void onFailed(PassageFailure failure, boolean givenUp) {}
    }

    /** What a run did. */
    public record Summary(int augmented, int failed) {}

    /**
     * Augments every passage that is pending and has no augmentation yet; each is tried once.
     *
     * @throws UserException if it can't go on, whatever passage it takes
     * @throws CancellationException if the program is ending
     */
    public Summary run(Listener listener) {
        return run(TextSelection.ALL, listener);
    }

    /** The same of passages of these texts. */
    public Summary run(TextSelection texts, Listener listener) {
        running.lock();
        try (Leases leases = new Leases(queue, lease);
                AugmentationModel.Use use = model.use()) {
            Recipe recipe = recipes.current();
            String hash = recipe.hash();
            PassageAugmentations source = new PassageAugmentations(kept, augmenter, model, recipe.augmentation());
            targets.register(recipes.target());
            if (texts.isAll()) {
                fill(hash);
            } else {
                targets.fill(runtime.modelId(), hash, texts);
            }
            long pending = queue.counts(runtime.modelId(), hash, texts).pending();
            AtomicInteger made = new AtomicInteger();
            AtomicInteger failed = new AtomicInteger();
            PassageAugmentations.Listener hears = new PassageAugmentations.Listener() {
                @Override
                public void made(LeasedPassage passage) {
                    listener.onProgress(made.incrementAndGet(), pending);
                }

                @Override
                public void failed(LeasedPassage passage, Augmented augmented) {
                    failed.incrementAndGet();
                    fail(leases, passage, augmented, listener);
                }

                @Override
                public void gone(LeasedPassage passage) {
                    leases.done(passage);
                }
            };
            new AheadAugmentation(source, leases, runtime.modelId(), hash, texts)
                    .run(
                            () -> batch,
                            () -> model.check(recipe.augmentation()),
                            leased -> hears,
                            () -> {},
                            () -> stopping);
            kept.publishQuestions();
            return new Summary(made.get(), failed.get());
        } finally {
            running.unlock();
        }
    }

    private void fill(String recipe) {
        boolean more = true;
        while (more) {
            if (stopping) {
                throw new CancellationException("augmentation was ended");
            }
            try {
                more = targets.fill(runtime.modelId(), recipe);
            } catch (BusyException e) {
                throw new UserException(
                        UserException.Kind.CONFLICT,
                        "others are writing documents, so that passages can't be taken now: run it again in a while",
                        e);
            }
        }
    }

    private void fail(Leases leases, LeasedPassage passage, Augmented augmented, Listener listener) {
        leases.done(passage);
        Optional<EncodingState> state = queue.fail(
                passage.encodingId(), leases.owner(), augmented.failure(), augmented.rejected(), augmented.hopeless());
        PassageFailure failure =
                new PassageFailure(passage, augmented.failure(), augmented.rejected(), augmented.hopeless());
        state.ifPresent(now -> listener.onFailed(failure, now == EncodingState.FAILED));
    }

    /** Lets the run that is under way end before the model's memory goes. */
    void onShutdown(@Observes ShutdownEvent event) {
        stopping = true;
        running.lock();
        running.unlock();
    }
}
