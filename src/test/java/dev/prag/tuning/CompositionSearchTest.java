package dev.prag.tuning;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.lora.Scope;
import dev.prag.parameterization.Composing;
import dev.prag.parameterization.WeightRule;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

class CompositionSearchTest {
    private static final Composing START = new Composing(3, WeightRule.MEAN, 1.0, Scope.ANSWER, 1.0, 0.0);

    private final List<Composing> asked = new ArrayList<>();

    private CompositionSearch.Chosen search(double none, ToDoubleFunction<Composing> score) {
        return CompositionSearch.best(
                START,
                none,
                composing -> {
                    asked.add(composing);
                    return score.applyAsDouble(composing);
                },
                () -> true);
    }

    @Test
    void adaptersThatHelpNowhereGetNoStrength() {
        CompositionSearch.Chosen chosen = search(0.6, composing -> 0.6 - composing.strength() / 10);
        assertFalse(chosen.composing().composes());
        assertEquals(0.6, chosen.worth());
    }

    @Test
    void whatIsAboutEqualChangesTheModelLeast() {
        CompositionSearch.Chosen chosen = search(0.6, composing -> 0.7 + composing.strength() / 1000);
        assertEquals(0.25, chosen.composing().strength());
        assertEquals(WeightRule.MEAN, chosen.composing().weights());
        assertEquals(3, chosen.composing().topK());
    }

    @Test
    void choicesAreMadeOneAfterTheOther() {
        CompositionSearch.Chosen chosen = search(
                0.5,
                composing -> 0.5
                        + (composing.strength() == 0.5 ? 0.1 : 0)
                        + (composing.scope() == Scope.PROMPT ? 0.1 : 0)
                        + (composing.weights() == WeightRule.SCORE ? 0.1 : 0)
                        + (composing.topK() == 1 ? 0.1 : 0));
        assertEquals(new Composing(1, WeightRule.SCORE, 0.5, Scope.PROMPT, 1.0, 0.0), chosen.composing());
        assertEquals(0.9, chosen.worth(), 1e-9);
    }

    @Test
    void theTemperatureIsTriedWhereWeightsGoByScore() {
        CompositionSearch.Chosen chosen = search(
                0.5,
                composing -> composing.weights() == WeightRule.SCORE ? 0.6 + composing.scoreTemperature() / 10 : 0.55);
        assertEquals(2, chosen.composing().scoreTemperature());
        assertEquals(0.8, chosen.worth(), 1e-9);
        asked.clear();
        search(0.5, composing -> composing.weights() == WeightRule.BEST ? 0.6 : 0.5);
        assertTrue(asked.stream().allMatch(composing -> composing.scoreTemperature() == 1));
    }

    @Test
    void oneAdapterIsTriedAtEachStrength() {
        // By the mean it takes all its strength; alone half of it.
        CompositionSearch.Chosen chosen = search(
                0.1,
                composing -> composing.weights() == WeightRule.BEST
                        ? composing.strength() == 0.5 ? 0.4 : 0.1
                        : composing.strength() / 5);
        assertEquals(WeightRule.BEST, chosen.composing().weights());
        assertEquals(0.5, chosen.composing().strength());
    }

    @Test
    void aMethodThatIsToHaveAdaptersGetsSome() {
        assertTrue(search(Double.NEGATIVE_INFINITY, composing -> 0).composing().composes());
    }

    @Test
    void withoutTimeOneCompositionIsAsked() {
        CompositionSearch.best(
                START,
                Double.NEGATIVE_INFINITY,
                composing -> {
                    asked.add(composing);
                    return 0.1;
                },
                () -> false);
        assertEquals(1, asked.size());
    }
}
