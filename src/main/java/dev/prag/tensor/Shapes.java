package dev.prag.tensor;

import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.List;

/**
 * What the operations of a {@link Device} demand of their arguments, once for every device: a method for each
 * operation, which throws IllegalArgumentException with the operation, the argument at fault, and what was expected.
 * Contents that lie in device memory (ids, labels, positions) are not looked at.
 */
public final class Shapes {
    private Shapes() {}

    // ---- memory ----

    /** Arguments of {@link Device#allocate}. */
    public static void allocate(DType dtype, int rows, int cols) {
        require(dtype != DType.F16, "allocate", "F16 exists in files only");
        require(dtype != DType.I8, "allocate", "I8 is a type of weights only");
        require(rows >= 0 && cols >= 0, "allocate", "negative shape", rows, cols);
    }

    /** Arguments of {@link Device#weight}. */
    public static void weight(MemorySegment data, DType stored, int out, int in, DType compute) {
        weight(out, in, compute);
        require(stored != DType.I32 && stored != DType.I8, "weight", "stored type must be F32, F16 or BF16");
        long bytes = (long) out * in * stored.bytes();
        require(data.byteSize() == bytes, "weight", "bytes expected and given", bytes, data.byteSize());
    }

    /** Arguments of {@link Device#weight(RowSource, int, int, DType)}. */
    public static void weight(int out, int in, DType compute) {
        require(out > 0 && in > 0, "weight", "shape must be positive", out, in);
        require(
                compute == DType.F32 || compute == DType.BF16 || compute == DType.I8,
                "weight",
                "compute type must be F32, BF16 or I8");
    }

    /** Arguments of {@link Device#merge}. */
    public static void merge(Weight base, Tensor slab, List<LoraSpan.Part> parts) {
        floats("merge", "slab", slab);
        parts("merge", slab, base.in(), base.out(), parts);
    }

    /** Arguments of {@link Device#write(Tensor, float[])}. */
    public static void write(Tensor dst, float[] src) {
        require(dst.dtype() != DType.I32, "write", "floats into I32");
        require(src.length == dst.size(), "write", "elements expected and given", dst.size(), src.length);
    }

    /** Arguments of {@link Device#write(Tensor, int[])}. */
    public static void write(Tensor dst, int[] src) {
        require(dst.dtype() == DType.I32, "write", "integers into a tensor that is not I32");
        require(src.length == dst.size(), "write", "elements expected and given", dst.size(), src.length);
    }

    /** Arguments of {@link Device#read} and {@link Device#fill}. */
    public static void numbers(String operation, Tensor tensor) {
        require(tensor.dtype() != DType.I32, operation, "I32 is not expected");
    }

    /** Arguments of {@link Device#readInts}. */
    public static void readInts(Tensor src) {
        require(src.dtype() == DType.I32, "readInts", "I32 is expected");
    }

    // ---- rows ----

    /** Arguments of {@link Device#embed}. */
    public static void embed(Tensor out, Weight table, Tensor ids) {
        floats("embed", "out", out, out.rows(), table.in());
        column("embed", "ids", ids, out.rows());
    }

    /** Arguments of {@link Device#gatherRows}. */
    public static void gatherRows(Tensor out, Tensor x, int[] rows) {
        floats("gatherRows", "x", x);
        floats("gatherRows", "out", out, rows.length, x.cols());
        for (int row : rows) {
            require(row >= 0 && row < x.rows(), "gatherRows", "row and number of rows", row, x.rows());
        }
    }

    /** Arguments of {@link Device#scatterAddRows}. */
    public static void scatterAddRows(Tensor out, Tensor x, int[] rows) {
        floats("scatterAddRows", "out", out);
        floats("scatterAddRows", "x", x, rows.length, out.cols());
        BitSet taken = new BitSet(out.rows());
        for (int row : rows) {
            require(row >= 0 && row < out.rows(), "scatterAddRows", "row and number of rows", row, out.rows());
            require(!taken.get(row), "scatterAddRows", "a row occurs twice", row);
            taken.set(row);
        }
    }

    /** Two F32 tensors of the same shape, as {@link Device#copy} and {@link Device#add} want them. */
    public static void same(String operation, Tensor a, Tensor b) {
        floats(operation, "first tensor", a);
        floats(operation, "second tensor", b, a.rows(), a.cols());
    }

