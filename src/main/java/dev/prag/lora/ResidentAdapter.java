package dev.prag.lora;

import dev.prag.tensor.LoraSpan;
import dev.prag.tensor.Tensor;

/**
 * An adapter in device memory: its place in a slab. Closing it gives the place back. Equal to itself alone: one that is
 * loaded again is another one, whatever place it gets.
 */
public interface ResidentAdapter extends AutoCloseable {
    /** The slab it lies in, F32. */
    Tensor slab();

    /** Where the projection's A and B lie, with the adapter's own scaling times weight; null if it isn't targeted. */
    LoraSpan.Part part(int layer, Projection projection, float weight);

    @Override
    void close();
}
