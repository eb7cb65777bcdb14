package dev.prag.training;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.prag.llm.Backpropagation;
import dev.prag.llm.Batch;
import dev.prag.llm.Decoder;
import dev.prag.llm.Differences;
import dev.prag.llm.KvCache;
import dev.prag.lora.Adapter;
import dev.prag.lora.AdapterSlab;
import dev.prag.lora.Composition;
import dev.prag.lora.Projection;
import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import dev.prag.tensor.Tensor;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** Gradients against finite differences of the weighted loss along them. */
final class Slope {
    private static final double STEP = 1e-3;

    private Slope() {}

    /**
     * Checks the gradient of an adapter whose B isn't zero.
     *
     * @param batch of that composition
     * @param prefix cache that the batch reads, or null
     */
    static void check(
            Decoder decoder,
            Backpropagation backpropagation,
            Set<Projection> targets,
            Function<Composition, Batch> batch,
            Backpropagation.Labels labels,
            Backpropagation.Distributions distributions,
            KvCache prefix) {
        Device device = decoder.device();
        Adapter start = Adapter.initial(decoder.config().decoderShape(), 2, 2, targets, 3);
        for (Adapter.LowRank update : start.updates().values()) {
            for (int i = 0; i < update.b().length; i++) {
                update.b()[i] = (i % 7 - 3) * 0.01f;
            }
        }
        try (AdapterSlab slab = new AdapterSlab(device, decoder.config().decoderShape(), AdapterSlab.footprint(start));
                AdapterSlab.Slot slot = slab.load(start);
                Tensor gradients = device.allocate(
                        DType.F32, slab.memory().rows(), slab.memory().cols())) {
            Batch of = batch.apply(new Composition(List.of(new Composition.Term(slot, 1))));
            backpropagation.run(of, labels, distributions, prefix, gradients);
            float[] gradient = device.read(gradients);
            float[] parameters = device.read(slab.memory());
            double norm = Differences.norm(gradient);
            double[] losses = new double[2];
            for (int side = 0; side < 2; side++) {
                float step = (float) ((side == 0 ? -STEP : STEP) / norm);
                float[] moved = parameters.clone();
                for (int i = 0; i < moved.length; i++) {
                    moved[i] += step * gradient[i];
                }
                device.write(slab.memory(), moved);
                float[] rows = backpropagation.run(of, labels, distributions, prefix, gradients);
                int hard = labels.rows().length;
                for (int i = 0; i < rows.length; i++) {
                    losses[side] += rows[i]
                            * (i < hard ? labels.scales()[i] : distributions.scales()[i - hard]);
                }
            }
            assertEquals(norm, (losses[1] - losses[0]) / (2 * STEP), 2e-3 * norm, targets.toString());
        }
    }
}