    /** Arguments of {@link Device#rmsNorm}. */
    public static void rmsNorm(Tensor out, Tensor x, Tensor gain) {
        floats("rmsNorm", "x", x);
        floats("rmsNorm", "out", out, x.rows(), x.cols());
        floats("rmsNorm", "gain", gain, 1, x.cols());
    }

    /** Arguments of {@link Device#rmsNormBackward}. */
    public static void rmsNormBackward(Tensor dx, Tensor dout, Tensor x, Tensor gain) {
        floats("rmsNormBackward", "x", x);
        floats("rmsNormBackward", "dx", dx, x.rows(), x.cols());
        floats("rmsNormBackward", "dout", dout, x.rows(), x.cols());
        floats("rmsNormBackward", "gain", gain, 1, x.cols());
    }

    // ---- products ----

    /** Arguments of {@link Device#matmul}. */
    public static void matmul(Tensor y, Tensor x, Weight w, Tensor bias) {
        floats("matmul", "x", x, x.rows(), w.in());
        floats("matmul", "y", y, x.rows(), w.out());
        if (bias != null) {
            floats("matmul", "bias", bias, 1, w.out());
        }
    }

    /** Arguments of {@link Device#matmulBackward}. */
    public static void matmulBackward(Tensor dx, Tensor dy, Weight w) {
        floats("matmulBackward", "dy", dy, dy.rows(), w.out());
        floats("matmulBackward", "dx", dx, dy.rows(), w.in());
    }

    /** Arguments of {@link Device#logitsBackward}. */
    public static void logitsBackward(Tensor dx, Tensor dlogits, Weight head) {
        floats("logitsBackward", "dlogits", dlogits, dlogits.rows(), head.out());
        floats("logitsBackward", "dx", dx, dlogits.rows(), head.in());
    }

    /** Arguments of {@link Device#lora}. */
    public static void lora(Tensor y, Tensor x, Tensor slab, List<LoraSpan> spans) {
        floats("lora", "x", x);
        floats("lora", "y", y, x.rows(), y.cols());
        floats("lora", "slab", slab);
        loraSpans("lora", slab, x.cols(), y.cols(), x.rows(), spans);
    }

    /** Arguments of {@link Device#loraBackward}. */
    public static void loraBackward(Tensor dx, Tensor grads, Tensor dy, Tensor x, Tensor slab, List<LoraSpan> spans) {
        floats("loraBackward", "x", x);
        floats("loraBackward", "dy", dy, x.rows(), dy.cols());
        if (dx != null) {
            floats("loraBackward", "dx", dx, x.rows(), x.cols());
        }
        floats("loraBackward", "slab", slab);
        floats("loraBackward", "grads", grads, slab.rows(), slab.cols());
        loraSpans("loraBackward", slab, x.cols(), dy.cols(), x.rows(), spans);
    }

    private static void loraSpans(String operation, Tensor slab, int in, int out, int rows, List<LoraSpan> spans) {
        BitSet taken = new BitSet(rows);
        for (LoraSpan span : spans) {
            rows(operation, taken, span.row(), span.rows(), rows);
            parts(operation, slab, in, out, span.parts());
        }
    }

    /** Arguments of {@link Device#boundLora}. */
    public static void boundLora(Tensor slab, List<LoraBound> bounds) {
        floats("boundLora", "slab", slab);
        for (LoraBound bound : bounds) {
            parts("boundLora", slab, bound.in(), bound.out(), List.of(bound.part()));
            require(bound.most() > 0, "boundLora", "a bound must be positive", bound.most());
        }
    }

    private static void parts(String operation, Tensor slab, int in, int out, List<LoraSpan.Part> parts) {
        for (LoraSpan.Part part : parts) {
            require(part.rank() > 0, operation, "rank must be positive", part.rank());
            inside(operation, "A", part.a(), (long) part.rank() * in, slab);
            inside(operation, "B", part.b(), (long) part.rank() * out, slab);
        }
    }

    // ---- attention ----

