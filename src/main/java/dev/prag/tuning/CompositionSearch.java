package dev.prag.tuning;

import dev.prag.lora.Scope;
import dev.prag.parameterization.Composing;
import dev.prag.parameterization.WeightRule;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * Chooses the composition of a method, one choice after the other: rule and strength, the temperature of scores where the
 * rule goes by them, scope, how many passages. Rule and strength go together, as one adapter at half its strength changes
 * the model as much as three do that share it. A change has to be worth something: of choices that are about equal the one
 * is taken that changes the model least.
 */
final class CompositionSearch {
    /** What a stronger composition has to gain: less is noise. */
    private static final double WORTH = 0.01;
    /** What any composition has to gain over plain RAG, which needs no adapters. */
    private static final double WORTH_ANY = 0.02;

    private static final List<Double> STRENGTHS = List.of(0.25, 0.5, 1.0);
    private static final List<WeightRule> RULES = List.of(WeightRule.MEAN, WeightRule.SCORE, WeightRule.BEST);

    private CompositionSearch() {}

    /** A composition and what it is worth. */
    record Chosen(Composing composing, double worth) {}

    /**
     * The best composition found.
     *
     * @param start with nothing left open
     * @param none what plain RAG comes to: no composition is chosen that isn't better; minus infinity where the method is
     *     to have adapters in any case
     * @param worth asks all questions with a composition; what was asked before it remembers itself
     * @param more whether there is time for another composition; one is asked in any case
     */
    static Chosen best(Composing start, double none, ToDoubleFunction<Composing> worth, BooleanSupplier more) {
        Chosen best = new Chosen(changed(start, new Composing(null, null, 0.0, null, null, null)), none);
        List<List<Composing>> choices = new ArrayList<>();
        choices.add(STRENGTHS.stream()
                .flatMap(strength -> RULES.stream().map(rule -> new Composing(null, rule, strength, null, null, null)))
                .toList());
        choices.add(Stream.of(start.scoreTemperature() / 2, start.scoreTemperature() * 2)
                .map(temperature -> new Composing(null, null, null, null, temperature, null))
                .toList());
        choices.add(List.of(new Composing(null, null, null, other(start.scope()), null, null)));
        choices.add(List.of(new Composing(1, null, null, null, null, null)));
        boolean isFirst = true;
        for (List<Composing> choice : choices) {
            Composing from = best.composing();
            for (Composing change : choice) {
                Composing next = changed(from, change);
                boolean matters = change.scoreTemperature() == null || from.weights() == WeightRule.SCORE;
                if (matters && next.composes() && !next.equals(best.composing()) && (isFirst || more.getAsBoolean())) {
                    isFirst = false;
                    double found = worth.applyAsDouble(next);
                    if (found > best.worth() + (best.composing().composes() ? WORTH : WORTH_ANY)) {
                        best = new Chosen(next, found);
                    }
                }
            }
        }
        return best;
    }

    private static Scope other(Scope scope) {
        return scope == Scope.PROMPT ? Scope.ANSWER : Scope.PROMPT;
    }

    private static Composing changed(Composing from, Composing change) {
        return change.over(from);
    }
}
