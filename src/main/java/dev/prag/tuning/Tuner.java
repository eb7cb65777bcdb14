package dev.prag.tuning;

import dev.prag.lora.Scope;
import dev.prag.parameterization.Composing;
import dev.prag.parameterization.Recipe;
import dev.prag.parameterization.WeightRule;
import dev.prag.tuning.Exam.Way;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.DoublePredicate;

/**
 * The search itself: training first, by halving, then the composition of each method. Everything that costs time is asked
 * of {@link Trials}.
 */
final class Tuner {
    /** Questions that a trial asks at most while training is chosen, and when compositions are. */
    private static final int QUESTIONS = 48;

    private static final int MORE_QUESTIONS = 120;
    /** More change on unrelated text than this, in nats a token, is counted against a candidate: about 5% perplexity. */
    static final double MOST_DRIFT = 0.05;

    /** Share of the candidates that goes on to more passages. */
    private static final double GOING_ON = 0.4;
    /** The fewest passages that say anything. */
    private static final int FEWEST = 6;

    private static final Composing BEST = new Composing(null, WeightRule.BEST, 1.0, null, null, null);
    private static final Composing HALF_OF_BEST = new Composing(null, WeightRule.BEST, 0.5, null, null, null);
    private static final Composing HALF_BY_SCORE = new Composing(null, WeightRule.SCORE, 0.5, null, null, null);
    private static final Composing QUARTER_OF_MEAN = new Composing(null, WeightRule.MEAN, 0.25, null, null, null);

    private static final Way CLOSED_BOOK = new Way(false, null);
    private static final Way IN_CONTEXT = new Way(true, null);

    /** What is measured on the first passages of a sample. */
    interface Trials {
        /** Asks without adapters. */
        Measured plain(int passages, int questions, Way way);

        /** Trains the candidate's adapters, unless they are there, and asks with them. */
        Measured composed(Candidate candidate, int passages, int questions, Way way);

        /** The candidate is the best so far, and will likely be asked more. */
        void leads(Candidate candidate, int passages);
    }

    /** Hears what comes out. */
    interface Listener {
        /** Each row once, also those that a run before has measured. */
        void row(TuningRow row);
    }

    /**
     * What was chosen.
     *
     * @param parametric composition of that method
     * @param combined composition of that method, which may compose nothing
     * @param f1 of both, and of the methods without adapters
     * @param drift with the composition of parametric, as {@link Measured#drift}
     * @param passages on how many it was found
     * @param questions how many compositions were asked
     */
    record Found(
            Candidate candidate,
            Composing parametric,
            Composing combined,
            F1 f1,
            double drift,
            int passages,
            int questions) {}

    /** F1 of each method. */
    record F1(double closedBook, double inContext, double parametric, double combined) {}

    /** F1 without adapters. */
    private record Plain(double closedBook, double inContext) {}

    private final Trials trials;
    private final Recipe base;
    private final Listener listener;
    /** Seconds that a way of training took at most. */
    private double longest;

    Tuner(Trials trials, Recipe base, Listener listener) {
        this.trials = trials;
        this.base = base;
        this.listener = listener;
    }

    /**
     * Searches.
     *
     * @param candidates ways of training, at least one
     * @param passages of the sample
     * @param early whether there is time for another way of training that takes so many seconds
     * @param late whether there is time for another composition
     */
    Found search(List<Candidate> candidates, int passages, DoublePredicate early, BooleanSupplier late) {
        int fewest = Math.max(Math.min(passages, FEWEST), passages / 4);
        SortedSet<Integer> rungs = new TreeSet<>(List.of(fewest, Math.max(fewest, passages / 2), passages));
        for (int rung : rungs) {
            plain(rung, QUESTIONS, true);
        }
        Halving.Ranked best = new Halving(List.copyOf(rungs), GOING_ON)
                .best(
                        candidates,
                        this::score,
                        first -> trials.leads(first.candidate(), first.passages()),
                        () -> early.test(longest));
        Candidate chosen = best.candidate();
        int count = best.passages();
        Plain plain = plain(count, MORE_QUESTIONS, false);
        Composing parametric = CompositionSearch.best(
                        open(chosen, false),
                        Double.NEGATIVE_INFINITY,
                        composing -> asked(chosen, count, false, composing),
                        late)
                .composing();
        Composing combined = CompositionSearch.best(
                        open(chosen, true), plain.inContext(), composing -> asked(chosen, count, true, composing), late)
                .composing();
        Measured alone = trials.composed(chosen, count, MORE_QUESTIONS, new Way(false, parametric));
        double both = combined.composes()
                ? trials.composed(chosen, count, MORE_QUESTIONS, new Way(true, combined))
                        .f1()
                : plain.inContext();
        return new Found(
                chosen,
                parametric,
                combined,
                new F1(plain.closedBook(), plain.inContext(), alone.f1(), both),
                alone.drift(),
                count,
                alone.questions());
    }

