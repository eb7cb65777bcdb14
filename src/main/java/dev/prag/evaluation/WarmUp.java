package dev.prag.evaluation;

import dev.prag.augmentation.Pair;
import dev.prag.base.Hashes;
import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import dev.prag.base.UserException.Kind;
import dev.prag.llm.LanguageModel;
import dev.prag.lora.PeftFolder;
import dev.prag.parameterization.Recipe;
import dev.prag.parameterization.Recipes;
import dev.prag.parameterization.SampleBuilder;
import dev.prag.parameterization.Starts;
import dev.prag.runtime.ModelRuntime;
import dev.prag.training.Checkpoint;
import dev.prag.training.CheckpointKeeper;
import dev.prag.training.Sample;
import dev.prag.training.StepListener;
import dev.prag.training.TrainingJob;
import dev.prag.training.TrainingRecipe;
import dev.prag.training.TrainingRecipe.LossOn;
import dev.prag.training.TrainingResult;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Reception;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.DoubleConsumer;

/**
 * Trains one adapter on questions and answers of a data set, for the adapters of all passages to begin with (Su et al.,
 * 2025, section 4.5): they know the task then, and have only their passage to learn. The prompt, the answer and its end
 * are learned.
 */
@Singleton
public final class WarmUp {
    private final ModelRuntime runtime;
    private final Recipes recipes;
    private final Starts starts;
    private final Lock running = new ReentrantLock();
    private volatile boolean ending;

    @Inject
    WarmUp(ModelRuntime runtime, Recipes recipes, Starts starts) {
        this.runtime = runtime;
        this.recipes = recipes;
        this.starts = starts;
    }

    /**
     * How it is trained; rank, alpha, targets, seed and prompts are the recipe's.
     *
     * @param steps whether the answers reason first; null for the recipe's way
     */
    public record How(Boolean steps, int epochs, float learningRate) {}

    /**
     * What became of it.
     *
     * @param samples that it was trained on
     * @param firstLoss mean loss of the first tenth of the steps, in nats a token
     * @param lastLoss of the last tenth
     * @param wasThere whether the folder held the same adapter already, and nothing was trained
     * @param from the step that it went on at, where it had been interrupted; else 0
     * @param id that it has in the store
     */
    public record Made(int samples, double firstLoss, double lastLoss, boolean wasThere, int from, String id) {}

    /**
     * Trains the adapter and writes it as a PEFT folder, which appears whole or not at all; where the same one is there
     * already, nothing is done. How far it is is kept beside the folder, and the next call goes on from there. The
     * store keeps it, too.
     *
     * @param file that the questions are of, for the note beside it
     * @param progress is told the share that is done
     * @throws CancellationException if the program is ending
     * @throws UserException if the folder or the file beside it holds something else, a question has no steps where they are wanted or doesn't fit
     *     into the context, or the training diverged
     */
    public Made train(List<Question> questions, How how, Path out, String file, DoubleConsumer progress) {
        Recipe recipe = recipes.current();
        boolean steps = how.steps() == null ? recipe.training().steps() : how.steps();
        List<Question> shuffled = new ArrayList<>(questions);
        Collections.shuffle(shuffled, new Random(recipe.training().seed()));
        TrainingRecipe training = training(recipe, how);
        WarmUpNote note = new WarmUpNote(
                made(recipe, training, steps, shuffled),
                shuffled.stream().map(Question::hash).toList());
        WarmUpProgress kept = WarmUpProgress.beside(out, note.made());
        if (isThere(out, note)) {
            kept.remove();
            return new Made(shuffled.size(), 0, 0, true, 0, starts.keep(out));
        }
        Checkpoint from = kept.read();
        List<Sample> samples = shuffled.stream()
                .map(question -> sample(question, recipe, steps))
                .toList();
        long all = (long) samples.size() * training.epochs();
        TrainingResult result = trained(
                new TrainingJob("warm-up", samples, null, null, List.of(), from),
                training,
                (job, step, loss) -> progress.accept((step + 1.0) / all),
                kept);
        if (result.diverged()) {
            kept.remove();
            throw new UserException("the warm-up diverged: the losses of its last steps were " + result.lastLosses()
                    + ", and nothing is written; give a smaller --learning-rate than " + how.learningRate());
        }
        write(result, out, note, file, samples.size());
        kept.remove();
        float[] losses = result.losses();
        int tenth = Math.max(1, losses.length / 10);
        return new Made(
                samples.size(),
                mean(losses, 0, tenth),
                mean(losses, losses.length - tenth, losses.length),
                false,
                from == null ? 0 : from.step(),
                starts.keep(out));
    }

