package dev.prag.training;

import dev.prag.base.UserException;
import dev.prag.llm.Backpropagation;
import dev.prag.llm.Decoder;
import dev.prag.lora.Adapter;
import dev.prag.lora.AdapterSlab;
import dev.prag.lora.DecoderShape;
import dev.prag.lora.Scope;
import dev.prag.tensor.AdamW;
import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import dev.prag.tensor.LoraBound;
import dev.prag.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * Trains the adapters of many passages at once over one frozen decoder. In each round every unfinished job takes one
 * step: the jobs' current samples stand side by side in a batch, a segment each with its own adapter, and go forward and
 * backward together; samples that don't fit into one batch follow in further ones. Each adapter has its own gradients,
 * moments and step count, so that what it becomes does not depend on which others are trained beside it.
 *
 * <p>Holds its buffers from run to run; one run at a time.
 */
public final class Trainer implements AutoCloseable {
    private static final long DEFAULT_ACTIVATION_BYTES = 4L << 30;

    private static final String CANCELLED = "training was cancelled";

    /** Rows from which products gain nothing from more. */
    private static final int ENOUGH_ROWS = 1024;

    private final Decoder decoder;
    private final Device device;
    private final Backpropagation backpropagation;
    private final Bounds bounds;

    /** A trainer that keeps up to 4 GiB of activations. */
    public Trainer(Decoder decoder, int maxRows) {
        this(decoder, maxRows, DEFAULT_ACTIVATION_BYTES);
    }

    /**
     * @param maxRows tokens that a batch may have, and so the longest sample
     * @param activationBytes memory for activations; where it doesn't suffice, layers are computed twice
     */
    public Trainer(Decoder decoder, int maxRows, long activationBytes) {
        this.decoder = decoder;
        this.device = decoder.device();
        this.backpropagation = new Backpropagation(decoder, maxRows, activationBytes);
        this.bounds = new Bounds(decoder);
    }

    /**
     * Reads texts on which adapters are to change nothing.
     *
     * @param texts what is longer than a batch or the context is cut
     * @param scope over which part of a question adapters are in force: where that is the answer, adapters are held to
     *     the answers of those texts that are questions
     * @param cancelled asked while they are read
     * @throws CancellationException if cancelled
     */
    public synchronized NeutralTexts neutral(
            List<Sample> texts, LossWeights weights, Scope scope, BooleanSupplier cancelled) {
        List<Sample> fitting = texts.stream().map(text -> cut(text, scope)).toList();
        if (fitting.isEmpty() || fitting.stream().anyMatch(text -> text.ids().length < NeutralTexts.SHORTEST)) {
            throw new UserException("neutral texts: there is none, or one has fewer than " + NeutralTexts.SHORTEST
                    + " tokens; give texts of a sentence or more");
        }
        return device.turns()
                .second(() ->
                        NeutralTexts.of(fitting, teacher(weights, cancelled).read(fitting), scope));
    }

    /** As {@link #train(List, TrainingRecipe, NeutralTexts, StepListener, BooleanSupplier)}, not to be cancelled. */
    public List<TrainingResult> train(List<TrainingJob> jobs, TrainingRecipe recipe, StepListener listener) {
        return train(jobs, recipe, null, listener, () -> false);
    }

    /** As {@link #train(List, TrainingRecipe, NeutralTexts, StepListener, BooleanSupplier, CheckpointKeeper)}, keeping nothing. */
    public List<TrainingResult> train(
            List<TrainingJob> jobs,
            TrainingRecipe recipe,
            NeutralTexts neutral,
            StepListener listener,
            BooleanSupplier cancelled) {
        return train(jobs, recipe, neutral, listener, cancelled, CheckpointKeeper.NONE);
    }

