package dev.prag.generation;

import dev.prag.base.UserException;
import dev.prag.llm.Batch;
import dev.prag.llm.Segment;
import dev.prag.lora.Composition;
import dev.prag.lora.Projection;
import dev.prag.lora.ResidentAdapter;
import dev.prag.lora.Scope;
import dev.prag.tensor.LoraSpan;
import dev.prag.tensor.SamplingRow;
import dev.prag.tensor.Span;
import dev.prag.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * A model without arithmetic: its cache keeps a mark of each row's token and composition, and the next token is a hash of
 * all that the sequence's blocks hold, and of the sampling. A wrong block, position, neighbour or composition shows at
 * once.
 */
final class FakeModel implements Stepper {
    static final int VOCAB = 97;

    /** An adapter that knows whether it may still be used. */
    static final class FakeAdapter implements ResidentAdapter {
        final AtomicBoolean closed = new AtomicBoolean();
        final int mark;

        FakeAdapter(int mark) {
            this.mark = mark;
        }

        @Override
        public Tensor slab() {
            throw new UnsupportedOperationException();
        }

        @Override
        public LoraSpan.Part part(int layer, Projection projection, float weight) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {
            if (closed.getAndSet(true)) {
                throw new IllegalStateException("closed twice");
            }
        }
    }

    /** Mark of an adapter that no step survives. */
    static final int POISON = -1;

    private final int blockSize;
    private final long[] cache;
    final Semaphore steps = new Semaphore(1 << 30);
    volatile int mostRows;
    volatile int mostSegments;
    volatile boolean closed;
    volatile Error fatal;

    FakeModel(EngineSettings settings) {
        blockSize = settings.blockSize();
        cache = new long[settings.cacheBlocks() * blockSize];
    }

    @Override
    public Chosen step(Batch batch, int[] rows, Supplier<List<SamplingRow>> sampling, Outlook outlook) {
        steps.acquireUninterruptibly();
        if (fatal != null) {
            throw fatal;
        }
        mostRows = Math.max(mostRows, batch.rows());
        mostSegments = Math.max(mostSegments, batch.segments().size());
        int[] ids = new int[rows.length];
        int next = 0;
        for (Segment segment : batch.segments()) {
            Span span = segment.span();
            for (int i = 0; i < span.rows(); i++) {
                cache[place(span, span.position() + i)] = row(batch.ids()[span.row() + i], segment.composition());
            }
            for (Composition.Term term : segment.composition().terms()) {
                FakeAdapter adapter = (FakeAdapter) term.adapter();
                if (adapter.closed.get()) {
                    throw new IllegalStateException("used after it was closed");
                }
                if (adapter.mark == POISON) {
                    throw new UserException("poisoned");
                }
            }
            int last = span.row() + span.rows() - 1;
            if (next < rows.length && rows[next] == last) {
                int length = span.position() + span.rows();
                long[] computed = new long[length];
                for (int p = 0; p < length; p++) {
                    computed[p] = cache[place(span, p)];
                }
                ids[next] = next(computed, sampling.get().get(next));
                next++;
            }
        }
        if (next != rows.length) {
            throw new IllegalStateException("a token was asked for within a segment");
        }
        float[] logprobs = new float[ids.length];
        for (int i = 0; i < ids.length; i++) {
            logprobs[i] = -ids[i];
        }
        return new Chosen(ids, logprobs);
    }

    /** What a request without stop strings gets that runs alone. */
    static GenerationResult alone(GenerationRequest request, int endId, int context) {
        int[] prompt = request.prompt();
        int limit = Math.min(request.maxNewTokens(), context - prompt.length);
        int[] tokens = Arrays.copyOf(prompt, prompt.length + limit);
        SplittableRandom random = new SplittableRandom(request.sampling().seed());
        TokenText decoder = text();
        StringBuilder text = new StringBuilder();
        int length = prompt.length;
        Finish finish = Finish.LENGTH;
        while (length < tokens.length) {
            TreeSet<Integer> seen = new TreeSet<>();
            if (request.sampling().repetitionPenalty() != 1) {
                Arrays.stream(tokens, 0, length).forEach(seen::add);
            }
            int[] seenIds = seen.stream().mapToInt(i -> i).toArray();
            SamplingRow row = new SamplingRow(request.sampling().temperature(), 0, 1, 1, seenIds, random.nextDouble());
            int id = next(request, tokens, length, row);
            if (request.stopIds().contains(id) || (id == endId && !request.ignoreEos())) {
                finish = Finish.STOP;
                break;
            }
            tokens[length++] = id;
            text.append(decoder.push(id));
        }
        int[] ids = Arrays.copyOfRange(tokens, prompt.length, length);
        float[] logprobs = new float[ids.length];
        for (int i = 0; i < ids.length; i++) {
            logprobs[i] = -ids[i];
        }
        return new GenerationResult(ids, text.append(decoder.finish()).toString(), logprobs, finish);
    }

    private int place(Span span, int position) {
        return span.blocks()[position / blockSize] * blockSize + position % blockSize;
    }

    /** The token after these, each computed under the composition that is in force for it. */
    private static int next(GenerationRequest request, int[] tokens, int length, SamplingRow sampling) {
        int scoped = request.scope() == Scope.PROMPT ? 0 : request.prompt().length - request.begun() - 1;
        return next(
                IntStream.range(0, length)
                        .mapToLong(i -> row(tokens[i], i < scoped ? Composition.NONE : request.composition()))
                        .toArray(),
                sampling);
    }

    private static long row(int id, Composition composition) {
        long row = id;
        for (Composition.Term term : composition.terms()) {
            row = row * 37 + ((FakeAdapter) term.adapter()).mark + Float.hashCode(term.weight());
        }
        return row;
    }

    private static int next(long[] rows, SamplingRow sampling) {
        long hash = 17;
        for (long row : rows) {
            hash = hash * 31 + row;
        }
        if (sampling.temperature() > 0) {
            hash = hash * 41 + Double.hashCode(sampling.uniform());
        }
        hash = hash * 43 + sampling.seen().length;
        hash ^= hash >>> 29;
        hash *= 0xbf58476d1ce4e5b9L;
        return (int) Math.floorMod(hash ^ (hash >>> 32), (long) VOCAB);
    }

    @Override
    public void close() {
        closed = true;
    }

    /** A letter a token; every seventh id is only the first half of a character. */
    static TokenText text() {
        return new TokenText() {
            private boolean half;

            @Override
            public String push(int id) {
                String piece = (half ? "é" : "") + (id % 7 == 0 ? "" : Character.toString('A' + id % 26));
                half = id % 7 == 0;
                return piece;
            }

            @Override
            public String finish() {
                return half ? "\uFFFD" : "";
            }
        };
    }
}
