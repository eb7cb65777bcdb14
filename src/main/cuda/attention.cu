// The paged cache, and causal attention with grouped heads (Ainslie et al., 2023) over it for rows that are decoded: parts
// of a long context, put together afterwards. Also attention's weights themselves.
#include "attention.cuh"

// places: of each row of the batch, its row in the cache, or -1
template <typename T>
__device__ void cache_write(T *keys, T *values, const float *k, const float *v, const int *places, int cols) {
    int place = places[blockIdx.x];
    if (place < 0) return;
    long long to = (long long)place * cols, from = (long long)blockIdx.x * cols;
    for (int c = threadIdx.x; c < cols; c += blockDim.x) {
        keys[to + c] = narrow<T>(k[from + c]);
        values[to + c] = narrow<T>(v[from + c]);
    }
}

#define CACHE_WRITE(T) T *keys, T *values, const float *k, const float *v, const int *places, int cols
extern "C" __global__ void cache_write_f32(CACHE_WRITE(float)) {
    cache_write(keys, values, k, v, places, cols);
}
extern "C" __global__ void cache_write_bf16(CACHE_WRITE(bf16)) {
    cache_write(keys, values, k, v, places, cols);
}

// ---- decoding: a block for a part of the context, one kv head and one row; several query heads at once ----

// Threads of a block, and positions that it scores at a time.
#define PART 128
// Parts of a context at most; longer contexts have longer parts.
#define PARTS 32

// Positions of a part of a context of n.
__device__ inline int part_length(int n) {
    int length = PART;
    while ((long long)length * PARTS < n) length *= 2;
    return length;
}

__device__ inline void widen2(float *x, int bits) {
    x[0] = __int_as_float(bits << 16);
    x[1] = __int_as_float(bits & (int)0xffff0000);
}

// Eight elements of a row of dim, zeros behind its end. With VECTORS dim is a multiple of 8 and rows lie at multiples of
// 16 bytes.
template <bool VECTORS> __device__ inline void load8(float *x, const float *row, int d, int dim) {
    if (VECTORS) {
        float4 a = *reinterpret_cast<const float4 *>(row + d), b = *reinterpret_cast<const float4 *>(row + d + 4);
        x[0] = a.x, x[1] = a.y, x[2] = a.z, x[3] = a.w, x[4] = b.x, x[5] = b.y, x[6] = b.z, x[7] = b.w;
    } else {
        for (int i = 0; i < 8; i++) x[i] = d + i < dim ? row[d + i] : 0;
    }
}

template <bool VECTORS> __device__ inline void load8(float *x, const bf16 *row, int d, int dim) {
    if (VECTORS) {
        int4 a = *reinterpret_cast<const int4 *>(row + d);
        widen2(x, a.x), widen2(x + 2, a.y), widen2(x + 4, a.z), widen2(x + 6, a.w);
    } else {
        for (int i = 0; i < 8; i++) x[i] = d + i < dim ? widen(row[d + i]) : 0;
    }
}

// score[h] += query[h]·row
template <bool VECTORS, int HEADS, typename T>
__device__ inline void dot(float (&score)[HEADS], const float *query, const T *row, int dim, int padded) {
#pragma unroll 4
    for (int d = 0; d < padded; d += 8) {
        float x[8];
        load8<VECTORS>(x, row, d, dim);
#pragma unroll
        for (int h = 0; h < HEADS; h++) {
            const float4 *at = reinterpret_cast<const float4 *>(query + h * padded + d);
            float4 a = at[0], b = at[1];
            score[h] += a.x * x[0] + a.y * x[1] + a.z * x[2] + a.w * x[3] + b.x * x[4] + b.y * x[5] + b.z * x[6]
                + b.w * x[7];
        }
    }
}

