package dev.prag.training;

import java.util.Arrays;

/**
 * A sequence as a step learns from it: some of its tokens as they stand there, of others a distribution. Made once, and
 * used in every epoch.
 */
final class Lesson {
    private final int[] ids;
    /** Tokens before this one are a prompt that the base model reads, or the first of one. */
    private final int from;

    private final BasePrompts.Prompt prompt;
    /** Tokens [hardFrom, hardTo) are learned as they are, each with this weight. */
    private final int hardFrom;

    private final int hardTo;
    private final float hardScale;
    /** Of the last tokens; null where there is none. */
    private final Foresight soft;

    private final int softFrom;
    private final float softScale;
    /** Entropies of the distributions: what their cross-entropies have above divergences. */
    private final double entropy;

    private Lesson(
            int[] ids,
            int from,
            BasePrompts.Prompt prompt,
            int hardFrom,
            int hardTo,
            float hardScale,
            Foresight soft,
            int softFrom,
            float softScale,
            double entropy) {
        this.ids = ids;
        this.from = from;
        this.prompt = prompt;
        this.hardFrom = hardFrom;
        this.hardTo = hardTo;
        this.hardScale = hardScale;
        this.soft = soft;
        this.softFrom = softFrom;
        this.softScale = softScale;
        this.entropy = entropy;
    }

    /** @param teacher what a teacher predicts for the answer; null where nothing is distilled */
    static Lesson of(Sample sample, TrainingRecipe recipe, Foresight teacher) {
        int[] ids = sample.ids();
        LossWeights weights = recipe.loss();
        int first = firstLabel(sample, recipe);
        int from = recipe.scope().from(sample.answerFrom());
        BasePrompts.Prompt prompt = BasePrompts.Prompt.of(ids, from);
        // With a weight of 1 this is the mean, to the last bit.
        float each = weights.answers() / (ids.length - first);
        if (teacher == null) {
            return new Lesson(ids, from, prompt, first, ids.length, each, null, ids.length, 0, 0);
        }
        int answer = ids.length - teacher.tokens();
        float taught = weights.distillation() / teacher.tokens();
        double entropy = 0;
        for (int token = 0; token < teacher.tokens(); token++) {
            entropy += taught * teacher.entropy(token);
        }
        int hardTo = each > 0 ? answer : first;
        return new Lesson(
                ids,
                from,
                prompt,
                first,
                hardTo,
                each,
                mixed(teacher, ids, answer, taught, each),
                answer,
                taught + each,
                entropy);
    }

    /** The distribution whose cross-entropy is the weighted sum of those of the teacher's and of the token itself. */
    private static Foresight mixed(Foresight teacher, int[] ids, int answer, float taught, float each) {
        float[] probabilities = teacher.probabilities().clone();
        for (int i = 0; i < probabilities.length; i++) {
            boolean itself = teacher.ids()[i] == ids[answer + i / teacher.known()];
            probabilities[i] = (taught * probabilities[i] + (itself ? each : 0)) / (taught + each);
        }
        return new Foresight(teacher.known(), teacher.ids(), probabilities);
    }

    /**
     * A text on which the model is to stay as it is.
     *
     * @param prompt begins with the tokens before {@code from}
     */
    static Lesson neutral(int[] ids, int from, BasePrompts.Prompt prompt, Foresight base, float weight) {
        float each = weight / base.tokens();
        double entropy = 0;
        for (int token = 0; token < base.tokens(); token++) {
            entropy += each * base.entropy(token);
        }
        return new Lesson(ids, from, prompt, 0, 0, 0, base, ids.length - base.tokens(), each, entropy);
    }

    static int firstLabel(Sample sample, TrainingRecipe recipe) {
        return recipe.lossOn() == TrainingRecipe.LossOn.ALL ? 1 : Math.max(1, sample.answerFrom());
    }

    /** Tokens that go through the model in a step. */
    int rows() {
        return ids.length - from;
    }

    /** How many stand before them. */
    int from() {
        return from;
    }

    /** What the base model reads, once; those before this lesson's rows are the first of it. */
    BasePrompts.Prompt prompt() {
        return prompt;
    }

    /** Adds the sequence and what is learned of it to a batch. */
    void addTo(Rows rows) {
        int first = rows.count() - from;
        rows.addSequence(Arrays.copyOfRange(ids, from, ids.length));
        for (int token = hardFrom; token < hardTo; token++) {
            rows.label(first + token - 1, ids[token], hardScale);
        }
        for (int token = softFrom; token < ids.length; token++) {
            rows.distribution(first + token - 1, soft, token - softFrom, softScale);
        }
    }

    /** The loss, from those of the batch's rows; this lesson's stand in the order in which they were added. */
    double loss(float[] losses, int label, int distribution) {
        double loss = -entropy;
        double sum = 0;
        for (int i = 0; i < hardTo - hardFrom; i++) {
            sum += losses[label + i];
        }
        loss += hardScale * sum;
        for (int i = 0; i < ids.length - softFrom; i++) {
            loss += softScale * losses[distribution + i];
        }
        return loss;
    }
}
