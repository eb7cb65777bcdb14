package dev.prag.lora;

import java.util.EnumMap;
import java.util.Map;

/**
 * What an adapter has to fit: the number of decoder layers and the size of each projection, the same in every layer.
 *
 * @param layers number of decoder layers
 * @param projections size of each of the seven projections
 */
public record DecoderShape(int layers, Map<Projection, Dims> projections) {
    /** Size of a projection W [out, in]. */
    public record Dims(int in, int out) {}

    public DecoderShape {
        projections = Map.copyOf(new EnumMap<>(projections));
        if (layers < 1 || projections.size() != Projection.values().length) {
            throw new IllegalArgumentException("a decoder has layers and all seven projections: " + projections);
        }
    }

    /** Size of one projection. */
    public Dims dims(Projection projection) {
        return projections.get(projection);
    }
}
