package dev.prag.lora;

import dev.prag.base.UserException;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * A low-rank adapter (Hu et al., 2022) in host memory: for each targeted projection the matrices A and B of the update
 * scaling·B·A, in the layout of PEFT. Immutable by agreement: nobody writes into the arrays.
 */
public final class Adapter {
    /** One projection of one layer. */
    public record Target(int layer, Projection projection) implements Comparable<Target> {
        @Override
        public int compareTo(Target other) {
            int byLayer = Integer.compare(layer, other.layer);
            return byLayer != 0 ? byLayer : projection.compareTo(other.projection);
        }
    }

    /**
     * The update of one projection.
     *
     * @param a [rank, in], row-major
     * @param b [out, rank], row-major
     */
    public record LowRank(float[] a, float[] b) {}

    private final int rank;
    private final float alpha;
    private final boolean rsLora;
    private final SortedMap<Target, LowRank> updates;

    /**
     * @param rank rank of every update
     * @param alpha numerator of the scaling
     * @param rsLora rank-stabilised scaling alpha/√rank (Kalajdzievski, 2023) rather than alpha/rank
     * @param updates A and B of each target
     */
    public Adapter(int rank, float alpha, boolean rsLora, Map<Target, LowRank> updates) {
        if (rank < 1 || updates.isEmpty()) {
            throw new IllegalArgumentException("an adapter has a rank and targets; rank " + rank);
        }
        this.rank = rank;
        this.alpha = alpha;
        this.rsLora = rsLora;
        this.updates = Collections.unmodifiableSortedMap(new TreeMap<>(updates));
    }

    /**
     * A fresh adapter: A uniform in ±1/√in, from a generator keyed by seed, layer and projection, so that all passages
     * start from the same A; B zero, so that the model starts as it is.
     */
    public static Adapter initial(DecoderShape shape, int rank, float alpha, Set<Projection> targets, long seed) {
        SortedMap<Target, LowRank> updates = new TreeMap<>();
        for (int layer = 0; layer < shape.layers(); layer++) {
            for (Projection projection : targets) {
                DecoderShape.Dims dims = shape.dims(projection);
                SplitMix random = SplitMix.keyed(seed, layer, projection.ordinal());
                double bound = 1 / Math.sqrt(dims.in());
                float[] a = new float[rank * dims.in()];
                for (int i = 0; i < a.length; i++) {
                    a[i] = (float) ((2 * random.nextDouble() - 1) * bound);
                }
                updates.put(new Target(layer, projection), new LowRank(a, new float[dims.out() * rank]));
            }
        }
        return new Adapter(rank, alpha, false, updates);
    }

    /** An adapter whose update is this one's times the strength: B is scaled, and A and alpha stay. */
    public Adapter weakened(float strength) {
        SortedMap<Target, LowRank> weakened = new TreeMap<>();
        updates.forEach((target, update) -> {
            float[] b = update.b().clone();
            for (int i = 0; i < b.length; i++) {
                b[i] *= strength;
            }
            weakened.put(target, new LowRank(update.a(), b));
        });
        return new Adapter(rank, alpha, rsLora, weakened);
    }

    public int rank() {
        return rank;
    }

    public float alpha() {
        return alpha;
    }

    public boolean rsLora() {
        return rsLora;
    }

    /** What B·A is multiplied by: alpha/rank, or alpha/√rank with rsLoRA. */
    public float scaling() {
        return scaling(rank, alpha, rsLora);
    }

    static float scaling(int rank, float alpha, boolean rsLora) {
        return rsLora ? (float) (alpha / Math.sqrt(rank)) : alpha / rank;
    }

    /** A and B of each target, by layer, then by projection. */
    public SortedMap<Target, LowRank> updates() {
        return updates;
    }

    /** The projections that are targeted in at least one layer. */
    public Set<Projection> projections() {
        EnumSet<Projection> projections = EnumSet.noneOf(Projection.class);
        updates.keySet().forEach(target -> projections.add(target.projection()));
        return projections;
    }

    /**
     * Checks every matrix against a model.
     *
     * @param origin where the adapter comes from, for the message
     * @throws UserException if a layer doesn't exist or a size differs: the adapter was made for another model
     */
    public void requireFits(DecoderShape shape, String origin) {
        updates.forEach(
                (target, update) -> requireFits(shape, origin, rank, target, update.a().length, update.b().length));
    }

    /** As {@link #requireFits(DecoderShape, String)}, for one target with so many elements in A and B. */
    static void requireFits(DecoderShape shape, String origin, int rank, Target target, long a, long b) {
        if (target.layer() < 0 || target.layer() >= shape.layers()) {
            throw new UserException(origin + ": " + PeftNames.module(target) + " is beyond the model's "
                    + shape.layers() + " layers; the adapter was made for another model");
        }
        DecoderShape.Dims dims = shape.dims(target.projection());
        requireSize(origin, target, PeftNames::a, a, rank, dims.in());
        requireSize(origin, target, PeftNames::b, b, dims.out(), rank);
    }

    private static void requireSize(
            String origin, Target target, Function<Target, String> name, long elements, int rows, int cols) {
        if (elements != (long) rows * cols) {
            throw new UserException(origin + ": tensor " + name.apply(target) + " has " + elements
                    + " elements where this model needs [" + rows + ", " + cols
                    + "]; the adapter was made for another model");
        }
    }
}