    /**
     * Trains all jobs to their end, from the beginning or where they were interrupted. Steps of answers on the same device
     * go first ({@link dev.prag.tensor.Turns}).
     *
     * @param neutral what the recipe's weight of neutral texts goes by; null where that is 0
     * @param cancelled asked before every round, and while a teacher reads
     * @param keeper told, when it is due and when the training is cancelled, how far the jobs are that aren't at their end
     * @return a result for each job, in their order; one that diverged is over from then on, and the others go on
     * @throws UserException naming the job and the sample, before anything is trained: a sample that is too long or
     *     has nothing to learn, an id outside the vocabulary, a start that doesn't fit the recipe or the model, a
     *     checkpoint of another training
     * @throws CancellationException if cancelled
     */
    public synchronized List<TrainingResult> train(
            List<TrainingJob> jobs,
            TrainingRecipe recipe,
            NeutralTexts neutral,
            StepListener listener,
            BooleanSupplier cancelled,
            CheckpointKeeper keeper) {
        return jobs.isEmpty()
                ? List.of()
                : device.turns().second(() -> trainAll(jobs, recipe, neutral, listener, cancelled, keeper));
    }

    private List<TrainingResult> trainAll(
            List<TrainingJob> jobs,
            TrainingRecipe recipe,
            NeutralTexts neutral,
            StepListener listener,
            BooleanSupplier cancelled,
            CheckpointKeeper keeper) {
        if (neutral == null && recipe.loss().neutral() > 0) {
            throw new IllegalArgumentException("the recipe has a weight for neutral texts, and there are none");
        }
        jobs.forEach(
                job -> JobChecks.check(job, recipe, longest(), decoder.config().vocabSize()));
        DecoderShape shape = decoder.config().decoderShape();
        List<Adapter> starts =
                jobs.stream().map(job -> start(job, recipe, shape)).toList();
        long floats = starts.stream().mapToLong(AdapterSlab::footprint).sum();
        List<List<Lesson>> lessons = lessons(jobs, recipe, cancelled);
        NeutralTexts kept = recipe.loss().neutral() > 0 ? neutral : null;
        try (BasePrompts prompts = prompts(lessons, kept);
                AdapterSlab slab = new AdapterSlab(device, shape, floats);
                Tensor gradients = like(slab.memory());
                Tensor firstMoments = like(slab.memory());
                Tensor secondMoments = like(slab.memory());
                Validation validation =
                        recipe.patience() == 0 ? null : new Validation(device, answers(), recipe, slab.memory())) {
            List<Learner> learners = new ArrayList<>();
            for (int i = 0; i < jobs.size(); i++) {
                learners.add(new Learner(i, jobs.get(i), recipe, lessons.get(i), kept, slab.load(starts.get(i))));
            }
            TrainingState state = new TrainingState(
                    slab.memory(), firstMoments, secondMoments, validation == null ? null : validation.best());
            learners.forEach(learner -> learner.resume(device, state));
            for (List<Learner> active = unfinished(learners); !active.isEmpty(); active = unfinished(active)) {
                if (cancelled.getAsBoolean()) {
                    keep(active, state, keeper);
                    throw new CancellationException(CANCELLED);
                }
                device.fill(gradients, 0);
                for (Wave wave : Wave.of(active, rowsAtOnce(), prompts)) {
                    wave.run(backpropagation, prompts, gradients, listener);
                }
                // Those with fewer steps are further on with their learning rate.
                Map<Float, List<AdamW.Range>> byRate = new LinkedHashMap<>();
                for (Learner learner : active) {
                    byRate.computeIfAbsent(learner.rate(), rate -> new ArrayList<>())
                            .add(learner.advance());
                }
                byRate.forEach((rate, ranges) ->
                        device.adamW(slab.memory(), gradients, firstMoments, secondMoments, adamW(rate), ranges));
                if (recipe.maxNorm() > 0) {
                    device.boundLora(slab.memory(), bounds(active, recipe));
                }
                if (validation != null) {
                    validation.look(active, slab.memory());
                }
                if (keeper.isDue()) {
                    keep(unfinished(active), state, keeper);
                }
                active.stream()
                        .filter(Learner::finished)
                        .forEach(learner -> prompts.letGo(prompts(lessons.get(learner.index()))));
            }
            return learners.stream()
                    .map(learner -> learner.result(
                            learner.hasBest() ? validation.best() : slab.memory(),
                            decoder.config().vocabSize()))
                    .toList();
        }
    }

    /** What each job learns. */
    private List<List<Lesson>> lessons(List<TrainingJob> jobs, TrainingRecipe recipe, BooleanSupplier cancelled) {
        Lessons lessons = new Lessons(recipe, teacher(recipe.loss(), cancelled));
        return jobs.stream().map(lessons::of).toList();
    }

