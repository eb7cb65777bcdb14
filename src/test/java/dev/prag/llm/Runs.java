package dev.prag.llm;

import dev.prag.lora.Composition;
import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import dev.prag.tensor.Span;
import dev.prag.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** The simplest ways of running a decoder, for tests. */
public final class Runs {
    private static final int BLOCK = 16;

    private Runs() {}

    public static int[] range(int from, int to) {
        return IntStream.range(from, to).toArray();
    }

    /** A batch of one sequence without a cache. */
    public static Batch batch(int[] ids, Composition composition) {
        return new Batch(ids, List.of(new Segment(Span.of(0, ids.length), composition)));
    }

    /** Logits of the last {@code rows} tokens, row-major. */
    public static float[] logits(Decoder decoder, int[] ids, int rows, Composition composition) {
        try (DecoderWorkspace workspace = decoder.newWorkspace(ids.length, rows)) {
            decoder.forward(batch(ids, composition), workspace, null);
            return decoder.device().read(decoder.logits(workspace, range(ids.length - rows, ids.length)));
        }
    }

    /** Greedy continuation and its log-probabilities. */
    public record Greedy(int[] ids, float[] logprobs) {}

    /** Prompt at once, then token by token, all through the cache, whose blocks are handed out backwards. */
    public static Greedy greedy(Decoder decoder, int[] prompt, int count, Composition composition) {
        Device device = decoder.device();
        int blocks = (prompt.length + count + BLOCK - 1) / BLOCK;
        int[] table = IntStream.range(0, blocks).map(i -> blocks - 1 - i).toArray();
        int[] ids = new int[count];
        float[] logprobs = new float[count];
        try (KvCache cache = decoder.newCache(blocks, BLOCK);
                DecoderWorkspace workspace = decoder.newWorkspace(prompt.length, 1);
                Tensor best = device.allocate(DType.I32, 1, 1);
                Tensor logprob = device.allocate(DType.F32, 1, 1)) {
            int[] next = prompt;
            int position = 0;
            for (int i = 0; i < count; i++) {
                Span span = new Span(0, next.length, position, table);
                decoder.forward(new Batch(next, List.of(new Segment(span, composition))), workspace, cache);
                device.topK(best, logprob, decoder.logits(workspace, new int[] {next.length - 1}));
                ids[i] = device.readInts(best)[0];
                logprobs[i] = device.read(logprob)[0];
                position += next.length;
                next = new int[] {ids[i]};
            }
        }
        return new Greedy(ids, logprobs);
    }

    /** Logits of every token, the sequence cut into pieces that go through the cache one after another. */
    public static float[] logitsInChunks(Decoder decoder, int[] ids, int chunk) {
        int blocks = (ids.length + BLOCK - 1) / BLOCK;
        List<float[]> parts = new ArrayList<>();
        try (KvCache cache = decoder.newCache(blocks, BLOCK);
                DecoderWorkspace workspace = decoder.newWorkspace(chunk, chunk)) {
            for (int from = 0; from < ids.length; from += chunk) {
                int n = Math.min(chunk, ids.length - from);
                int[] part = new int[n];
                System.arraycopy(ids, from, part, 0, n);
                Span span = new Span(0, n, from, range(0, blocks));
                decoder.forward(new Batch(part, List.of(new Segment(span, Composition.NONE))), workspace, cache);
                parts.add(decoder.device().read(decoder.logits(workspace, range(0, n))));
            }
        }
        float[] all = new float[parts.stream().mapToInt(p -> p.length).sum()];
        int next = 0;
        for (float[] part : parts) {
            System.arraycopy(part, 0, all, next, part.length);
            next += part.length;
        }
        return all;
    }
}
