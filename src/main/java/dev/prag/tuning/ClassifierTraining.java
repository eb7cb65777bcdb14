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
import dev.prag.training.LossWeights;
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
import java.util.Comparator;
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
    /** How often a question of a rare label is repeated at most. */
    private static final int MOST_REPEATS = 8;
    /** Of the recipe's learning rate: a letter is learned sooner than a passage. The best of them is taken. */
    private static final List<Float> RATES = List.of(0.3f, 0.1f, 0.03f);
    /** After so many epochs in which it did no better a training ends. */
    private static final int PATIENCE = 2;

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

    /** What one learning rate came to: how well the validation's labels are told. */
    private record Trial(Adapter adapter, float learningRate, LabelScore score) {}

    /**
     * What came of it.
     *
     * @param labels how many questions have each label
     * @param byKind how many of them were labelled by the kind of their set
     * @param heldOut questions that weren't trained on
     * @param accuracy share of these that is classified right
     * @param macroF1 mean F1 of their labels
     * @param majority share of these that has the label which most of the others have
     * @param words share of these that a model of their words alone classifies right
     * @param learningRate that did best
     * @param file where the classifier is kept
     */
    public record Outcome(
            Map<Complexity, Integer> labels,
            int byKind,
            int heldOut,
            double accuracy,
            double macroF1,
            double majority,
            double words,
            float learningRate,
            Path file) {}

    /** Told of questions as they are labelled. */
    @FunctionalInterface
    public interface Progress {
        void labelled(int done, int all);
    }

    /**
     * Labels the questions, trains, measures and keeps.
     *
     * @param injection through what passages reach the model, such as {@code prompt}
     * @param epochs how often the questions are seen at most
     * @throws UserException if there are too few questions, the injection is unknown, every training diverged, or what came
     *     of it is no better than always saying the same
     */
    public Outcome train(List<Question> questions, String injection, int epochs, Progress progress) {
        check(questions, injection, epochs);
        List<LabelledQuestion> labelled = new ArrayList<>();
        int byKind = 0;
        for (int i = 0; i < questions.size(); i++) {
            Question question = questions.get(i);
            Complexity simplest = simplest(question, injection);
            byKind += simplest == null ? 1 : 0;
            labelled.add(new LabelledQuestion(question.question(), simplest == null ? kind(question) : simplest));
            progress.labelled(i + 1, questions.size());
        }
        LabelledParts parts = LabelledParts.of(labelled, SEED);
        Trial best = best(parts, epochs);
        LabelScore score = score(best.adapter(), parts.heldOut());
        Complexity most = Collections.max(
                        LabelledQuestion.count(parts.learned()).entrySet(), Map.Entry.comparingByValue())
                .getKey();
        double majority = LabelScore.of(parts.heldOut(), question -> most).accuracy();
        double words = LabelScore.of(parts.heldOut(), WordsClassifier.train(parts.learned())::classify)
                .accuracy();
        requireBetter(score, majority, words, most, parts.heldOut().size());
        Path file = classifier.keep(
                best.adapter(),
                Map.of(
                        "questions", String.valueOf(labelled.size()),
                        "injection", injection,
                        "accuracy", String.format(Locale.ROOT, "%.4f", score.accuracy())));
        return new Outcome(
                LabelledQuestion.count(labelled),
                byKind,
                parts.heldOut().size(),
                score.accuracy(),
                score.macroF1(),
                majority,
                words,
                best.learningRate(),
                file);
    }

    /** Where all have one label, saying it is all that there is to learn. */
    private static void requireBetter(LabelScore score, double majority, double words, Complexity most, int held) {
        if (score.accuracy() > majority || majority == 1 && score.accuracy() == 1) {
            return;
        }
        throw new UserException(String.format(
                Locale.ROOT,
                "the classifier is right about %.1f%% of %d held-out questions, and always saying %s is about %.1f%%:"
                        + " nothing is kept; a model of the questions' words alone is right about %.1f%%: where that is no"
                        + " more, the wording doesn't tell, else give more questions, or other --epochs",
                100 * score.accuracy(),
                held,
                most.name().toLowerCase(Locale.ROOT),
                100 * majority,
                100 * words));
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

    /** Trains at several rates, each until the validation's loss gets no smaller, and takes what tells it best. */
    private Trial best(LabelledParts parts, int epochs) {
        TrainingJob job =
                new TrainingJob("classifier", balanced(parts.learned()), null, null, samples(parts.validation()));
        TrainingRecipe like = recipes.current().trainingRecipe();
        List<Trial> trials = new ArrayList<>();
        TrainingResult last = null;
        for (float share : RATES) {
            float rate = share * like.learningRate();
            last = runtime.trainer()
                    .train(List.of(job), recipe(like, rate, epochs), StepListener.NONE)
                    .getFirst();
            if (!last.diverged()) {
                trials.add(new Trial(last.adapter(), rate, score(last.adapter(), parts.validation())));
            }
        }
        if (trials.isEmpty()) {
            throw new UserException("the training of the classifier diverged: the losses of its last steps were "
                    + last.lastLosses() + ", and nothing is kept; take a recipe with a smaller learningRate");
        }
        return Collections.max(trials, Comparator.comparing(Trial::score));
    }

    private static TrainingRecipe recipe(TrainingRecipe like, float learningRate, int epochs) {
        return new TrainingRecipe(
                like.rank(),
                like.alpha(),
                like.targets(),
                learningRate,
                epochs,
                TrainingRecipe.LossOn.ANSWER,
                SEED,
                LossWeights.ANSWERS,
                0,
                PATIENCE);
    }

    private LabelScore score(Adapter adapter, List<LabelledQuestion> labelled) {
        return LabelScore.of(labelled, question -> classifier.classify(adapter, question));
    }

    /** Rare labels are repeated, or the most frequent one would be the answer to all. */
    private List<Sample> balanced(List<LabelledQuestion> labelled) {
        Map<Complexity, Integer> labels = LabelledQuestion.count(labelled);
        int most = Collections.max(labels.values());
        List<LabelledQuestion> repeated = new ArrayList<>();
        for (LabelledQuestion one : labelled) {
            repeated.addAll(Collections.nCopies(Math.min(MOST_REPEATS, most / labels.get(one.label())), one));
        }
        Collections.shuffle(repeated, new Random(SEED));
        return samples(repeated);
    }

    private List<Sample> samples(List<LabelledQuestion> labelled) {
        return labelled.stream()
                .map(this::sample)
                .filter(sample -> sample.ids().length <= runtime.longestSample())
                .toList();
    }

    private Sample sample(LabelledQuestion labelled) {
        int[] prompt = classifier.prompt(labelled.question());
        int[] label = classifier.label(labelled.label());
        int[] ids = Arrays.copyOf(prompt, prompt.length + label.length);
        System.arraycopy(label, 0, ids, prompt.length, label.length);
        return new Sample(ids, prompt.length);
    }
}