    private BasePrompts prompts(List<List<Lesson>> lessons, NeutralTexts neutral) {
        List<BasePrompts.Prompt> all = new ArrayList<>();
        lessons.forEach(ofJob -> all.addAll(prompts(ofJob)));
        if (neutral != null) {
            all.addAll(neutral.prompts());
        }
        return new BasePrompts(decoder, backpropagation, rowsAtOnce(), all);
    }

    private static List<BasePrompts.Prompt> prompts(List<Lesson> lessons) {
        return lessons.stream().map(Lesson::prompt).toList();
    }

    private static AdamW adamW(float learningRate) {
        return new AdamW(learningRate, 0.9f, 0.999f, 1e-8f, 0.01f);
    }

    private void keep(List<Learner> learners, TrainingState state, CheckpointKeeper keeper) {
        learners.forEach(learner -> keeper.keep(learner.index(), learner.checkpoint(device, state)));
    }

    private List<LoraBound> bounds(List<Learner> learners, TrainingRecipe recipe) {
        return learners.stream()
                .flatMap(learner -> bounds.of(learner.slot(), recipe.maxNorm()).stream())
                .toList();
    }

    private Answers answers() {
        return new Answers(decoder, backpropagation, rowsAtOnce());
    }

    /** Tokens that a sample may have. */
    private int longest() {
        return Math.min(backpropagation.maxRows(), decoder.context());
    }

    private Teacher teacher(LossWeights weights, BooleanSupplier cancelled) {
        // One token at least is in the bucket of the others.
        int known = Math.min(weights.topLogprobs(), decoder.config().vocabSize() - 1);
        return new Teacher(decoder, backpropagation, rowsAtOnce(), known, cancelled);
    }

    /**
     * Measures what adapters are worth.
     *
     * @param scope over which part of a question adapters are in force
     * @return a measure for each probe, in their order
     */
    public synchronized List<Measure> measure(List<Probe> probes, Scope scope) {
        return device.turns().second(() -> measuring(scope).measure(probes));
    }

    /**
     * Measures what adapters do to texts that have nothing to do with any passage.
     *
     * @param texts as in {@link #neutral}; at least one
     * @param scope over which part of a text adapters are in force: all of it, or what is its answer
     * @return by how much each adapter lowers the log-probability of these parts, in nats a token; below 0 where it
     *     raises it
     */
    public synchronized double[] harm(List<Adapter> adapters, List<Sample> texts, Scope scope) {
        List<Sample> fitting = texts.stream().map(text -> cut(text, scope)).toList();
        return device.turns().second(() -> measuring(scope).harm(adapters, fitting));
    }

    private Measuring measuring(Scope scope) {
        return new Measuring(device, decoder.config().decoderShape(), answers(), scope);
    }

    private Sample cut(Sample text, Scope scope) {
        int[] ids = Arrays.copyOf(text.ids(), Math.min(text.ids().length, longest()));
        return new Sample(ids, scope == Scope.PROMPT ? 0 : Math.min(text.answerFrom(), ids.length - 1));
    }

    /**
     * Checks an adapter to start from, as {@link #train} does.
     *
     * @throws UserException if rank, alpha or targets aren't those of the recipe
     */
    public static void requireFits(Adapter init, TrainingRecipe recipe, String what) {
        JobChecks.check(init, recipe, what);
    }

    private static Adapter start(TrainingJob job, TrainingRecipe recipe, DecoderShape shape) {
        return job.init() != null
                ? job.init()
                : Adapter.initial(shape, recipe.rank(), recipe.alpha(), recipe.targets(), job.seed(recipe));
    }

    private Tensor like(Tensor tensor) {
        return device.allocate(DType.F32, tensor.rows(), tensor.cols());
    }

    private static List<Learner> unfinished(List<Learner> learners) {
        return learners.stream().filter(learner -> !learner.finished()).toList();
    }

    /** Rows of a batch: as many as can be kept of, unless these would be too few for products at full speed. */
    private int rowsAtOnce() {
        return Math.min(backpropagation.maxRows(), Math.max(backpropagation.rowsKept(), ENOUGH_ROWS));
    }

    @Override
    public void close() {
        backpropagation.close();
    }
}