// Grid: parts, kvHeads * (heads of a group / HEADS, rounded up), pieces of one row. Writes for each head and part the
// weighted sum of values, [pieces, heads, parts, dim], and its largest score and sum of weights, [.., 2].
template <typename T, bool VECTORS, int HEADS>
__device__ void decode(
    float *sums, float *stats, const float *q, const float *k, const float *v, const T *keys, const T *values,
    const int *pieces, const int *blocks, int size, int heads, int kvHeads, int dim, float scale) {
    // The queries and each position's weights; in the end what each seat has summed.
    DYNAMIC_SHARED(float, shared);
    __shared__ int places[PART];
    __shared__ float warpMost[HEADS][PART / 32], warpSum[HEADS][PART / 32];
    Piece s = piece(pieces, blockIdx.z);
    int n = s.position() + 1, length = part_length(n), from = blockIdx.x * length;
    if (s.rows == 0 || from >= n) return;
    int to = min(n, from + length);
    int group = heads / kvHeads, tiles = (group + HEADS - 1) / HEADS;
    int kvHead = blockIdx.y / tiles, head = kvHead * group + blockIdx.y % tiles * HEADS;
    int count = min(HEADS, (kvHead + 1) * group - head);
    int thread = threadIdx.x, lane = thread % 32, warp = thread / 32;
    int padded = (dim + 7) / 8 * 8;
    float *query = shared, *weight = shared + HEADS * padded;
    for (int i = thread; i < HEADS * padded; i += PART) {
        int h = i / padded, d = i % padded;
        query[i] = h < count && d < dim ? scale * q[((long long)s.row * heads + head + h) * dim + d] : 0;
    }
    // Eight columns of the values are a thread's, at every so manieth position: that of its seat.
    int lanes = padded / 8, seats = PART / lanes, seat = thread / lanes, column = thread % lanes * 8;
    float most[HEADS], sum[HEADS], result[HEADS][8];
#pragma unroll
    for (int h = 0; h < HEADS; h++) {
        most[h] = -infinity();
        sum[h] = 0;
#pragma unroll
        for (int i = 0; i < 8; i++) result[h][i] = 0;
    }
    for (int base = from; base < to; base += PART) {
        int position = base + thread;
        bool seen = position < to;
        int at = seen ? place(s, blocks, size, position) : NOWHERE;
        // The queries are there, and what the positions before left behind was read.
        __syncthreads();
        places[thread] = at;
        float score[HEADS];
#pragma unroll
        for (int h = 0; h < HEADS; h++) score[h] = 0;
        if (seen && at >= 0)
            dot<VECTORS>(score, query, keys + ((long long)at * kvHeads + kvHead) * dim, dim, padded);
        else if (seen)
            dot<VECTORS>(score, query, k + ((long long)~at * kvHeads + kvHead) * dim, dim, padded);
#pragma unroll
        for (int h = 0; h < HEADS; h++) {
            if (!seen) score[h] = -infinity();
            float highest = warp_max(score[h]);
            if (lane == 0) warpMost[h][warp] = highest;
        }
        __syncthreads();
#pragma unroll
        for (int h = 0; h < HEADS; h++) {
            float next = most[h];
            for (int w = 0; w < PART / 32; w++) next = fmaxf(next, warpMost[h][w]);
            float factor = expf(most[h] - next), e = seen ? expf(score[h] - next) : 0;
            most[h] = next;
            sum[h] *= factor;
#pragma unroll
            for (int i = 0; i < 8; i++) result[h][i] *= factor;
            weight[thread * HEADS + h] = e;
            float total = warp_sum(e);
            if (lane == 0) warpSum[h][warp] = total;
        }
        __syncthreads();
#pragma unroll
        for (int h = 0; h < HEADS; h++)
            for (int w = 0; w < PART / 32; w++) sum[h] += warpSum[h][w];
        int here = min(PART, to - base);
        if (seat < seats) {
#pragma unroll 4
            for (int j = seat; j < here; j += seats) {
                int p = places[j];
                float x[8];
                if (p >= 0)
                    load8<VECTORS>(x, values + ((long long)p * kvHeads + kvHead) * dim, column, dim);
                else
                    load8<VECTORS>(x, v + ((long long)~p * kvHeads + kvHead) * dim, column, dim);
#pragma unroll
                for (int h = 0; h < HEADS; h++) {
                    float w = weight[j * HEADS + h];
#pragma unroll
                    for (int i = 0; i < 8; i++) result[h][i] += w * x[i];
                }
            }
        }
    }
    __syncthreads();
    if (seat < seats) {
#pragma unroll
        for (int h = 0; h < HEADS; h++) {
            float4 *mine = reinterpret_cast<float4 *>(shared + (seat * HEADS + h) * padded + column);
            mine[0] = make_float4(result[h][0], result[h][1], result[h][2], result[h][3]);
            mine[1] = make_float4(result[h][4], result[h][5], result[h][6], result[h][7]);
        }
    }
    __syncthreads();
    int parts = gridDim.x;
    for (int i = thread; i < count * dim; i += PART) {
        int h = i / dim, d = i % dim;
        float total = 0;
        for (int j = 0; j < seats; j++) total += shared[(j * HEADS + h) * padded + d];
        sums[(((long long)blockIdx.z * heads + head + h) * parts + blockIdx.x) * dim + d] = total;
    }
#pragma unroll
    for (int h = 0; h < HEADS; h++) {
        if (thread == h && h < count) {
            long long to = (((long long)blockIdx.z * heads + head + h) * parts + blockIdx.x) * 2;
            stats[to] = most[h];
            stats[to + 1] = sum[h];
        }
    }
}

// How a kernel of decoding is called.
#define DECODE(T)                                                                                                    \
    float *sums, float *stats, const float *__restrict__ q, const float *__restrict__ k, const float *__restrict__ v, \
        const T *__restrict__ keys, const T *__restrict__ values, const int *__restrict__ pieces,                    \
        const int *__restrict__ blocks, int size, int heads, int kvHeads, int dim, float scale
