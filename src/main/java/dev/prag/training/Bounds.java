package dev.prag.training;

import dev.prag.llm.Decoder;
import dev.prag.lora.AdapterSlab;
import dev.prag.lora.DecoderShape;
import dev.prag.lora.Projection;
import dev.prag.tensor.LoraBound;
import dev.prag.tensor.LoraSpan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How large adapters' updates may be, by the norms of the weights beside them, which are read once. */
final class Bounds {
    private record Place(int layer, Projection projection) {}

    private final Decoder decoder;
    private final Map<Place, Double> norms = new HashMap<>();

    Bounds(Decoder decoder) {
        this.decoder = decoder;
    }

    /**
     * The bounds of an adapter.
     *
     * @param share of each weight's norm
     */
    List<LoraBound> of(AdapterSlab.Slot slot, float share) {
        DecoderShape shape = decoder.config().decoderShape();
        List<LoraBound> bounds = new ArrayList<>();
        for (int layer = 0; layer < shape.layers(); layer++) {
            for (Projection projection : Projection.values()) {
                LoraSpan.Part part = slot.part(layer, projection, 1);
                if (part != null) {
                    DecoderShape.Dims dims = shape.dims(projection);
                    double norm = norms.computeIfAbsent(
                            new Place(layer, projection), place -> decoder.norm(place.layer(), place.projection()));
                    bounds.add(new LoraBound(part, dims.in(), dims.out(), (float) (share * norm)));
                }
            }
        }
        return bounds;
    }
}
