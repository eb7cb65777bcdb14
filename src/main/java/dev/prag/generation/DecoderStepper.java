package dev.prag.generation;

import dev.prag.llm.Batch;
import dev.prag.llm.Decoder;
import dev.prag.llm.DecoderWorkspace;
import dev.prag.llm.KvCache;
import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import dev.prag.tensor.SamplingRow;
import dev.prag.tensor.Tensor;
import java.util.List;
import java.util.function.Supplier;

/** Steps of a decoder, over a cache and a workspace that are sized once. */
final class DecoderStepper implements Stepper {
    private static final Chosen NONE = new Chosen(new int[0], new float[0]);

    private final Decoder decoder;
    private final Device device;
    private final KvCache cache;
    private final DecoderWorkspace workspace;
    private final Tensor ids;
    private final Tensor logprobs;

    DecoderStepper(Decoder decoder, EngineSettings settings) {
        this.decoder = decoder;
        device = decoder.device();
        cache = decoder.newCache(settings.cacheBlocks(), settings.blockSize());
        workspace = decoder.newWorkspace(settings.maxSequences() + settings.prefillRows(), settings.maxSequences());
        ids = device.allocate(DType.I32, settings.maxSequences(), 1);
        logprobs = device.allocate(DType.F32, settings.maxSequences(), 1);
    }

    @Override
    public Chosen step(Batch batch, int[] rows, Supplier<List<SamplingRow>> sampling, Outlook outlook) {
        return step(decoder, batch, rows, sampling, outlook.topLogprobs());
    }

    /** A step by a merged copy of the decoder, or by itself. */
    Chosen step(Decoder by, Batch batch, int[] rows, Supplier<List<SamplingRow>> sampling, int topLogprobs) {
        return device.turns().first(() -> compute(by, batch, rows, sampling, topLogprobs));
    }

    private Chosen compute(Decoder by, Batch batch, int[] rows, Supplier<List<SamplingRow>> sampling, int topLogprobs) {
        Tensor logits = device.repeated(() -> {
            by.forward(batch, workspace, cache);
            return rows.length == 0 ? null : by.logits(workspace, rows);
        });
        if (logits == null) {
            return NONE;
        }
        Tensor chosen = ids.rows(0, rows.length);
        Tensor chosenLogprobs = logprobs.rows(0, rows.length);
        // Every row of the embedding may be chosen, also one without a token, as transformers does.
        List<SamplingRow> choices = sampling.get();
        device.repeated(() -> {
            device.sample(chosen, chosenLogprobs, logits, decoder.config().vocabSize(), choices);
            return null;
        });
        return new Chosen(device.readInts(chosen), device.read(chosenLogprobs), top(logits, topLogprobs));
    }

    private List<Scorer.Top> top(Tensor logits, int count) {
        if (count == 0) {
            return List.of();
        }
        Scorer.Top[] top = new Scorer.Top[logits.rows()];
        try (Scorer.TopTensors best = new Scorer.TopTensors(device, logits.rows(), count)) {
            best.read(logits, top, 0);
        }
        return List.of(top);
    }

    /** Writes the keys and values of the rows, and chooses nothing. */
    void write(Batch batch) {
        decoder.forward(batch, workspace, cache);
    }

    @Override
    public void settle() {
        device.readInts(ids.rows(0, 1));
    }

    Decoder decoder() {
        return decoder;
    }

    KvCache cache() {
        return cache;
    }

    /** Rows that a batch may have. */
    int maxRows() {
        return workspace.maxRows();
    }

    @Override
    public void close() {
        logprobs.close();
        ids.close();
        workspace.close();
        cache.close();
    }
}
