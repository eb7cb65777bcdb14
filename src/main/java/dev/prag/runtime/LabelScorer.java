package dev.prag.runtime;

import dev.prag.generation.Scorer;
import dev.prag.llm.Decoder;
import dev.prag.lora.Adapter;
import dev.prag.lora.AdapterSlab;
import dev.prag.lora.Composition;
import java.util.Arrays;
import java.util.List;

/** Tells how probable texts are behind a prompt with an adapter in force, which has device memory of its own. */
public final class LabelScorer implements AutoCloseable {
    private final Decoder decoder;
    private final Scorer scorer;
    private final AdapterSlab slab;
    private final AdapterSlab.Slot slot;
    private final Composition composition;

    LabelScorer(Decoder decoder, Adapter adapter) {
        this.decoder = decoder;
        scorer = new Scorer(decoder);
        slab = new AdapterSlab(decoder.device(), decoder.config().decoderShape(), AdapterSlab.footprint(adapter));
        slot = slab.load(adapter);
        composition = new Composition(List.of(new Composition.Term(slot, 1)));
    }

    /**
     * The natural log-probability of each text.
     *
     * @param prompt token ids
     * @param texts token ids of each
     * @throws dev.prag.base.UserException if prompt and text are longer than the context
     */
    public double[] logProbabilities(int[] prompt, List<int[]> texts) {
        return texts.stream()
                .mapToDouble(text -> decoder.device().turns().first(() -> score(prompt, text)))
                .toArray();
    }

    private double score(int[] prompt, int[] text) {
        int[] ids = Arrays.copyOf(prompt, prompt.length + text.length);
        System.arraycopy(text, 0, ids, prompt.length, text.length);
        float[] logprobs = scorer.score(ids, composition, 0).logprobs();
        double sum = 0;
        for (int i = prompt.length - 1; i < logprobs.length; i++) {
            sum += logprobs[i];
        }
        return sum;
    }

    @Override
    public void close() {
        slot.close();
        slab.close();
        scorer.close();
    }
}