    private Plain plain(int passages, int questions, boolean told) {
        Measured closedBook = trials.plain(passages, questions, CLOSED_BOOK);
        Measured inContext = trials.plain(passages, questions, IN_CONTEXT);
        if (told) {
            listener.row(new TuningRow(
                    "without adapters (closed-book, in-context)",
                    passages,
                    closedBook.f1(),
                    inContext.f1(),
                    null,
                    closedBook.seconds() + inContext.seconds()));
        }
        return new Plain(closedBook.f1(), inContext.f1());
    }

    /** The better of a few compositions for each method, and what the model suffers. */
    private double score(Candidate candidate, int passages) {
        Measured parametric = best(candidate, passages, false, BEST, HALF_OF_BEST);
        Measured combined = best(candidate, passages, true, HALF_BY_SCORE, QUARTER_OF_MEAN);
        double seconds = parametric.seconds() + combined.seconds();
        longest = Math.max(longest, seconds);
        listener.row(
                new TuningRow(candidate.name(), passages, parametric.f1(), combined.f1(), parametric.drift(), seconds));
        return (worth(parametric) + worth(combined)) / 2;
    }

    /** F1, less what unrelated text loses. */
    private static double worth(Measured measured) {
        return measured.f1() - Math.max(0, -measured.drift() - MOST_DRIFT);
    }

    private Measured best(Candidate candidate, int passages, boolean inPrompt, Composing... tried) {
        Measured best = null;
        double seconds = 0;
        for (Composing composing : tried) {
            Measured measured = trials.composed(
                    candidate, passages, QUESTIONS, new Way(inPrompt, composing.over(open(candidate, inPrompt))));
            seconds += measured.seconds();
            best = best == null || worth(measured) > worth(best) ? measured : best;
        }
        return new Measured(best.f1(), best.unseen(), best.questions(), best.drift(), seconds);
    }

    private double asked(Candidate candidate, int passages, boolean inPrompt, Composing composing) {
        Measured measured = trials.composed(candidate, passages, MORE_QUESTIONS, new Way(inPrompt, composing));
        listener.row(new TuningRow(
                named(composing),
                passages,
                inPrompt ? null : measured.f1(),
                inPrompt ? measured.f1() : null,
                measured.drift(),
                measured.seconds()));
        return worth(measured);
    }

    private static String named(Composing composing) {
        return String.format(
                Locale.ROOT,
                "%s of %d, %sstrength %s, scope %s",
                composing.weights(),
                composing.topK(),
                composing.weights() == WeightRule.SCORE ? "temperature " + composing.scoreTemperature() + ", " : "",
                composing.strength(),
                composing.scope());
    }

    /**
     * As the recipe composes where nothing is tried. Adapters that were trained in the answer alone are in force there;
     * so are all beside passages, where the prompt is the base model's, which many questions share.
     */
    private Composing open(Candidate candidate, boolean inPrompt) {
        Composing recipe = base.answering().composing(inPrompt ? "combined" : "parametric");
        boolean inAnswer = inPrompt || candidate.training().scope() == Scope.ANSWER;
        Scope scope = inAnswer ? Scope.ANSWER : Scope.PROMPT;
        return new Composing(null, WeightRule.MEAN, 1.0, scope, null, null).over(recipe);
    }
}