    private TrainingResult trained(
            TrainingJob job, TrainingRecipe training, StepListener listener, CheckpointKeeper keeper) {
        running.lock();
        try {
            return runtime.trainer()
                    .train(List.of(job), training, null, listener, () -> ending, keeper)
                    .getFirst();
        } finally {
            running.unlock();
        }
    }

    /** Lets the training that is under way end with the step that it is at; how far it is is kept. */
    void end() {
        ending = true;
        running.lock();
        running.unlock();
    }

    /** Before the model's memory goes. */
    void onShutdown(@Observes(notifyObserver = Reception.IF_EXISTS) ShutdownEvent event) {
        end();
    }

    private static double mean(float[] losses, int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += losses[i];
        }
        return sum / (to - from);
    }

    private static TrainingRecipe training(Recipe recipe, How how) {
        TrainingRecipe passages = recipe.trainingRecipe();
        return new TrainingRecipe(
                passages.rank(),
                passages.alpha(),
                passages.targets(),
                how.learningRate(),
                how.epochs(),
                LossOn.ALL,
                passages.seed());
    }

    private String made(Recipe recipe, TrainingRecipe training, boolean steps, List<Question> questions) {
        Hashes.Builder hash = Hashes.builder()
                .add(runtime.modelId())
                .add(recipe.prompts().hash())
                .add(training.toString())
                .add(steps ? 1 : 0);
        for (Question question : questions) {
            hash.add(question.question()).add(question.answers().getFirst());
            if (steps) {
                hash.add(question.fullAnswer() == null ? "" : question.fullAnswer());
            }
        }
        return hash.hex();
    }

    private static boolean isThere(Path out, WarmUpNote note) {
        if (!Files.exists(out)) {
            return false;
        }
        WarmUpNote there = Files.isDirectory(out) ? WarmUpNote.read(out) : null;
        if (there == null || !there.made().equals(note.made())) {
            throw new UserException(
                    Kind.CONFLICT,
                    "out: " + out + " is there already and holds "
                            + (there == null
                                    ? "something else"
                                    : "a warm-up of another model, other questions or another training")
                            + "; name another folder");
        }
        return true;
    }

    private Sample sample(Question question, Recipe recipe, boolean steps) {
        if (steps && question.fullAnswer() == null) {
            throw new UserException(Evaluator.named(question)
                    + " has no full_answer, which a warm-up with steps needs; add the field, or warm up with direct"
                    + " answers");
        }
        String answer = question.answers().getFirst();
        Pair pair =
                new Pair(question.question(), answer, question.fullAnswer() == null ? answer : question.fullAnswer());
        LanguageModel model = runtime.languageModel();
        Sample sample = SampleBuilder.ofChat(model, recipe.prompts().sample(List.of(), pair, steps));
        if (sample.ids().length > runtime.longestSample()) {
            throw new UserException(Evaluator.named(question) + " makes a sample of " + sample.ids().length
                    + " tokens and at most " + runtime.longestSample()
                    + " fit; use a larger --context if the model allows it, or leave it out");
        }
        return sample;
    }

    private void write(TrainingResult result, Path out, WarmUpNote note, String file, int samples) {
        Path folder = out.toAbsolutePath().normalize();
        Path beside = folder.resolveSibling(
                "." + folder.getFileName() + ".part-" + ProcessHandle.current().pid());
        try {
            Files.createDirectories(beside);
            PeftFolder.write(result.adapter(), beside, runtime.folder().path().toString());
            note.write(beside, file, samples);
            Files.move(beside, folder, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UserException(
                    Kind.ENVIRONMENT,
                    "out: " + out + " can't be written: " + IoReason.of(e) + "; check free space and permissions",
                    e);
        }
    }
}
