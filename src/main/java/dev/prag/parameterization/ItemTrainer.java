package dev.prag.parameterization;

import dev.prag.augmentation.Augmentation;
import dev.prag.augmentation.Pair;
import dev.prag.base.Hashes;
import dev.prag.base.UserException;
import dev.prag.corpus.AdapterMeasure;
import dev.prag.llm.LanguageModel;
import dev.prag.lora.Adapter;
import dev.prag.lora.PeftFolder;
import dev.prag.lora.Scope;
import dev.prag.runtime.ModelRuntime;
import dev.prag.tensor.DeviceLostException;
import dev.prag.training.NeutralTexts;
import dev.prag.training.Sample;
import dev.prag.training.StepListener;
import dev.prag.training.Trainer;
import dev.prag.training.TrainingJob;
import dev.prag.training.TrainingRecipe;
import dev.prag.training.TrainingResult;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Trains the adapters of passages together, by one recipe, and tells whose fault it is where that fails. */
final class ItemTrainer {
    /**
     * What became of an item.
     *
     * @param result null if there was an error
     * @param error that came of training it, and of nothing beside it
     * @param measure what its adapter is worth; null where it wasn't measured
     * @param withheld why its adapter isn't to be used; null if it is
     */
    record Outcome(
            EncodingItem item, TrainingResult result, RuntimeException error, AdapterMeasure measure, String withheld) {
        static Outcome of(EncodingItem item, TrainingResult result) {
            return new Outcome(item, result, null, null, null);
        }

        static Outcome of(EncodingItem item, RuntimeException error) {
            return new Outcome(item, null, error, null, null);
        }

        /** The same, with what was made of its adapter. */
        Outcome with(Adapter adapter) {
            return new Outcome(item, result.with(adapter), error, measure, withheld);
        }

        boolean isTrained() {
            return error == null && !result.diverged();
        }

        /** Whether there is an adapter that may be used. */
        boolean isGood() {
            return isTrained() && withheld == null;
        }

        boolean diverged() {
            return error == null && result.diverged();
        }

        /** Why the passage has failed whose training diverged. */
        String divergence(float learningRate) {
            return "its training diverged: the losses of its last steps were " + result.lastLosses()
                    + "; use a recipe with a smaller learningRate than " + learningRate;
        }
    }

    private final Trainer trainer;
    private final TrainingRecipe recipe;
    private final Adapter init;
    private final NeutralTexts neutral;
    private final boolean sharedA;
    private final AdapterGate gate;

    private ItemTrainer(
            Trainer trainer,
            TrainingRecipe recipe,
            Adapter init,
            NeutralTexts neutral,
            boolean sharedA,
            AdapterGate gate) {
        this.trainer = trainer;
        this.recipe = recipe;
        this.init = init;
        this.neutral = neutral;
        this.sharedA = sharedA;
        this.gate = gate;
    }

    /**
     * Opens the model and tries the recipe on it, before any passage depends on them.
     *
     * @throws UserException if the model can't be loaded or has no usable chat template, or the recipe can't be applied
     *     to it
     * @throws CancellationException if cancelled
     */
    static ItemTrainer open(ModelRuntime runtime, Recipe recipe, BooleanSupplier cancelled) {
        runtime.expectTraining();
        TrainingRecipe training = recipe.trainingRecipe();
        Adapter init = null;
        if (recipe.training().init() != null) {
            String what = "recipe " + recipe.name() + ": the adapter that init names";
            init = PeftFolder.read(
                    recipe.training().init().folder(), runtime.folder().config().decoderShape());
            Trainer.requireFits(init, training, what);
        }
        LanguageModel model = runtime.languageModel();
        SampleBuilder samples = SampleBuilder.of(model, recipe);
        samples.build("A passage.", new Augmentation(List.of(), List.of(new Pair("Q?", "A", "A.")), List.of()));
        NeutralTexts neutral = null;
        if (training.loss().neutral() > 0) {
            List<Sample> texts = Neutral.of(recipe).samples(model, samples);
            neutral = runtime.trainer().neutral(texts, training.loss(), training.scope(), cancelled);
        }
        boolean sharedA = !Boolean.FALSE.equals(recipe.training().sharedA());
        AdapterGate gate = AdapterGate.of(runtime, recipe);
        return new ItemTrainer(runtime.trainer(), training, init, neutral, sharedA, gate);
    }

    /**
     * Trains them, measures what came of it, and trains those again that are below the recipe's bounds.
     *
     * @param settled told the outcome of each as soon as it is known; of those that couldn't be trained last
     * @throws UserException of kind ENVIRONMENT if nothing can be trained now
     */
    void train(
            List<EncodingItem> items,
            RunProgress.Batch progress,
            BooleanSupplier cancelled,
            Consumer<Outcome> settled) {
        progress.mayTrain(gate.tries());
        gate.pass(
                train(items, recipe, progress, cancelled),
                (again, rate) -> {
                    progress.trainAgain();
                    return train(again, recipe.withLearningRate(rate), progress, cancelled);
                },
                settled);
    }

    /** At which an item was trained last that diverged. */
    float lowestRate() {
        return gate.lowestRate();
    }

    private List<Outcome> train(
            List<EncodingItem> items, TrainingRecipe by, RunProgress.Batch progress, BooleanSupplier cancelled) {
        try {
            List<TrainingResult> results = together(items, by, progress, cancelled);
            return Stream.iterate(0, i -> i < items.size(), i -> i + 1)
                    .map(i -> Outcome.of(items.get(i), results.get(i)))
                    .toList();
        } catch (CancellationException | DeviceLostException e) {
            throw e;
        } catch (RuntimeException e) {
            if (e instanceof UserException user && user.kind() == UserException.Kind.ENVIRONMENT) {
                throw e;
            }
            if (items.size() == 1) {
                return List.of(Outcome.of(items.getFirst(), e));
            }
            // Whichever is at fault, the others must not go down with it.
            return items.stream()
                    .flatMap(item -> train(List.of(item), by, progress, cancelled).stream())
                    .toList();
        }
    }

    private List<TrainingResult> together(
            List<EncodingItem> items, TrainingRecipe by, RunProgress.Batch progress, BooleanSupplier cancelled) {
        List<TrainingJob> jobs = items.stream()
                .map(item -> new TrainingJob(
                        item.passage().passageId(),
                        item.samples().learned(),
                        init,
                        seed(item),
                        item.samples().validation()))
                .toList();
        Scope scope = recipe.scope();
        long all = recipe.epochs()
                * items.stream().mapToLong(item -> item.tokens(scope)).sum();
        long[] seen = new long[1];
        StepListener steps = (job, step, loss) -> {
            List<Sample> samples = items.get(job).samples().learned();
            int tokens = samples.get(step % samples.size()).computed(scope);
            seen[0] += tokens;
            progress.trainedOn(tokens, (double) seen[0] / all);
        };
        return trainer.train(jobs, by, neutral, steps, cancelled);
    }

    /** Of the passage's own A, so that it is the same whoever trains it; null for the one that all share. */
    private Long seed(EncodingItem item) {
        return sharedA
                ? null
                : Hashes.builder()
                        .add(recipe.seed())
                        .add(item.passage().textHash())
                        .seed();
    }
}
