package dev.prag.tuning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.lora.Scope;
import dev.prag.parameterization.Composing;
import dev.prag.parameterization.Recipe;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TunerTest {
    private static final Recipe BASE = Recipe.load("general");
    private static final Candidate STRONG =
            new Candidate("strong", BASE.training().within(Scope.PROMPT).with(2e-3f, 4, null, null));
    private static final Candidate GENTLE =
            new Candidate("gentle", BASE.training().within(Scope.PROMPT).with(3e-4f, 4, null, null));

    private static final Candidate IN_ANSWER =
            new Candidate("in the answer", BASE.training().within(Scope.ANSWER));

    private final List<TuningRow> rows = new ArrayList<>();

    /** Questions that are answered by adapters in proportion to their strength, and read worse with strong ones. */
    private static final class Made implements Tuner.Trials {
        private final double reading;
        private final List<Candidate> leaders = new ArrayList<>();

        /** @param reading what a quarter of the strength adds to reading */
        Made(double reading) {
            this.reading = reading;
        }

        @Override
        public Measured plain(int passages, int questions, Exam.Way way) {
            return measured(way.inPrompt() ? 0.6 : 0.1, 0, questions);
        }

        @Override
        public Measured composed(Candidate candidate, int passages, int questions, Exam.Way way) {
            Composing composing = way.composing();
            double strength = composing.strength();
            boolean strong = candidate == STRONG;
            if (way.inPrompt()) {
                double read = strength == 0.25 ? 0.6 + reading : 0.5;
                return measured(composing.scope() == Scope.PROMPT ? read : read - 0.02, 0, questions);
            }
            return measured((strong ? 0.5 : 0.4) * strength, strong ? -0.3 : -0.01, questions);
        }

        @Override
        public void leads(Candidate candidate, int passages) {
            leaders.add(candidate);
        }

        private static Measured measured(double f1, double drift, int questions) {
            return new Measured(f1, f1, questions, drift, 1);
        }
    }

    /** A model that can answer nothing without adapters. */
    private abstract static class Ignorant implements Tuner.Trials {
        @Override
        public Measured plain(int passages, int questions, Exam.Way way) {
            return new Measured(0.1, 0.1, questions, 0, 1);
        }

        @Override
        public void leads(Candidate candidate, int passages) {}
    }

    /** At full strength a little better, and ruinous elsewhere. */
    private static final class Loud extends Ignorant {
        @Override
        public Measured composed(Candidate candidate, int passages, int questions, Exam.Way way) {
            double strength = way.composing().strength();
            double f1 = strength == 1 ? 0.4 : strength == 0.5 ? 0.35 : 0.1;
            return new Measured(f1, f1, questions, strength == 1 ? -0.25 : 0, 1);
        }
    }

    /** Adapters that know something in the scope alone in which they were trained. */
    private static final class Scoped extends Ignorant {
        @Override
        public Measured composed(Candidate candidate, int passages, int questions, Exam.Way way) {
            Scope trained = candidate == IN_ANSWER ? Scope.ANSWER : Scope.PROMPT;
            double f1 = way.composing().scope() != trained ? 0.1 : candidate == IN_ANSWER ? 0.43 : 0.45;
            return new Measured(f1, f1, questions, 0, 1);
        }
    }

    private Tuner.Found search(Tuner.Trials trials) {
        return new Tuner(trials, BASE, rows::add).search(List.of(STRONG, GENTLE), 12, seconds -> true, () -> true);
    }

    @Test
    void unrelatedTextThatSuffersCountsAgainstAWayOfTraining() {
        Made made = new Made(0.05);
        Tuner.Found found = search(made);
        assertEquals(List.of(STRONG, GENTLE, GENTLE), made.leaders);
        assertEquals(GENTLE, found.candidate());
        assertEquals(-0.01, found.drift());
        assertEquals(12, found.passages());
    }

    @Test
    void eachMethodGetsAStrengthOfItsOwn() {
        Tuner.Found found = search(new Made(0.05));
        assertEquals(1.0, found.parametric().strength());
        assertEquals(0.25, found.combined().strength());
        assertEquals(Scope.PROMPT, found.combined().scope());
        assertEquals(0.65, found.f1().combined(), 1e-9);
    }

    @Test
    void adaptersAreAskedInTheScopeInWhichTheyWereTrained() {
        Tuner.Found found = new Tuner(new Scoped(), BASE, rows::add)
                .search(List.of(GENTLE, IN_ANSWER), 12, seconds -> true, () -> true);
        assertEquals(IN_ANSWER, found.candidate());
        assertEquals(Scope.ANSWER, found.parametric().scope());
        assertEquals(0.43, found.f1().parametric(), 1e-9);
    }

    @Test
    void unrelatedTextThatSuffersCountsAgainstAComposition() {
        Tuner.Found found =
                new Tuner(new Loud(), BASE, rows::add).search(List.of(GENTLE), 12, seconds -> true, () -> true);
        assertEquals(0.5, found.parametric().strength());
        assertEquals(0.35, found.f1().parametric(), 1e-9);
    }

    @Test
    void whereReadingIsNoBetterCombinedIsPlainRag() {
        Tuner.Found found = search(new Made(0));
        assertFalse(found.combined().composes());
        assertEquals(found.f1().inContext(), found.f1().combined());
        assertTrue(found.parametric().composes());
    }

    /** A way takes four seconds here. */
    @Test
    void noFurtherWayIsTriedThatTakesTooLong() {
        List<Double> told = new ArrayList<>();
        Tuner.Found found = new Tuner(new Made(0.05), BASE, rows::add)
                .search(
                        List.of(STRONG, GENTLE),
                        12,
                        seconds -> {
                            told.add(seconds);
                            return seconds < 4;
                        },
                        () -> true);
        assertEquals(STRONG, found.candidate());
        assertEquals(6, found.passages());
        assertEquals(List.of(4.0), told);
    }

    @Test
    void theTableHasARowForEachTrial() {
        search(new Made(0.05));
        List<String> named = rows.stream().map(TuningRow::what).toList();
        assertEquals(2, named.stream().filter("strong"::equals).count());
        assertEquals(2, named.stream().filter("gentle"::equals).count());
        TuningRow plain = rows.getFirst();
        assertEquals(0.1, plain.parametric());
        assertEquals(0.6, plain.combined());
        assertNull(plain.drift());
    }
}
