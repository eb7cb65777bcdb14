package dev.prag.tensor;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * What runs tensor operations. Operations are queued in order; only {@link #read} and {@link #readInts} wait. All
 * tensors are row-major matrices whose rows are tokens unless an operation says otherwise, F32 unless it says
 * otherwise. Operations may be called from any thread, one after another: an implementation serialises them.
 *
 * <p>{@link #close} waits for the operation under way. After it tensors and weights may still be closed; every other
 * operation on them, and every new one, throws IllegalStateException.
 *
 * <p>Results do not depend on what else shares the batch: each row's (or span's) reduction runs in a fixed order. Only a
 * product may be summed in another order for another number of rows, where the library beneath (oneDNN, cuBLAS) chooses by
 * shape; inputs are rounded alike, so that the difference is one of rounding in f32, and sums of integers have none.
 * Shapes that do not fit throw IllegalArgumentException; no operation allocates memory that outlives it, except
 * {@link #allocate}, {@link #weight} and {@link #merge}.
 */
public interface Device extends AutoCloseable {
    /** What it is, for people: for example "CPU, 2 threads, avx512_core_amx". */
    String name();

    /**
     * Who computes next. Before each operation that may take long a device calls {@link Turns#pass}, so that a step that
     * somebody waits for gets ahead of training.
     */
    Turns turns();

    /**
     * Runs operations that are likely to come again on the same tensors with the same shapes, such as those of a decoding
     * step. A device may gather them and start them together; nothing else runs between them. They had better not read
     * anything: reading starts what was gathered so far.
     *
     * <p>If {@code operations} throws, some of them may not have run.
     */
    default <T> T repeated(Supplier<T> operations) {
        return operations.get();
    }

    // ---- memory ----

    /** Bytes that may still be allocated, in all; empty where nobody can say. */
    default OptionalLong room() {
        return OptionalLong.empty();
    }

    /** What was brought here as weights, and how fast. */
    default LoadedWeights loaded() {
        return LoadedWeights.NONE;
    }

    /** Types that a {@link KvLayer} may have, the one that suits the device best first. */
    default List<DType> cacheTypes() {
        return List.of(DType.F32);
    }

    /** A new tensor filled with zeros. I32, F32 and BF16. The caller closes it. */
    Tensor allocate(DType dtype, int rows, int cols);

    /** Frees the memory of a tensor from {@link #allocate}; called by {@link Tensor#close()}. */
    void release(Tensor tensor);

    /**
     * Takes a model's matrix W [out, in] from row-major memory.
     *
     * @param data out*in elements of {@code stored}, little-endian; must stay valid as long as the weight lives
     *     (a mapped file is used in place where the layout allows it)
     * @param stored F32, F16 or BF16
     * @param compute F32, BF16, or I8: quantised by row, as {@link Int8} says
     */
    Weight weight(MemorySegment data, DType stored, int out, int in, DType compute);

    /**
     * The same from rows that are made one by one, each asked for once, by several threads.
     *
     * @param compute F32, BF16, or I8
     */
    Weight weight(RowSource rows, int out, int in, DType compute);

    /**
     * A new weight W + Σ scale·BᵀA from a pristine one, of the same compute type (BF16 rounds the sum once, and I8
     * quantises it once).
     */
    Weight merge(Weight base, Tensor slab, List<LoraSpan.Part> parts);

    /** dst ← src, rounding to dst's type (F32, BF16). src holds dst.size() elements. */
    void write(Tensor dst, float[] src);

    /**
     * dst ← src for a place that nothing uses that is queued, or that is called meanwhile from another thread: as {@link
     * #write(Tensor, float[])}, but a device may copy it beside what it computes. Operations called later see it.
     */
    default void load(Tensor dst, float[] src) {
        write(dst, src);
    }

    /** dst ← src for I32. */
    void write(Tensor dst, int[] src);

    /** A copy of an F32 or BF16 tensor; waits for the operations queued so far. */
    float[] read(Tensor src);

    /** A copy of an I32 tensor; waits for the operations queued so far. */
    int[] readInts(Tensor src);

    /** Every element ← value. */
    void fill(Tensor dst, float value);

    /** dst ← src, same shape, F32. */
    void copy(Tensor dst, Tensor src);

    // ---- rows ----

    /** out[r] ← table[ids[r]], of an I8 table its values scale·q. out [R, in], ids I32 [R, 1], table a weight [vocab, in]. */
    void embed(Tensor out, Weight table, Tensor ids);

    /** out[i] ← x[rows[i]]. */
    void gatherRows(Tensor out, Tensor x, int[] rows);

    /** out[rows[i]] += x[i]; rows are distinct. */
    void scatterAddRows(Tensor out, Tensor x, int[] rows);

    /** y += x. */
    void add(Tensor y, Tensor x);

    /** Root mean square norm (Zhang and Sennrich, 2019): out ← x / √(mean(x²) + eps) ⊙ gain. gain [1, cols]. */
    void rmsNorm(Tensor out, Tensor x, Tensor gain, float eps);

    /** dx += the gradient of {@link #rmsNorm} with respect to x. */
    void rmsNormBackward(Tensor dx, Tensor dout, Tensor x, Tensor gain, float eps);

    // ---- products ----

    /**
     * y ← x·Wᵀ (+ bias). x [R, in], y [R, out], bias [1, out] or null. For an I8 weight each row of x is quantised, too,
     * to integers of two bytes: y[r, o] = step(x[r])·scale(W[o])·Σ qx·qw (+ bias[o]).
     */
    void matmul(Tensor y, Tensor x, Weight w, Tensor bias);

    /**
     * dx ← dy·W, or dx += dy·W. For an I8 weight, with W = diag(s)·Q, each row of dy·diag(s) is quantised, too (Wortsman
     * et al., 2023, SwitchBack).
     */
    void matmulBackward(Tensor dx, Tensor dy, Weight w, boolean accumulate);

    /**
     * dx ← dlogits·W through an output head. For an I8 head the gradients are not quantised: one entry of a row, the
     * label's, is as large as all others together, which a common scale would round to nothing.
     */
    void logitsBackward(Tensor dx, Tensor dlogits, Weight head);

    /** Low-rank side branch (Hu et al., 2022): for every span, y += Σ scale·(x Aᵀ) B. slab F32, see {@link LoraSpan}. */
    void lora(Tensor y, Tensor x, Tensor slab, List<LoraSpan> spans);

    /**
     * Gradient of {@link #lora}: dx += Σ scale·(dy Bᵀ) A where dx is not null, and grads += the gradients of A and B,
     * at the same offsets as in slab.
     */
    void loraBackward(Tensor dx, Tensor grads, Tensor dy, Tensor x, Tensor slab, List<LoraSpan> spans);

    /**
     * B ← B·min(1, most / ‖scale·BᵀA‖) for each bound, ‖·‖ the Frobenius norm, which is computed from AAᵀ and BBᵀ without
     * the product. slab F32; no two bounds share a B.
     */
    void boundLora(Tensor slab, List<LoraBound> bounds);

    /** The Frobenius norm of a weight as it is computed with; waits for the device. */
    double norm(Weight w);

    // ---- attention ----

    /**
     * Rotary position embedding (Su et al., 2021) in place, in the two-halves layout of Hugging Face: element i of a
     * head is paired with element i + headDim/2.
     *
     * @param x [R, heads*headDim]
     * @param positions I32 [R, 1]
     * @param cos [positions, headDim/2]
     * @param sin [positions, headDim/2]
     */
    void rope(Tensor x, Tensor positions, Tensor cos, Tensor sin, int headDim);

    /** Gradient of {@link #rope} in place: the opposite rotation. */
    void ropeBackward(Tensor dx, Tensor positions, Tensor cos, Tensor sin, int headDim);

    /** Writes the keys and values of the rows of cached spans to their places; spans without blocks are skipped. */
    void cacheWrite(KvLayer cache, Tensor k, Tensor v, List<Span> spans);

    /**
     * Causal grouped-query attention of each span over its cached positions and its own rows. Rows outside every span
     * are left as they are.
     *
     * @param out [R, heads*headDim]
     * @param q [R, heads*headDim]
     * @param k [R, kvHeads*headDim]
     * @param v [R, kvHeads*headDim]
     * @param cache may be null where no span starts after position 0
     */
    void attention(Tensor out, Tensor q, Tensor k, Tensor v, AttentionShape shape, KvLayer cache, List<Span> spans);

    /**
     * Gradient of {@link #attention}: dq, dk, dv of the spans' rows are overwritten; nothing flows into the cache.
     */
    void attentionBackward(
            Tensor dq,
            Tensor dk,
            Tensor dv,
            Tensor dout,
            Tensor q,
            Tensor k,
            Tensor v,
            AttentionShape shape,
            KvLayer cache,
            List<Span> spans);

    /**
     * Attention weights of one span after the softmax: out[h*rows + i, p] for head h, row i, position p (0 above the
     * diagonal). out [heads*span.rows, span.position + span.rows].
     */
    void attentionWeights(Tensor out, Tensor q, Tensor k, AttentionShape shape, KvLayer cache, Span span);

    // ---- gated linear unit ----

    /** SwiGLU (Shazeer, 2020): out ← silu(gate) ⊙ up. out may be gate or up. */
    void swiglu(Tensor out, Tensor gate, Tensor up);

    /** Gradient of {@link #swiglu}: dgate and dup are overwritten; dup may be dout. */
    void swigluBackward(Tensor dgate, Tensor dup, Tensor dout, Tensor gate, Tensor up);

    // ---- losses, probabilities, choice ----

    /**
     * Per row, losses ← -ln softmax(logits)[label] and dlogits ← scale·(softmax(logits) - onehot(label)).
     *
     * @param losses [R, 1]
     * @param dlogits [R, vocab]; may be logits, or null where no gradient is wanted
     * @param labels I32 [R, 1]
     * @param scales [R, 1]: the weight of each row's loss in the loss that is differentiated; may be null without
     *     dlogits
     */
    void crossEntropy(Tensor losses, Tensor dlogits, Tensor logits, Tensor labels, Tensor scales);

    /**
     * Cross-entropy against a distribution of which k probabilities are known, the others being one bucket. Per row, with
     * q = softmax(logits), p₀ = 1 - Σ pᵢ and q₀ the sum of all q but those of ids: losses ← -Σ pᵢ ln q[idsᵢ] - p₀ ln q₀,
     * and dlogits ← scale·its gradient: q - p at ids, and q·(1 - p₀/q₀) elsewhere. Less the entropy of p this is the
     * Kullback-Leibler divergence of q from p, so that the gradients of the two are the same.
     *
     * @param losses [R, 1]
     * @param dlogits [R, vocab]; may be logits, or null where no gradient is wanted
     * @param ids I32 [R, k], distinct within a row; k is less than vocab
     * @param probabilities [R, k]: p, of a sum of at most 1
     * @param scales [R, 1]: as in {@link #crossEntropy}
     */
    void softCrossEntropy(
            Tensor losses, Tensor dlogits, Tensor logits, Tensor ids, Tensor probabilities, Tensor scales);

    /** out[r] ← ln softmax(logits[r])[ids[r]]. out [R, 1], ids I32 [R, 1]. */
    void logProbabilities(Tensor out, Tensor logits, Tensor ids);

    /** The k best of each row, best first, the lower id first among equals. ids I32 [R, k], logProbabilities [R, k]. */
    void topK(Tensor ids, Tensor logProbabilities, Tensor logits);

    /** out[r] ← entropy of softmax(logits[r]) in nats. out [R, 1]. */
    void entropy(Tensor out, Tensor logits);

    /**
     * Chooses a token per row.
     *
     * @param ids I32 [R, 1]
     * @param logProbabilities [R, 1]: of the chosen token, natural, before penalty and temperature, over the whole row,
     *     ids that the row doesn't allow included
     * @param logits [R, vocab]; left as it is
     * @param vocab ids at or above it are never chosen (a model may have more embedding rows than tokens)
     * @param rows one for each row of logits
     */
    void sample(Tensor ids, Tensor logProbabilities, Tensor logits, int vocab, List<SamplingRow> rows);

    // ---- training ----

    /** One step over the ranges of equally shaped F32 slabs; gradients are left as they are. */
    void adamW(
            Tensor parameters,
            Tensor gradients,
            Tensor firstMoments,
            Tensor secondMoments,
            AdamW hyper,
            List<AdamW.Range> ranges);

    /** Frees everything the device holds and ends its threads; its tensors are not to be used afterwards. */
    @Override
    void close();
}
