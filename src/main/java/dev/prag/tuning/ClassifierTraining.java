package dev.prag.tuning;

import dev.prag.answering.AnswerListener;
import dev.prag.answering.AnswerRequest;
import dev.prag.answering.AnswerService;
import dev.prag.answering.Complexity;
import dev.prag.answering.QuestionClassifier;
import dev.prag.base.UserException;
import dev.prag.evaluation.Question;
import dev.prag.evaluation.Score;
import dev.prag.lora.Adapter;
import dev.prag.parameterization.Recipes;
import dev.prag.runtime.ModelRuntime;
import dev.prag.training.Sample;
import dev.prag.training.StepListener;
import dev.prag.training.TrainingJob;
import dev.prag.training.TrainingRecipe;
import dev.prag.training.TrainingResult;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Makes a classifier of questions as Adaptive-RAG has it (Jeong et al., 2024): each question is labelled by the simplest way
 * that answers it right, and by the kind of its set where none does.
 */
@Singleton
public final class ClassifierTraining {
    /** Fewer say nothing. */
    private static final int FEWEST = 10;
    /** A fifth of the questions is not trained on. */
    private static final int HELD_OUT = 5;
    /** How often a question of a rare label is repeated at most. */
    private static final int MOST_REPEATS = 8;

    private static final long SEED = 1;
    /** Types of questions that one document answers; all others take several. */
    private static final Set<String> SIMPLE = Set.of("untyped", "single", "simple", "single-hop", "one-hop");

    private final AnswerService answers;
    private final QuestionClassifier classifier;
    private final ModelRuntime runtime;
    private final Recipes recipes;

    @Inject
    ClassifierTraining(AnswerService answers, QuestionClassifier classifier, ModelRuntime runtime, Recipes recipes) {
        this.answers = answers;
        this.classifier = classifier;
        this.runtime = runtime;
        this.recipes = recipes;
    }

    /** A question with its label. */
    private record Labelled(String question, Complexity complexity) {}

    /**
     * What came of it.
     *
     * @param labels how many questions have each label
     * @param byKind how many of them were labelled by the kind of their set
     * @param heldOut questions that weren't trained on
     * @param accuracy share of these that is classified right
     * @param majority share of these that has the label which most of the others have
     * @param file where the classifier is kept
     */
    public record Outcome(
            Map<Complexity, Integer> labels, int byKind, int heldOut, double accuracy, double majority, Path file) {}

    /** Told of questions as they are labelled. */
    @FunctionalInterface
    public interface Progress {
        void labelled(int done, int all);
    }

    /**
     * Labels the questions, trains, measures and keeps.
     *
     * @param injection through what passages reach the model, such as {@code prompt}
     * @param epochs how often the questions are seen
     * @throws UserException if there are too few questions, the injection is unknown, the training diverged, or what came of
     *     it is worse than always saying the same
     */
    public Outcome train(List<Question> questions, String injection, int epochs, Progress progress) {
        check(questions, injection, epochs);
        List<Labelled> labelled = new ArrayList<>();
        int byKind = 0;
        for (int i = 0; i < questions.size(); i++) {
            Question question = questions.get(i);
            Complexity simplest = simplest(question, injection);
            byKind += simplest == null ? 1 : 0;
            labelled.add(new Labelled(question.question(), simplest == null ? kind(question) : simplest));
            progress.labelled(i + 1, questions.size());
        }
        Map<Complexity, Integer> labels = count(labelled);
        Collections.shuffle(labelled, new Random(SEED));
        int held = Math.ceilDiv(labelled.size(), HELD_OUT);
        List<Labelled> out = labelled.subList(0, held);
        List<Labelled> in = labelled.subList(held, labelled.size());
        Adapter adapter = train(in, epochs);
        long right = out.stream()
                .filter(one -> classifier.classify(adapter, one.question()) == one.complexity())
                .count();
        Map<Complexity, Integer> trained = count(in);
        Complexity most = Collections.max(trained.entrySet(), Map.Entry.comparingByValue())
                .getKey();
        double accuracy = (double) right / held;
        double majority =
                (double) out.stream().filter(one -> one.complexity() == most).count() / held;
        if (accuracy < majority) {
            throw new UserException(String.format(
                    Locale.ROOT,
                    "the classifier is right about %.1f%% of %d held-out questions, and always saying %s would be about"
                            + " %.1f%%: nothing is kept; give more questions, or other --epochs",
                    100 * accuracy,
                    held,
                    most.name().toLowerCase(Locale.ROOT),
                    100 * majority));
        }
        Path file = classifier.keep(
                adapter,
                Map.of(
                        "questions", String.valueOf(labelled.size()),
                        "injection", injection,
                        "accuracy", String.format(Locale.ROOT, "%.4f", accuracy)));
        return new Outcome(labels, byKind, held, accuracy, majority, file);
    }

