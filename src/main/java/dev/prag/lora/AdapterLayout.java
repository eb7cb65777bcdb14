package dev.prag.lora;

import dev.prag.lora.Adapter.LowRank;
import dev.prag.lora.Adapter.Target;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Where each matrix of an adapter lies within its place in a slab: target after target, A as [rank, in], then B
 * transposed, [rank, out].
 */
final class AdapterLayout {
    /** Offsets from the start of the place, in elements, and the sizes. */
    private record Place(long a, long b, int in, int out) {}

    private final int rank;
    private final float alpha;
    private final boolean rsLora;
    private final Map<Target, Place> places = new TreeMap<>();
    private final long length;

    /** The layout of that adapter, and of all others with its rank, sizes and targets. */
    AdapterLayout(Adapter adapter) {
        rank = adapter.rank();
        alpha = adapter.alpha();
        rsLora = adapter.rsLora();
        long next = 0;
        for (Map.Entry<Target, LowRank> entry : adapter.updates().entrySet()) {
            LowRank update = entry.getValue();
            int aLength = update.a().length;
            int bLength = update.b().length;
            places.put(
                    entry.getKey(),
                    new Place(next, next + aLength, aLength / adapter.rank(), bLength / adapter.rank()));
            next += aLength + (long) bLength;
        }
        length = next;
    }

    /** Elements in all. */
    long length() {
        return length;
    }

    int rank() {
        return rank;
    }

    boolean targets(Target target) {
        return places.containsKey(target);
    }

    long a(Target target) {
        return places.get(target).a();
    }

    long b(Target target) {
        return places.get(target).b();
    }

    /** The adapter's elements as they lie in the slab, followed by zeros up to {@code size}. */
    float[] pack(Adapter adapter, int size) {
        float[] packed = new float[size];
        places.forEach((target, place) -> {
            LowRank update = adapter.updates().get(target);
            System.arraycopy(update.a(), 0, packed, (int) place.a(), update.a().length);
            transpose(update.b(), 0, place.out(), rank, packed, (int) place.b());
        });
        return packed;
    }

    /** The opposite of {@link #pack}. */
    Adapter unpack(float[] packed) {
        SortedMap<Target, LowRank> updates = new TreeMap<>();
        places.forEach((target, place) -> {
            float[] a = new float[rank * place.in()];
            float[] b = new float[place.out() * rank];
            System.arraycopy(packed, (int) place.a(), a, 0, a.length);
            transpose(packed, (int) place.b(), rank, place.out(), b, 0);
            updates.put(target, new LowRank(a, b));
        });
        return new Adapter(rank, alpha, rsLora, updates);
    }

    private static void transpose(float[] from, int fromOffset, int rows, int cols, float[] to, int toOffset) {
        for (int r = 0; r < rows; r++) {
            for (int c = 0; c < cols; c++) {
                to[toOffset + c * rows + r] = from[fromOffset + r * cols + c];
            }
        }
    }
}
