package dev.prag.training;

import dev.prag.generation.Scorer;
import dev.prag.llm.Decoder;
import dev.prag.lora.Adapter;
import dev.prag.lora.AdapterSlab;
import dev.prag.lora.Composition;
import java.util.List;

/** Losses as answers are scored, to hold those of a training against. */
final class Scored {
    private Scored() {}

    /**
     * The sum over all tokens from one on, in nats.
     *
     * @param adapter in force from position {@code scoped} on; null for none
     */
    static double loss(Decoder decoder, Adapter adapter, int[] ids, int from, int scoped) {
        float[] logprobs = score(decoder, adapter, ids, scoped, 0).logprobs();
        double sum = 0;
        for (int token = from; token < ids.length; token++) {
            sum -= logprobs[token - 1];
        }
        return sum;
    }

    /** The log-probabilities of all ids for each token from one on: [tokens, vocabulary]. */
    static float[][] logprobs(Decoder decoder, Adapter adapter, int[] ids, int from, int scoped) {
        int vocab = decoder.config().vocabSize();
        List<Scorer.Top> top = score(decoder, adapter, ids, scoped, vocab).top();
        float[][] logprobs = new float[ids.length - from][vocab];
        for (int token = from; token < ids.length; token++) {
            Scorer.Top best = top.get(token - 1);
            for (int i = 0; i < vocab; i++) {
                logprobs[token - from][best.ids()[i]] = best.logprobs()[i];
            }
        }
        return logprobs;
    }

    private static Scorer.Scores score(Decoder decoder, Adapter adapter, int[] ids, int scoped, int topK) {
        long floats = adapter == null ? 16 : AdapterSlab.footprint(adapter);
        try (AdapterSlab slab =
                        new AdapterSlab(decoder.device(), decoder.config().decoderShape(), floats);
                Scorer scorer = new Scorer(decoder)) {
            Composition composition = adapter == null
                    ? Composition.NONE
                    : new Composition(List.of(new Composition.Term(slab.load(adapter), 1)));
            return scorer.score(ids, composition, scoped, topK);
        }
    }
}
