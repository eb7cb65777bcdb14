package dev.prag.parameterization;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.lora.Adapter;
import dev.prag.lora.Projection;
import dev.prag.parameterization.Weakening.Weakened;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class WeakeningTest {
    private static final List<Float> STRENGTHS = List.of(1f, 0.8f, 0.64f, 0.512f, 0.4096f, 0.4f);

    /** Adapters whose harm is the square of what stands in their B. */
    private static double[] harms(List<Adapter> adapters) {
        return adapters.stream()
                .mapToDouble(adapter -> Math.pow(size(adapter), 2))
                .toArray();
    }

    private static float size(Adapter adapter) {
        return adapter.updates().values().iterator().next().b()[0];
    }

    private static Adapter adapter(float size) {
        return new Adapter(
                1,
                1,
                false,
                new TreeMap<>(Map.of(
                        new Adapter.Target(0, Projection.GATE),
                        new Adapter.LowRank(new float[] {1}, new float[] {size}))));
    }

    @Test
    void eachHasTheLargestStrengthWithinTheBound() {
        // The square of the size times the strength is to be 1 at most.
        List<Float> sizes = List.of(0.5f, 1.1f, 1.5f, 1.9f, 2.3f, 2.49f);
        List<Adapter> adapters = sizes.stream().map(WeakeningTest::adapter).toList();
        List<Integer> measured = new ArrayList<>();
        List<Weakened> weakened = Weakening.of(adapters, STRENGTHS, 1, tried -> {
            measured.add(tried.size());
            return harms(tried);
        });
        assertEquals(STRENGTHS, weakened.stream().map(Weakened::strength).toList());
        for (int i = 0; i < sizes.size(); i++) {
            Weakened one = weakened.get(i);
            assertEquals(sizes.get(i) * one.strength(), size(one.adapter()), 0);
            assertEquals(Math.pow(size(one.adapter()), 2), one.harm(), 0);
        }
        assertSame(adapters.getFirst(), weakened.getFirst().adapter());
        assertEquals(6, measured.getFirst());
        assertTrue(measured.size() <= 4, "half of the five that are left go each time: " + measured);
    }

    @Test
    void oneThatIsNowhereWithinTheBoundStaysAsItIs() {
        List<Adapter> adapters = List.of(adapter(3), adapter(Float.NaN), adapter(0.5f));
        List<Weakened> weakened = Weakening.of(adapters, STRENGTHS, 1, WeakeningTest::harms);
        for (int i = 0; i < adapters.size(); i++) {
            assertSame(adapters.get(i), weakened.get(i).adapter());
            assertEquals(1, weakened.get(i).strength());
        }
        assertEquals(9, weakened.getFirst().harm(), 0);
        assertEquals(Double.NaN, weakened.get(1).harm());
    }

    @Test
    void withoutABoundAllAreMeasuredOnce() {
        List<Adapter> adapters = List.of(adapter(3), adapter(2));
        List<Integer> measured = new ArrayList<>();
        List<Weakened> weakened = Weakening.of(adapters, List.of(1f), Double.POSITIVE_INFINITY, tried -> {
            measured.add(tried.size());
            return harms(tried);
        });
        assertEquals(List.of(2), measured);
        assertEquals(List.of(9.0, 4.0), weakened.stream().map(Weakened::harm).toList());
        assertEquals(List.of(), Weakening.of(List.of(), STRENGTHS, 1, WeakeningTest::harms));
    }
}