    /** @throws UserException for what can't be trained on */
    public void check(List<Question> questions, String injection, int epochs) {
        if (questions.size() < FEWEST) {
            throw new UserException("questions: there are " + questions.size() + ", and a classifier takes at least "
                    + FEWEST + "; give more");
        }
        if (epochs < 1) {
            throw new UserException("epochs is " + epochs + "; give 1 or more");
        }
        answers.requireMethod(Complexity.SINGLE.method(injection));
    }

    /** The simplest way that answers it right; null where none does. */
    private Complexity simplest(Question question, String injection) {
        for (Complexity complexity : Complexity.values()) {
            String answer = answers.measure(
                            AnswerRequest.of(question.question(), complexity.method(injection)), AnswerListener.NONE)
                    .answer();
            if (Score.best(answer, question.answers()).exactMatch() == 1) {
                return complexity;
            }
        }
        return null;
    }

    private static Complexity kind(Question question) {
        return SIMPLE.contains(question.type().toLowerCase(Locale.ROOT)) ? Complexity.SINGLE : Complexity.SEVERAL;
    }

    private static Map<Complexity, Integer> count(List<Labelled> labelled) {
        Map<Complexity, Integer> labels = new EnumMap<>(Complexity.class);
        labelled.forEach(one -> labels.merge(one.complexity(), 1, Integer::sum));
        return labels;
    }

    /** Rare labels are repeated, or the most frequent one would be the answer to all. */
    private Adapter train(List<Labelled> labelled, int epochs) {
        Map<Complexity, Integer> labels = count(labelled);
        int most = Collections.max(labels.values());
        List<Sample> samples = new ArrayList<>();
        for (Labelled one : labelled) {
            Sample sample = sample(one);
            int times = Math.min(MOST_REPEATS, most / labels.get(one.complexity()));
            if (sample.ids().length <= runtime.longestSample()) {
                samples.addAll(Collections.nCopies(times, sample));
            }
        }
        Collections.shuffle(samples, new Random(SEED));
        TrainingRecipe like = recipes.current().trainingRecipe();
        TrainingRecipe recipe = new TrainingRecipe(
                like.rank(),
                like.alpha(),
                like.targets(),
                like.learningRate(),
                epochs,
                TrainingRecipe.LossOn.ANSWER,
                SEED);
        TrainingResult result = runtime.trainer()
                .train(List.of(new TrainingJob("classifier", samples, null)), recipe, StepListener.NONE)
                .getFirst();
        if (result.diverged()) {
            throw new UserException("the training of the classifier diverged: the losses of its last steps were "
                    + result.lastLosses() + ", and nothing is kept; take a recipe with a smaller learningRate");
        }
        return result.adapter();
    }

    private Sample sample(Labelled labelled) {
        int[] prompt = classifier.prompt(labelled.question());
        int[] label = classifier.label(labelled.complexity());
        int[] ids = Arrays.copyOf(prompt, prompt.length + label.length);
        System.arraycopy(label, 0, ids, prompt.length, label.length);
        return new Sample(ids, prompt.length);
    }
}
