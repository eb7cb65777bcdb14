package dev.prag.lora;

import dev.prag.lora.Adapter.LowRank;
import dev.prag.lora.Adapter.Target;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * An adapter as it lies in the bytes that a store keeps: checked by {@link AdapterCodec}, and not copied before it is
 * put to use. Refers to the bytes, into which nobody writes.
 */
public final class StoredAdapter {
    /** Elements of B that are transposed at once: they stay in a core's own cache. */
    private static final int CHUNK = 16384;

    /**
     * The update of one projection.
     *
     * @param a [rank, in]
     * @param b [out, rank]
     */
    record Matrices(StoredMatrix a, StoredMatrix b) {}

    private final String origin;
    private final int rank;
    private final float alpha;
    private final boolean rsLora;
    private final Map<String, String> metadata;
    private final SortedMap<Target, Matrices> matrices;

    StoredAdapter(
            String origin,
            int rank,
            float alpha,
            boolean rsLora,
            Map<String, String> metadata,
            SortedMap<Target, Matrices> matrices) {
        this.origin = origin;
        this.rank = rank;
        this.alpha = alpha;
        this.rsLora = rsLora;
        this.metadata = metadata;
        this.matrices = matrices;
    }

    /** What was given to {@link AdapterCodec#encode}. */
    public Map<String, String> metadata() {
        return metadata;
    }

    /** A copy in host memory. */
    public Adapter read() {
        SortedMap<Target, LowRank> updates = new TreeMap<>();
        matrices.forEach((target, update) -> updates.put(
                target, new LowRank(update.a().toFloats(), update.b().toFloats())));
        return new Adapter(rank, alpha, rsLora, updates);
    }

    /** As {@link Adapter#requireFits}. */
    void requireFits(DecoderShape shape) {
        matrices.forEach((target, update) -> Adapter.requireFits(
                shape, origin, rank, target, update.a().size(), update.b().size()));
    }

    /** How it lies in a slab; for one that fits the slab's model. */
    AdapterLayout layout() {
        AdapterLayout.Builder layout = new AdapterLayout.Builder(rank, alpha, rsLora);
        matrices.forEach((target, update) -> layout.add(
                target,
                Math.toIntExact(update.a().size()),
                Math.toIntExact(update.b().size())));
        return layout.build();
    }

    /** Writes its elements as they lie in a slab, and zeros behind them. */
    void pack(AdapterLayout layout, float[] packed) {
        float[] chunk = new float[Math.max(1, CHUNK / rank) * rank];
        matrices.forEach((target, update) -> {
            update.a()
                    .read(
                            0,
                            packed,
                            layout.a(target.layer(), target.projection()),
                            Math.toIntExact(update.a().size()));
            transpose(update.b(), packed, layout.b(target.layer(), target.projection()), chunk);
        });
        layout.clearRest(packed);
    }

    private void transpose(StoredMatrix b, float[] to, int offset, float[] chunk) {
        int out = b.rows();
        int most = chunk.length / rank;
        for (int row = 0; row < out; row += most) {
            int rows = Math.min(most, out - row);
            b.read(row * rank, chunk, 0, rows * rank);
            AdapterLayout.transpose(chunk, 0, rows, rank, to, offset + row, out);
        }
    }
}