#define DECODED sums, stats, q, k, v, keys, values, pieces, blocks, size, heads, kvHeads, dim, scale
extern "C" __global__ void __launch_bounds__(PART) attention_decode1_f32(DECODE(float)) {
    decode<float, true, 1>(DECODED);
}
extern "C" __global__ void __launch_bounds__(PART) attention_decode4_f32(DECODE(float)) {
    decode<float, true, 4>(DECODED);
}
extern "C" __global__ void __launch_bounds__(PART) attention_decode8_f32(DECODE(float)) {
    decode<float, true, 8>(DECODED);
}
extern "C" __global__ void __launch_bounds__(PART) attention_decode1_bf16(DECODE(bf16)) {
    decode<bf16, true, 1>(DECODED);
}
extern "C" __global__ void __launch_bounds__(PART) attention_decode4_bf16(DECODE(bf16)) {
    decode<bf16, true, 4>(DECODED);
}
extern "C" __global__ void __launch_bounds__(PART) attention_decode8_bf16(DECODE(bf16)) {
    decode<bf16, true, 8>(DECODED);
}
extern "C" __global__ void __launch_bounds__(PART) attention_decode_any_f32(DECODE(float)) {
    decode<float, false, 4>(DECODED);
}
extern "C" __global__ void __launch_bounds__(PART) attention_decode_any_bf16(DECODE(bf16)) {
    decode<bf16, false, 4>(DECODED);
}

// Puts the parts together. Grid: pieces, heads. rounded: the result once more in bf16; may be null
extern "C" __global__ void __launch_bounds__(PART) attention_combine(
    float *out, bf16 *rounded, const float *sums, const float *stats, const int *pieces, int heads, int dim,
    int parts) {
    __shared__ float factors[PARTS];
    Piece s = piece(pieces, blockIdx.x);
    if (s.rows == 0) return;
    int head = blockIdx.y, n = s.position() + 1, length = part_length(n), count = (n + length - 1) / length;
    long long from = ((long long)blockIdx.x * heads + head) * parts;
    if (threadIdx.x < 32) {
        bool there = threadIdx.x < count;
        float most = there ? stats[2 * (from + threadIdx.x)] : -infinity();
        float sum = there ? stats[2 * (from + threadIdx.x) + 1] : 0;
        float factor = expf(most - warp_max(most));
        float total = warp_sum(factor * sum);
        factors[threadIdx.x] = factor / total;
    }
    __syncthreads();
    for (int d = threadIdx.x; d < dim; d += blockDim.x) {
        float y = 0;
        for (int i = 0; i < count; i++) y += factors[i] * sums[(from + i) * dim + d];
        long long to = ((long long)s.row * heads + head) * dim + d;
        out[to] = y;
        if (rounded) rounded[to] = narrow<bf16>(y);
    }
}

// ---- the weights themselves: a block for a row and head ----

// out [heads*rows, cols]: row h*rows + i has those of the span's row i, 0 behind its own position.
template <typename T>
__device__ void attention_weights(
    float *out, const Source<T> &x, const int *pieces, const int *blocks, int size, int cols) {
    Piece s = piece(pieces, 0);
    int row = blockIdx.x, head = blockIdx.y, kvHead = x.kv_head(head), n = s.cached + row + 1;
    out += ((long long)head * s.total + row) * cols;
    float most = -infinity(), sum = 0;
    for (int p = threadIdx.x; p < n; p += blockDim.x) {
        int at = place(s, blocks, size, p);
        float score = 0;
        for (int d = 0; d < x.dim; d++) score += x.query(s.first + row, head, d) * x.key(at, kvHead, d);
        out[p] = score;
        most = fmaxf(most, score);
    }
    most = block_max(most);
    for (int p = threadIdx.x; p < n; p += blockDim.x) {
        out[p] = expf(out[p] - most);
        sum += out[p];
    }
    sum = block_sum(sum);
    for (int p = threadIdx.x; p < cols; p += blockDim.x) out[p] = p < n ? out[p] / sum : 0;
}

#define WEIGHTS(T)                                                                                                   \
    float *out, const float *q, const float *k, const T *keys, const int *pieces, const int *blocks, int size,       \
        int heads, int kvHeads, int dim, float scale, int cols
extern "C" __global__ void attention_weights_f32(WEIGHTS(float)) {
    Source<float> source = {q, k, 0, keys, 0, heads, kvHeads, dim, scale};
    attention_weights(out, source, pieces, blocks, size, cols);
}
extern "C" __global__ void attention_weights_bf16(WEIGHTS(bf16)) {
    Source<bf16> source = {q, k, 0, keys, 0, heads, kvHeads, dim, scale};
    attention_weights(out, source, pieces, blocks, size, cols);
}