    /** Arguments of {@link Device#rope} and {@link Device#ropeBackward}. */
    public static void rope(Tensor x, Tensor positions, Tensor cos, Tensor sin, int headDim) {
        floats("rope", "x", x);
        require(headDim > 0 && headDim % 2 == 0, "rope", "headDim must be even", headDim);
        require(x.cols() % headDim == 0, "rope", "columns of x are no multiple of headDim", x.cols(), headDim);
        column("rope", "positions", positions, x.rows());
        floats("rope", "cos", cos, cos.rows(), headDim / 2);
        floats("rope", "sin", sin, cos.rows(), headDim / 2);
    }

    /** Arguments of {@link Device#cacheWrite}. */
    public static void cacheWrite(KvLayer cache, Tensor k, Tensor v, List<Span> spans) {
        floats("cacheWrite", "k", k);
        floats("cacheWrite", "v", v, k.rows(), k.cols());
        cache("cacheWrite", cache, k.cols());
        for (Span span : spans) {
            inside("cacheWrite", span.row(), span.rows(), k.rows());
            if (span.cached()) {
                blocks("cacheWrite", cache, span, span.position() + span.rows());
            }
        }
    }

    /** Arguments of {@link Device#attention}. */
    public static void attention(
            Tensor out, Tensor q, Tensor k, Tensor v, AttentionShape shape, KvLayer cache, List<Span> spans) {
        queryKey("attention", q, k, shape);
        floats("attention", "out", out, q.rows(), q.cols());
        floats("attention", "v", v, q.rows(), k.cols());
        spans("attention", cache, shape, q.rows(), spans);
    }

    /** Arguments of {@link Device#attentionBackward}. */
    public static void attentionBackward(
            Tensor dq,
            Tensor dk,
            Tensor dv,
            Tensor dout,
            Tensor q,
            Tensor k,
            Tensor v,
            AttentionShape shape,
            KvLayer cache,
            List<Span> spans) {
        queryKey("attentionBackward", q, k, shape);
        floats("attentionBackward", "v", v, q.rows(), k.cols());
        floats("attentionBackward", "dout", dout, q.rows(), q.cols());
        floats("attentionBackward", "dq", dq, q.rows(), q.cols());
        floats("attentionBackward", "dk", dk, q.rows(), k.cols());
        floats("attentionBackward", "dv", dv, q.rows(), k.cols());
        spans("attentionBackward", cache, shape, q.rows(), spans);
    }

    /** Arguments of {@link Device#attentionWeights}. */
    public static void attentionWeights(
            Tensor out, Tensor q, Tensor k, AttentionShape shape, KvLayer cache, Span span) {
        queryKey("attentionWeights", q, k, shape);
        floats("attentionWeights", "out", out, shape.heads() * span.rows(), span.position() + span.rows());
        spans("attentionWeights", cache, shape, q.rows(), List.of(span));
    }

    private static void queryKey(String operation, Tensor q, Tensor k, AttentionShape shape) {
        require(
                shape.kvHeads() > 0 && shape.heads() > 0 && shape.heads() % shape.kvHeads() == 0,
                operation,
                "heads must be a multiple of kvHeads",
                shape.heads(),
                shape.kvHeads());
        floats(operation, "q", q, q.rows(), shape.queryCols());
        floats(operation, "k", k, q.rows(), shape.kvCols());
    }

    private static void spans(String operation, KvLayer cache, AttentionShape shape, int rows, List<Span> spans) {
        if (cache != null) {
            cache(operation, cache, shape.kvCols());
        }
        BitSet taken = new BitSet(rows);
        for (Span span : spans) {
            rows(operation, taken, span.row(), span.rows(), rows);
            require(span.position() >= 0, operation, "negative position", span.position());
            if (span.position() > 0) {
                require(cache != null, operation, "a span starts after position 0 but there is no cache");
                blocks(operation, cache, span, span.position());
            }
        }
    }

    private static void cache(String operation, KvLayer cache, int cols) {
        Tensor keys = cache.keys();
        if (!keys.device().cacheTypes().contains(keys.dtype())) {
            throw new IllegalArgumentException(operation + ": cached keys and values of this device must be "
                    + keys.device().cacheTypes() + ", not " + keys);
        }
        expect(operation, "cached keys", keys, keys.dtype(), keys.rows(), cols);
        expect(operation, "cached values", cache.values(), keys.dtype(), keys.rows(), cols);
        require(cache.blockSize() > 0, operation, "blockSize must be positive", cache.blockSize());
    }

