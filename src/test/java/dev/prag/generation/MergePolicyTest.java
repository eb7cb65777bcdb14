package dev.prag.generation;

import static dev.prag.generation.MergePolicy.Choice.MEASURE;
import static dev.prag.generation.MergePolicy.Choice.MERGE;
import static dev.prag.generation.MergePolicy.Choice.SIDE_BRANCH;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.base.UserException;
import dev.prag.generation.MergePolicy.Choice;
import dev.prag.lora.Composition;
import dev.prag.tensor.plain.PlainDevice;
import java.util.List;
import org.junit.jupiter.api.Test;

class MergePolicyTest {
    private static final int MUCH = 1_000_000;
    private static final MergeSettings SETTINGS = new MergeSettings(0.01f, 2000);
    private static final Composition ONE = composition(1);
    private static final Composition OTHER = composition(2);

    private static Composition composition(int mark) {
        return new Composition(List.of(new Composition.Term(new FakeModel.FakeAdapter(mark), 1)));
    }

    private static MergePolicy policy(MergeCosts costs) {
        return new MergePolicy(SETTINGS, costs, composition -> 1000);
    }

    /** What is chosen for the tokens up to one that isn't written by the side branch; their number. */
    private static int until(Choice choice, MergePolicy policy, Composition composition, int remaining) {
        int tokens = 0;
        while (true) {
            Choice next = policy.next(composition, remaining - tokens);
            if (next != SIDE_BRANCH) {
                assertEquals(choice, next);
                return tokens;
            }
            tokens++;
        }
    }

    @Test
    void mergesOnceTheSideBranchHasCostAsMuchWithAMargin() {
        MergePolicy policy = policy(new FixedCosts(10, 0.5));
        assertEquals(10 / 0.5 * MergePolicy.MARGIN + 1, until(MERGE, policy, ONE, MUCH));
        // What one text has written counts for the next, and for no other composition.
        assertEquals(MERGE, policy.next(ONE, MUCH));
        assertEquals(SIDE_BRANCH, policy.next(OTHER, MUCH));
    }

    @Test
    void whatMayStillBeWrittenBoundsWhatIsExpected() {
        MergePolicy policy = policy(new FixedCosts(10, 0.5));
        for (int i = 0; i < 100; i++) {
            assertEquals(SIDE_BRANCH, policy.next(ONE, 40));
        }
        assertEquals(MERGE, policy.next(ONE, 41));
    }

    @Test
    void nothingIsMergedWithoutACostOfTheSideBranch() {
        MergePolicy policy = policy(new FixedCosts(0, 0));
        for (int i = 0; i < 1000; i++) {
            assertEquals(SIDE_BRANCH, policy.next(ONE, MUCH));
        }
    }

    @Test
    void costsAreMeasuredForLongTexts() {
        FixedCosts costs = new FixedCosts(10, 0);
        costs.wantsPairs = true;
        assertEquals(MergePolicy.LONG, until(MEASURE, policy(costs), ONE, MUCH));
        assertEquals(SIDE_BRANCH, policy(costs).next(ONE, MergePolicy.LONG - 1));
    }

    @Test
    void aRefusedOneIsNotMergedAgain() {
        MergePolicy policy = policy(new FixedCosts(0, 1));
        assertEquals(1, until(MERGE, policy, ONE, MUCH));
        policy.refuse(ONE);
        assertEquals(SIDE_BRANCH, policy.next(ONE, MUCH));
        assertEquals(1, until(MERGE, policy, OTHER, MUCH));
    }

    /** The matrices once as rows and once as products want them. */
    @Test
    void aCopyKeepsToItsMemory() {
        MergePolicy policy = new MergePolicy(SETTINGS, new FixedCosts(0, 1), c -> c.equals(ONE) ? 1001 : 1000);
        for (int i = 0; i < 10; i++) {
            assertEquals(SIDE_BRANCH, policy.next(ONE, MUCH));
        }
        assertEquals(1, until(MERGE, policy, OTHER, MUCH));
    }

    @Test
    void theBoundIsHeld() {
        MergePolicy policy = policy(new FixedCosts(0, 1));
        assertTrue(policy.holds(0.01f));
        assertFalse(policy.holds(0.011f));
        assertFalse(policy.holds(Float.NaN));
        for (float bad : new float[] {-1, Float.NaN}) {
            UserException e = assertThrows(UserException.class, () -> new MergeSettings(bad, 1));
            assertTrue(e.getMessage().contains("prag.merge.max-logprob-difference"), e.getMessage());
        }
    }

    @Test
    void costsAreThoseMeasured() {
        try (PlainDevice device = new PlainDevice()) {
            MeasuredCosts costs = new MeasuredCosts(device);
            assertTrue(costs.merge(1000) > 0);
            costs.merged(500, 3);
            assertEquals(6, costs.merge(1000), 1e-9);

            for (int i = 0; i < MeasuredCosts.PAIRS; i++) {
                assertEquals(0, costs.branch());
                assertTrue(costs.wantsPair());
                // One of them was disturbed.
                costs.pair(i == 5 ? 100 : 2 + i / 10d, 1);
            }
            assertEquals(1.85, costs.branch(), 1e-9);
            for (int i = 1; i < MeasuredCosts.EVERY; i++) {
                assertFalse(costs.wantsPair());
            }
            assertTrue(costs.wantsPair());
            for (int i = 0; i < MeasuredCosts.PAIRS; i++) {
                costs.pair(1, 2);
            }
            assertEquals(0, costs.branch());
        }
    }
}
