package dev.prag.lora;

import dev.prag.lora.Adapter.LowRank;
import dev.prag.lora.Adapter.Target;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Where each matrix of an adapter lies within its place in a slab: target after target, A as [rank, in], then B
 * transposed, [rank, out].
 */
final class AdapterLayout {
    private static final Projection[] PROJECTIONS = Projection.values();

    /** Offsets from the start of the place, in elements, and the sizes. */
    private record Place(int a, int b, int in, int out) {}

    private final int rank;
    private final float alpha;
    private final boolean rsLora;
    /** By layer, then by projection; null where nothing is targeted. */
    private final Place[] places;

    private final int length;

    private AdapterLayout(int rank, float alpha, boolean rsLora, Place[] places, int length) {
        this.rank = rank;
        this.alpha = alpha;
        this.rsLora = rsLora;
        this.places = places;
        this.length = length;
    }

    /** The layout of that adapter, and of all others with its rank, sizes and targets. */
    static AdapterLayout of(Adapter adapter) {
        Builder layout = new Builder(adapter.rank(), adapter.alpha(), adapter.rsLora());
        adapter.updates().forEach((target, update) -> layout.add(target, update.a().length, update.b().length));
        return layout.build();
    }

    /** Lays matrices out one after another. */
    static final class Builder {
        private final int rank;
        private final float alpha;
        private final boolean rsLora;
        private Place[] places = new Place[0];
        private int next;

        Builder(int rank, float alpha, boolean rsLora) {
            this.rank = rank;
            this.alpha = alpha;
            this.rsLora = rsLora;
        }

        /** The next target, in their order, with the number of elements of its A and its B. */
        void add(Target target, int a, int b) {
            int index = index(target.layer(), target.projection());
            if (index >= places.length) {
                places = Arrays.copyOf(places, (target.layer() + 1) * PROJECTIONS.length);
            }
            places[index] = new Place(next, Math.addExact(next, a), a / rank, b / rank);
            next = Math.addExact(Math.addExact(next, a), b);
        }

        AdapterLayout build() {
            return new AdapterLayout(rank, alpha, rsLora, places, next);
        }
    }

    private static int index(int layer, Projection projection) {
        return layer * PROJECTIONS.length + projection.ordinal();
    }

    /** Elements in all. */
    int length() {
        return length;
    }

    int rank() {
        return rank;
    }

    /** As {@link Adapter#scaling}. */
    float scaling() {
        return Adapter.scaling(rank, alpha, rsLora);
    }

    boolean targets(int layer, Projection projection) {
        int index = index(layer, projection);
        return index < places.length && places[index] != null;
    }

    int a(int layer, Projection projection) {
        return places[index(layer, projection)].a();
    }

    int b(int layer, Projection projection) {
        return places[index(layer, projection)].b();
    }

    /** Writes the adapter's elements as they lie in the slab, and zeros behind them. */
    void pack(Adapter adapter, float[] packed) {
        adapter.updates().forEach((target, update) -> {
            Place place = places[index(target.layer(), target.projection())];
            System.arraycopy(update.a(), 0, packed, place.a(), update.a().length);
            transpose(update.b(), 0, place.out(), rank, packed, place.b(), place.out());
        });
        clearRest(packed);
    }

    /** Zeros behind the elements. */
    void clearRest(float[] packed) {
        Arrays.fill(packed, length, packed.length, 0);
    }

    /** The opposite of {@link #pack}. */
    Adapter unpack(float[] packed) {
        SortedMap<Target, LowRank> updates = new TreeMap<>();
        for (int i = 0; i < places.length; i++) {
            Place place = places[i];
            if (place != null) {
                float[] b = new float[place.out() * rank];
                transpose(packed, place.b(), rank, place.out(), b, 0, rank);
                updates.put(
                        new Target(i / PROJECTIONS.length, PROJECTIONS[i % PROJECTIONS.length]),
                        new LowRank(Arrays.copyOfRange(packed, place.a(), place.a() + rank * place.in()), b));
            }
        }
        return new Adapter(rank, alpha, rsLora, updates);
    }

    /**
     * to[c, r] ← from[r, c].
     *
     * @param toStride elements from one row of {@code to} to the next
     */
    static void transpose(float[] from, int fromOffset, int rows, int cols, float[] to, int toOffset, int toStride) {
        if (cols == 2) {
            // The usual rank, with a stride that the compiler knows, so that it need not check each index.
            for (int r = 0; r < rows; r++) {
                to[toOffset + r] = from[fromOffset + 2 * r];
                to[toOffset + toStride + r] = from[fromOffset + 2 * r + 1];
            }
            return;
        }
        for (int c = 0; c < cols; c++) {
            int source = fromOffset + c;
            int target = toOffset + c * toStride;
            for (int r = 0; r < rows; r++) {
                to[target + r] = from[source + r * cols];
            }
        }
    }
}