    /** The span's block table must name blocks of the cache for all positions below {@code positions}. */
    private static void blocks(String operation, KvLayer cache, Span span, int positions) {
        require(span.position() >= 0, operation, "negative position", span.position());
        int needed = Math.ceilDiv(positions, cache.blockSize());
        require(span.blocks().length >= needed, operation, "blocks needed and given", needed, span.blocks().length);
        int held = cache.keys().rows() / cache.blockSize();
        for (int i = 0; i < needed; i++) {
            int block = span.blocks()[i];
            require(block >= 0 && block < held, operation, "block and number of blocks", block, held);
        }
    }

    // ---- gated linear unit ----

    /** Arguments of {@link Device#swiglu}. */
    public static void swiglu(Tensor out, Tensor gate, Tensor up) {
        same("swiglu", gate, up);
        same("swiglu", gate, out);
    }

    /** Arguments of {@link Device#swigluBackward}. */
    public static void swigluBackward(Tensor dgate, Tensor dup, Tensor dout, Tensor gate, Tensor up) {
        same("swigluBackward", gate, up);
        same("swigluBackward", gate, dout);
        same("swigluBackward", gate, dgate);
        same("swigluBackward", gate, dup);
    }

    // ---- losses, probabilities, choice ----

    /** Arguments of {@link Device#crossEntropy}. */
    public static void crossEntropy(Tensor losses, Tensor dlogits, Tensor logits, Tensor labels, Tensor scales) {
        floats("crossEntropy", "logits", logits);
        floats("crossEntropy", "losses", losses, logits.rows(), 1);
        column("crossEntropy", "labels", labels, logits.rows());
        if (dlogits != null) {
            floats("crossEntropy", "dlogits", dlogits, logits.rows(), logits.cols());
            require(scales != null, "crossEntropy", "dlogits need scales");
            floats("crossEntropy", "scales", scales, logits.rows(), 1);
        }
    }

    /** Arguments of {@link Device#softCrossEntropy}. */
    public static void softCrossEntropy(
            Tensor losses, Tensor dlogits, Tensor logits, Tensor ids, Tensor probabilities, Tensor scales) {
        floats("softCrossEntropy", "logits", logits);
        floats("softCrossEntropy", "losses", losses, logits.rows(), 1);
        int k = ids.cols();
        require(k >= 1 && k < logits.cols(), "softCrossEntropy", "k and number of logits", k, logits.cols());
        expect("softCrossEntropy", "ids", ids, DType.I32, logits.rows(), k);
        floats("softCrossEntropy", "probabilities", probabilities, logits.rows(), k);
        if (dlogits != null) {
            floats("softCrossEntropy", "dlogits", dlogits, logits.rows(), logits.cols());
            require(scales != null, "softCrossEntropy", "dlogits need scales");
            floats("softCrossEntropy", "scales", scales, logits.rows(), 1);
        }
    }

    /** Arguments of {@link Device#logProbabilities}. */
    public static void logProbabilities(Tensor out, Tensor logits, Tensor ids) {
        floats("logProbabilities", "logits", logits);
        floats("logProbabilities", "out", out, logits.rows(), 1);
        column("logProbabilities", "ids", ids, logits.rows());
    }

    /** Arguments of {@link Device#topK}. */
    public static void topK(Tensor ids, Tensor logProbabilities, Tensor logits) {
        floats("topK", "logits", logits);
        int k = ids.cols();
        require(k >= 1 && k <= logits.cols(), "topK", "k and number of logits", k, logits.cols());
        expect("topK", "ids", ids, DType.I32, logits.rows(), k);
        floats("topK", "logProbabilities", logProbabilities, logits.rows(), k);
    }

    /** Arguments of {@link Device#entropy}. */
    public static void entropy(Tensor out, Tensor logits) {
        floats("entropy", "logits", logits);
        floats("entropy", "out", out, logits.rows(), 1);
    }

