package dev.prag.training;

import dev.prag.base.UserException;
import dev.prag.lora.Adapter;
import java.util.Arrays;
import java.util.List;

/** What a job must be like, checked before anything is trained. */
final class JobChecks {
    private JobChecks() {}

    static void check(TrainingJob job, TrainingRecipe recipe, int longest, int vocabSize) {
        List<Sample> samples = job.samples();
        if (samples.isEmpty()) {
            throw new UserException("training " + job.id() + ": there are no samples; give at least one");
        }
        for (int i = 0; i < samples.size(); i++) {
            String what = "training " + job.id() + ": sample " + i;
            check(samples.get(i), recipe, longest, vocabSize, what);
            if (recipe.loss().distils()) {
                checkTeacher(samples.get(i), longest, vocabSize, what);
            }
        }
        for (Sample sample : job.validation()) {
            String what = "training " + job.id() + ": a validation sample";
            checkIds(sample.ids(), longest, vocabSize, what);
            if (sample.answerFrom() < 1 || sample.answerTokens() < 1) {
                throw new UserException(what + " has no answer to be looked at; mark where it begins");
            }
        }
        if (job.init() != null) {
            check(job.init(), recipe, "training " + job.id() + ": the starting adapter");
        }
    }

    private static void check(Sample sample, TrainingRecipe recipe, int longest, int vocabSize, String what) {
        int[] ids = sample.ids();
        checkIds(ids, longest, vocabSize, what);
        if (recipe.lossOn() == TrainingRecipe.LossOn.ANSWER
                && (sample.answerFrom() < 0 || sample.answerFrom() >= ids.length)) {
            throw new UserException(what + " has no answer to learn: answer_from is " + sample.answerFrom() + " of "
                    + ids.length + " tokens; mark where the answer begins, or take the loss on all tokens");
        }
        if (ids.length - Lesson.firstLabel(sample, recipe) < 1) {
            throw new UserException(
                    what + " has " + ids.length + " tokens, so none that could be predicted; give at least two");
        }
    }

    private static void checkIds(int[] ids, int longest, int vocabSize, String what) {
        if (ids.length > longest) {
            throw new UserException(
                    UserException.Kind.TOO_LARGE,
                    what + " has " + ids.length + " tokens; at most " + longest
                            + " fit, so shorten it or raise the context");
        }
        for (int id : ids) {
            if (id < 0 || id >= vocabSize) {
                throw new UserException(what + " holds id " + id + ", outside the vocabulary of " + vocabSize
                        + "; it was made with another tokenizer");
            }
        }
    }

    private static void checkTeacher(Sample sample, int longest, int vocabSize, String what) {
        Sample teacher = sample.teacher();
        if (teacher == null) {
            throw new UserException(
                    what + " has no teacher, and loss.distillation is above 0; leave it out for such samples");
        }
        checkIds(teacher.ids(), longest, vocabSize, what + ", as its teacher reads it,");
        int from = teacher.ids().length - sample.answerTokens();
        if (sample.answerFrom() < 1
                || sample.answerTokens() < 1
                || teacher.answerFrom() != from
                || !Arrays.equals(
                        sample.ids(),
                        sample.answerFrom(),
                        sample.ids().length,
                        teacher.ids(),
                        from,
                        teacher.ids().length)) {
            throw new UserException(what + " has another answer than its teacher reads; nothing can be distilled");
        }
    }

    static void check(Adapter init, TrainingRecipe recipe, String what) {
        require(init.rank() == recipe.rank(), what, "rank", init.rank(), recipe.rank());
        require(init.alpha() == recipe.alpha(), what, "alpha", init.alpha(), recipe.alpha());
        require(init.projections().equals(recipe.targets()), what, "targets", init.projections(), recipe.targets());
    }

    private static void require(boolean same, String what, String name, Object has, Object wanted) {
        if (!same) {
            throw new UserException(
                    what + " has " + name + " " + has + " where the recipe says " + wanted + "; make the two agree");
        }
    }
}
