package dev.prag.llm;

import dev.prag.lora.Composition;
import dev.prag.lora.Projection;
import dev.prag.lora.ResidentAdapter;
import dev.prag.tensor.LoraSpan;
import dev.prag.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The side branches of a batch, for every layer and projection: which rows take which matrices. All adapters of a
 * batch lie in one slab.
 */
final class LoraPlan {
    private static final int PROJECTIONS = Projection.values().length;

    private final Tensor slab;
    private final List<List<LoraSpan>> spans;

    private LoraPlan(Tensor slab, List<List<LoraSpan>> spans) {
        this.slab = slab;
        this.spans = spans;
    }

    static LoraPlan of(Batch batch, int layers) {
        Tensor slab = null;
        for (Segment segment : batch.segments()) {
            for (Composition.Term term : segment.composition().terms()) {
                Tensor other = term.adapter().slab();
                if (slab != null && slab != other) {
                    throw new IllegalArgumentException("the adapters of a batch lie in different slabs");
                }
                slab = other;
            }
        }
        List<List<LoraSpan>> spans = new ArrayList<>(layers * PROJECTIONS);
        for (int layer = 0; layer < layers; layer++) {
            for (Projection projection : Projection.values()) {
                spans.add(slab == null ? List.of() : spans(batch, layer, projection));
            }
        }
        return new LoraPlan(slab, spans);
    }

    private static List<LoraSpan> spans(Batch batch, int layer, Projection projection) {
        List<LoraSpan> spans = new ArrayList<>();
        for (Segment segment : batch.segments()) {
            List<LoraSpan.Part> parts = parts(segment.composition(), layer, projection);
            if (!parts.isEmpty()) {
                spans.add(new LoraSpan(segment.span().row(), segment.span().rows(), parts));
            }
        }
        return spans;
    }

    /** The adapters of a composition that target the projection. */
    static List<LoraSpan.Part> parts(Composition composition, int layer, Projection projection) {
        List<LoraSpan.Part> parts = new ArrayList<>(composition.terms().size());
        for (Composition.Term term : composition.terms()) {
            ResidentAdapter adapter = term.adapter();
            LoraSpan.Part part = adapter.part(layer, projection, term.weight());
            if (part != null) {
                parts.add(part);
            }
        }
        return parts;
    }

    /** The slab that the spans point into; null where no row has an adapter. */
    Tensor slab() {
        return slab;
    }

    List<LoraSpan> spans(int layer, Projection projection) {
        return spans.get(layer * PROJECTIONS + projection.ordinal());
    }

    /** Whether any row has an adapter on one of the projections. */
    boolean targets(int layer, Projection... projections) {
        for (Projection projection : projections) {
            if (!spans(layer, projection).isEmpty()) {
                return true;
            }
        }
        return false;
    }

    /** The lowest layer with an adapter; the number of layers where there is none. */
    int lowestLayer() {
        int layer = 0;
        while (layer * PROJECTIONS < spans.size() && !targets(layer, Projection.values())) {
            layer++;
        }
        return layer;
    }
}