    /** Arguments of {@link Device#sample}. */
    public static void sample(Tensor ids, Tensor logProbabilities, Tensor logits, int vocab, List<SamplingRow> rows) {
        floats("sample", "logits", logits);
        column("sample", "ids", ids, logits.rows());
        floats("sample", "logProbabilities", logProbabilities, logits.rows(), 1);
        require(vocab >= 1 && vocab <= logits.cols(), "sample", "vocab and number of logits", vocab, logits.cols());
        require(rows.size() == logits.rows(), "sample", "rows expected and given", logits.rows(), rows.size());
        for (SamplingRow row : rows) {
            require(row.temperature() >= 0, "sample", "temperature must not be negative", row.temperature());
            require(row.topK() >= 0, "sample", "topK must not be negative", row.topK());
            require(row.topP() >= 0 && row.topP() <= 1, "sample", "topP must lie in [0, 1]", row.topP());
            require(row.repetitionPenalty() > 0, "sample", "penalty must be positive", row.repetitionPenalty());
            require(row.uniform() >= 0 && row.uniform() < 1, "sample", "uniform must lie in [0, 1)", row.uniform());
            if (row.allowed() != null) {
                require(
                        row.allowed().length >= (vocab + 63) / 64,
                        "sample",
                        "words of allowed ids too few for vocab",
                        vocab);
                require(row.choices(vocab) > 0, "sample", "no id is allowed below vocab", vocab);
            }
            for (int id : row.seen()) {
                require(id >= 0 && id < logits.cols(), "sample", "seen id and number of logits", id, logits.cols());
            }
        }
    }

    // ---- training ----

    /** Arguments of {@link Device#adamW}. */
    public static void adamW(
            Tensor parameters, Tensor gradients, Tensor firstMoments, Tensor secondMoments, List<AdamW.Range> ranges) {
        same("adamW", parameters, gradients);
        same("adamW", parameters, firstMoments);
        same("adamW", parameters, secondMoments);
        for (AdamW.Range range : ranges) {
            require(range.step() >= 1, "adamW", "steps count from 1", range.step());
            inside("adamW", "range", range.offset(), range.length(), parameters);
        }
    }

    // ---- what they are made of ----

    private static void floats(String operation, String name, Tensor tensor) {
        expect(operation, name, tensor, DType.F32, tensor.rows(), tensor.cols());
    }

    private static void floats(String operation, String name, Tensor tensor, int rows, int cols) {
        expect(operation, name, tensor, DType.F32, rows, cols);
    }

    private static void column(String operation, String name, Tensor tensor, int rows) {
        expect(operation, name, tensor, DType.I32, rows, 1);
    }

    private static void expect(String operation, String name, Tensor tensor, DType dtype, int rows, int cols) {
        if (tensor.dtype() != dtype || tensor.rows() != rows || tensor.cols() != cols) {
            throw new IllegalArgumentException(
                    operation + ": " + name + " must be " + dtype + "[" + rows + ", " + cols + "], not " + tensor);
        }
    }

    private static void rows(String operation, BitSet taken, int row, int count, int rows) {
        inside(operation, row, count, rows);
        int next = taken.nextSetBit(row);
        require(next < 0 || next >= row + count, operation, "a row lies in two spans", next);
        taken.set(row, row + count);
    }

    private static void inside(String operation, int row, int count, int rows) {
        boolean fits = row >= 0 && count >= 0 && (long) row + count <= rows;
        require(fits, operation, "span (row, count) beyond the number of rows", row, count, rows);
    }

    private static void inside(String operation, String name, long offset, long length, Tensor slab) {
        if (offset < 0 || length < 0 || offset > slab.size() - length) {
            throw new IllegalArgumentException(operation + ": " + name + " [" + offset + ", " + (offset + length)
                    + ") lies outside of the slab of " + slab.size());
        }
    }

    private static void require(boolean holds, String operation, String fault) {
        if (!holds) {
            throw new IllegalArgumentException(operation + ": " + fault);
        }
    }

    private static void require(boolean holds, String operation, String fault, double number) {
        if (!holds) {
            throw new IllegalArgumentException(operation + ": " + fault + ": " + plain(number));
        }
    }

    private static void require(boolean holds, String operation, String fault, long first, long second) {
        if (!holds) {
            throw new IllegalArgumentException(operation + ": " + fault + ": " + first + ", " + second);
        }
    }

    private static void require(boolean holds, String operation, String fault, long first, long second, long third) {
        if (!holds) {
            throw new IllegalArgumentException(operation + ": " + fault + ": " + first + ", " + second + ", " + third);
        }
    }

    private static String plain(double number) {
        return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
    }
}
