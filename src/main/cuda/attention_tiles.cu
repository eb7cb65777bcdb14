// Causal attention for prompts and for training: tiles in shared memory, an online softmax (Dao et al., 2022). Gradients
// compute the scores again; nothing is kept.
#include "attention.cuh"

// ---- tiles: 64 rows by 64 keys, by 128 threads of which each has 8 rows and 4 keys, or columns ----

#define TILE 64
#define THREADS 128
// Elements of a row that a product takes at a time.
#define DEPTH 32
// Distance of the lines of a transposed tile: threads of a warp write to different banks, and read in fours.
#define PITCH 68
#define OPERANDS (2 * DEPTH * PITCH)

// Rows of a thread begin here; those of its warp, sixteen, there.
__device__ inline int tile_row() { return threadIdx.x / 16 * 8; }
__device__ inline int warp_row() { return threadIdx.x / 32 * 16; }

__device__ inline float4 four(const float *x) { return *reinterpret_cast<const float4 *>(x); }

// to[d][r] <- element(r, d), for ROWS rows and DEPTH elements
template <int ROWS, typename F> __device__ inline void load_transposed(float *to, F element) {
    int d = threadIdx.x / 32 * 8 + threadIdx.x % 8, r = threadIdx.x % 32 / 8;
#pragma unroll 4
    for (int i = 0; i < ROWS; i += 4) to[d * PITCH + r + i] = element(r + i, d);
}

// to[r][c] <- element(r, c), for ROWS rows and 64 columns
template <int ROWS, typename F> __device__ inline void load_rows(float *to, F element) {
    int c = threadIdx.x % TILE, r = threadIdx.x / TILE;
#pragma unroll 4
    for (int i = 0; i < ROWS; i += 2) to[(r + i) * TILE + c] = element(r + i, c);
}

// x[i][j] <- the sum of left(row i, d)·right(key j, d) over d below dim, of the thread's 8 rows and N keys of 16 N; 0 in
// warps that aren't active, whose rows are nobody's.
template <int N, typename L, typename R>
__device__ inline void products(float (&x)[8][N], float *operands, int dim, bool active, L left, R right) {
    float *a = operands, *b = operands + DEPTH * PITCH;
#pragma unroll
    for (int i = 0; i < 8; i++)
#pragma unroll
        for (int j = 0; j < N; j++) x[i][j] = 0;
    for (int at = 0; at < dim; at += DEPTH) {
        __syncthreads();
        load_transposed<TILE>(a, [&](int r, int d) { return left(r, at + d); });
        load_transposed<16 * N>(b, [&](int r, int d) { return right(r, at + d); });
        __syncthreads();
        if (!active) continue;
#pragma unroll 4
        for (int d = 0; d < DEPTH; d++) {
            float4 lower = four(a + d * PITCH + tile_row()), upper = four(a + d * PITCH + tile_row() + 4);
            float l[8] = {lower.x, lower.y, lower.z, lower.w, upper.x, upper.y, upper.z, upper.w}, r[N];
#pragma unroll
            for (int j = 0; j < N; j++) r[j] = b[d * PITCH + threadIdx.x % 16 * N + j];
#pragma unroll
            for (int i = 0; i < 8; i++)
#pragma unroll
                for (int j = 0; j < N; j++) x[i][j] += l[i] * r[j];
        }
    }
}

// lines[key][row] <- x
template <int N> __device__ inline void store_transposed(float *lines, const float (&x)[8][N]) {
#pragma unroll
    for (int j = 0; j < N; j++) {
        float4 *to = reinterpret_cast<float4 *>(lines + (threadIdx.x % 16 * N + j) * PITCH + tile_row());
        to[0] = make_float4(x[0][j], x[1][j], x[2][j], x[3][j]);
        to[1] = make_float4(x[4][j], x[5][j], x[6][j], x[7][j]);
    }
}

// sum[i][c] += the sum of lines[key][row i]·rows[key][column c] over KEYS keys
template <int KEYS> __device__ inline void accumulate(float (&sum)[8][4], const float *lines, const float *rows) {
#pragma unroll 4
    for (int j = 0; j < KEYS; j++) {
        float4 lower = four(lines + j * PITCH + tile_row()), upper = four(lines + j * PITCH + tile_row() + 4);
        float4 r = four(rows + j * TILE + threadIdx.x % 16 * 4);
        float l[8] = {lower.x, lower.y, lower.z, lower.w, upper.x, upper.y, upper.z, upper.w};
#pragma unroll
        for (int i = 0; i < 8; i++) {
            sum[i][0] += l[i] * r.x;
            sum[i][1] += l[i] * r.y;
            sum[i][2] += l[i] * r.z;
            sum[i][3] += l[i] * r.w;
        }
    }
}

template <int SLICES> __device__ inline void clear(float (&x)[SLICES][8][4]) {
#pragma unroll
    for (int s = 0; s < SLICES; s++)
#pragma unroll
        for (int i = 0; i < 8; i++)
#pragma unroll
            for (int j = 0; j < 4; j++) x[s][i][j] = 0;
}

// The largest and the sum over the 16 threads that share rows.
__device__ inline float row_max(float x) {
    for (int offset = 8; offset > 0; offset /= 2) x = fmaxf(x, __shfl_xor_sync(FULL_MASK, x, offset));
    return x;
}

__device__ inline float row_sum(float x) {
    for (int offset = 8; offset > 0; offset /= 2) x += __shfl_xor_sync(FULL_MASK, x, offset);
    return x;
}

// Where the keys of a tile are; of those at or behind end, nowhere.
__device__ inline void find_places(int *places, const Piece &s, const int *blocks, int size, int base, int end) {
    __syncthreads();
    int position = base + threadIdx.x;
    if (threadIdx.x < TILE) places[threadIdx.x] = position < end ? place(s, blocks, size, position) : NOWHERE;
    __syncthreads();
}

// Whether the thread's row i doesn't see the key j of a tile: the key stands behind it.
__device__ inline bool hidden(const Piece &s, int base, int i, int j) {
    return base + (int)threadIdx.x % 16 * 4 + j > s.position() + tile_row() + i;
}

// Grid: pieces of at most 64 rows, heads, columns / (64 SLICES). rounded: as in attention_combine
template <typename T, int SLICES>
__device__ void prompt(
    float *out, bf16 *rounded, const Source<T> &x, const int *pieces, const int *blocks, int size) {
    __align__(16) __shared__ float operands[OPERANDS], lines[TILE * PITCH];
    __shared__ int places[TILE];
    Piece s = piece(pieces, blockIdx.x);
    if (s.rows == 0) return;
    int head = blockIdx.y, kvHead = x.kv_head(head), column = blockIdx.z * SLICES * TILE;
    int end = s.position() + s.rows;
    bool active = warp_row() < s.rows;
    float most[8], sum[8], result[SLICES][8][4];
    clear(result);
#pragma unroll
    for (int i = 0; i < 8; i++) most[i] = -infinity(), sum[i] = 0;
    for (int base = 0; base < end; base += TILE) {
        find_places(places, s, blocks, size, base, end);
        float w[8][4];
        products(
            w, operands, x.dim, active, [&](int r, int d) { return r < s.rows ? x.query(s.row + r, head, d) : 0; },
            [&](int j, int d) { return x.key(places[j], kvHead, d); });
#pragma unroll
        for (int i = 0; i < 8; i++) {
            float next = most[i];
#pragma unroll
            for (int j = 0; j < 4; j++) {
                if (hidden(s, base, i, j)) w[i][j] = -infinity();
                next = fmaxf(next, w[i][j]);
            }
            next = row_max(next);
            float factor = expf(most[i] - next), part = 0;
            most[i] = next;
#pragma unroll
            for (int j = 0; j < 4; j++) {
                w[i][j] = expf(w[i][j] - next);
                part += w[i][j];
            }
            sum[i] = sum[i] * factor + row_sum(part);
#pragma unroll
            for (int slice = 0; slice < SLICES; slice++)
#pragma unroll
                for (int j = 0; j < 4; j++) result[slice][i][j] *= factor;
        }
        store_transposed(lines, w);
#pragma unroll
        for (int slice = 0; slice < SLICES; slice++) {
            __syncthreads();
            load_rows<TILE>(operands, [&](int j, int c) {
                return x.value(places[j], kvHead, column + slice * TILE + c);
            });
            __syncthreads();
            if (active) accumulate<TILE>(result[slice], lines, operands);
        }
    }
#pragma unroll
    for (int slice = 0; slice < SLICES; slice++)
#pragma unroll
        for (int i = 0; i < 8; i++)
#pragma unroll
            for (int j = 0; j < 4; j++) {
                int r = tile_row() + i, d = column + slice * TILE + threadIdx.x % 16 * 4 + j;
                if (r < s.rows && d < x.dim) {
                    long long to = ((long long)(s.row + r) * x.heads + head) * x.dim + d;
                    float y = result[slice][i][j] / sum[i];
                    out[to] = y;
                    if (rounded) rounded[to] = narrow<bf16>(y);
                }
            }
}

#define PROMPT(T)                                                                                                    \
    float *out, bf16 *rounded, const float *__restrict__ q, const float *__restrict__ k, const float *__restrict__ v, \
        const T *__restrict__ keys, const T *__restrict__ values, const int *__restrict__ pieces,                    \
        const int *__restrict__ blocks, int size, int heads, int kvHeads, int dim, float scale
extern "C" __global__ void __launch_bounds__(THREADS) attention_prompt64_f32(PROMPT(float)) {
    Source<float> source = {q, k, v, keys, values, heads, kvHeads, dim, scale};
    prompt<float, 1>(out, rounded, source, pieces, blocks, size);
}
extern "C" __global__ void __launch_bounds__(THREADS) attention_prompt128_f32(PROMPT(float)) {
    Source<float> source = {q, k, v, keys, values, heads, kvHeads, dim, scale};
    prompt<float, 2>(out, rounded, source, pieces, blocks, size);
}
extern "C" __global__ void __launch_bounds__(THREADS) attention_prompt64_bf16(PROMPT(bf16)) {
    Source<bf16> source = {q, k, v, keys, values, heads, kvHeads, dim, scale};
    prompt<bf16, 1>(out, rounded, source, pieces, blocks, size);
}
extern "C" __global__ void __launch_bounds__(THREADS) attention_prompt128_bf16(PROMPT(bf16)) {
    Source<bf16> source = {q, k, v, keys, values, heads, kvHeads, dim, scale};
    prompt<bf16, 2>(out, rounded, source, pieces, blocks, size);
}

// ---- gradients: P = softmax(S), dP = dO·Vᵀ, dS = P ⊙ (dP - rowsum(P ⊙ dP)); dQ = dS·K, dK = dSᵀ·Q, dV = Pᵀ·dO ----

// Numbers kept of a row and head: its largest score, 1 / its sum of weights, and its sum of P ⊙ dP.
#define STATS 3

// dq and each row's numbers. Two passes over the keys: for the numbers, and with them. Grid: as of prompt
template <typename T, int SLICES>
__device__ void backward_queries(
    float *dq, float *stats, const float *dout, const Source<T> &x, const int *pieces, const int *blocks, int size) {
    __align__(16) __shared__ float operands[OPERANDS], lines[TILE * PITCH];
    __shared__ int places[TILE];
    Piece s = piece(pieces, blockIdx.x);
    if (s.rows == 0) return;
    int head = blockIdx.y, kvHead = x.kv_head(head), column = blockIdx.z * SLICES * TILE;
    int end = s.position() + s.rows;
    bool active = warp_row() < s.rows;
    float most[8], sum[8], along[8], w[8][4], dw[8][4], result[SLICES][8][4];
    clear(result);
#pragma unroll
    for (int i = 0; i < 8; i++) most[i] = -infinity(), sum[i] = 0, along[i] = 0;
#pragma unroll 1
    for (int pass = 0; pass < 2; pass++) {
        for (int base = 0; base < end; base += TILE) {
            find_places(places, s, blocks, size, base, end);
            products(
                w, operands, x.dim, active, [&](int r, int d) { return r < s.rows ? x.query(s.row + r, head, d) : 0; },
                [&](int j, int d) { return x.key(places[j], kvHead, d); });
            products(
                dw, operands, x.dim, active,
                [&](int r, int d) { return r < s.rows ? x.of_head(dout, s.row + r, head, d) : 0; },
                [&](int j, int d) { return x.value(places[j], kvHead, d); });
            if (pass == 0) {
#pragma unroll
                for (int i = 0; i < 8; i++) {
                    float next = most[i];
#pragma unroll
                    for (int j = 0; j < 4; j++) {
                        if (hidden(s, base, i, j)) w[i][j] = -infinity();
                        next = fmaxf(next, w[i][j]);
                    }
                    next = row_max(next);
                    float factor = expf(most[i] - next), part = 0, dot = 0;
                    most[i] = next;
#pragma unroll
                    for (int j = 0; j < 4; j++) {
                        float p = expf(w[i][j] - next);
                        part += p;
                        dot += p * dw[i][j];
                    }
                    sum[i] = sum[i] * factor + row_sum(part);
                    along[i] = along[i] * factor + row_sum(dot);
                }
            } else {
#pragma unroll
                for (int i = 0; i < 8; i++)
#pragma unroll
                    for (int j = 0; j < 4; j++) {
                        float p = hidden(s, base, i, j) ? 0 : expf(w[i][j] - most[i]) * sum[i];
                        w[i][j] = p * (dw[i][j] - along[i]);
                    }
                store_transposed(lines, w);
#pragma unroll
                for (int slice = 0; slice < SLICES; slice++) {
                    __syncthreads();
                    load_rows<TILE>(operands, [&](int j, int c) {
                        return x.key(places[j], kvHead, column + slice * TILE + c);
                    });
                    __syncthreads();
                    if (active) accumulate<TILE>(result[slice], lines, operands);
                }
            }
        }
        if (pass == 0) {
#pragma unroll
            for (int i = 0; i < 8; i++) {
                sum[i] = 1 / sum[i];
                along[i] *= sum[i];
                int r = tile_row() + i;
                if (r < s.rows && blockIdx.z == 0 && threadIdx.x % 16 == 0) {
                    float *to = stats + ((long long)(s.row + r) * x.heads + head) * STATS;
                    to[0] = most[i];
                    to[1] = sum[i];
                    to[2] = along[i];
                }
            }
        }
    }
#pragma unroll
    for (int slice = 0; slice < SLICES; slice++)
#pragma unroll
        for (int i = 0; i < 8; i++)
#pragma unroll
            for (int j = 0; j < 4; j++) {
                int r = tile_row() + i, d = column + slice * TILE + threadIdx.x % 16 * 4 + j;
                if (r < s.rows && d < x.dim)
                    dq[((long long)(s.row + r) * x.heads + head) * x.dim + d] = x.scale * result[slice][i][j];
            }
}

#define BACKWARD_QUERIES(T)                                                                                          \
    float *dq, float *stats, const float *__restrict__ dout, const float *__restrict__ q,                            \
        const float *__restrict__ k, const float *__restrict__ v, const T *__restrict__ keys,                        \
        const T *__restrict__ values, const int *__restrict__ pieces, const int *__restrict__ blocks, int size,      \
        int heads, int kvHeads, int dim, float scale
extern "C" __global__ void __launch_bounds__(THREADS) attention_backward_queries64_f32(BACKWARD_QUERIES(float)) {
    Source<float> source = {q, k, v, keys, values, heads, kvHeads, dim, scale};
    backward_queries<float, 1>(dq, stats, dout, source, pieces, blocks, size);
}
extern "C" __global__ void __launch_bounds__(THREADS) attention_backward_queries128_f32(BACKWARD_QUERIES(float)) {
    Source<float> source = {q, k, v, keys, values, heads, kvHeads, dim, scale};
    backward_queries<float, 2>(dq, stats, dout, source, pieces, blocks, size);
}
extern "C" __global__ void __launch_bounds__(THREADS) attention_backward_queries64_bf16(BACKWARD_QUERIES(bf16)) {
    Source<bf16> source = {q, k, v, keys, values, heads, kvHeads, dim, scale};
    backward_queries<bf16, 1>(dq, stats, dout, source, pieces, blocks, size);
}
extern "C" __global__ void __launch_bounds__(THREADS) attention_backward_queries128_bf16(BACKWARD_QUERIES(bf16)) {
    Source<bf16> source = {q, k, v, keys, values, heads, kvHeads, dim, scale};
    backward_queries<bf16, 2>(dq, stats, dout, source, pieces, blocks, size);
}

#define FEWER (TILE / 2)

// dk and dv of 64 own keys, whose queries come 32 at a time, head after head: a thread has 8 keys and 2 queries. Grid:
// pieces, kvHeads, columns / (64 SLICES)
template <int SLICES>
__device__ void backward_keys(
    float *dk, float *dv, const float *stats, const float *dout, const Source<float> &x, const int *pieces) {
    __align__(16) __shared__ float operands[OPERANDS], lines[FEWER * PITCH], gradients[FEWER * PITCH];
    __shared__ float numbers[FEWER * STATS];
    Piece s = piece(pieces, blockIdx.x);
    if (s.rows == 0) return;
    int kvHead = blockIdx.y, group = x.heads / x.kvHeads, column = blockIdx.z * SLICES * TILE;
    int last = s.first + s.total;
    float keyResult[SLICES][8][4], valueResult[SLICES][8][4];
    clear(keyResult);
    clear(valueResult);
    for (int head = kvHead * group; head < (kvHead + 1) * group; head++) {
        for (int row = s.row; row < last; row += FEWER) {
            int count = min(FEWER, last - row);
            // Whether the warp has keys that a query sees.
            bool active = warp_row() < s.rows && s.row + warp_row() < row + count;
            // Those before are read until here; products waits once more before these are.
            __syncthreads();
            for (int i = threadIdx.x; i < FEWER * STATS; i += THREADS)
                numbers[i] = i < count * STATS
                    ? stats[((long long)(row + i / STATS) * x.heads + head) * STATS + i % STATS] : 0;
            float w[8][2], dw[8][2];
            products(
                w, operands, x.dim, active, [&](int r, int d) { return r < s.rows ? x.key(~(s.row + r), kvHead, d) : 0; },
                [&](int j, int d) { return j < count ? x.query(row + j, head, d) : 0; });
            products(
                dw, operands, x.dim, active, [&](int r, int d) { return r < s.rows ? x.value(~(s.row + r), kvHead, d) : 0; },
                [&](int j, int d) { return j < count ? x.of_head(dout, row + j, head, d) : 0; });
#pragma unroll
            for (int i = 0; i < 8; i++)
#pragma unroll
                for (int j = 0; j < 2; j++) {
                    int query = threadIdx.x % 16 * 2 + j;
                    const float *n = numbers + query * STATS;
                    bool sees = query < count && s.row + tile_row() + i <= row + query;
                    w[i][j] = sees ? expf(w[i][j] - n[0]) * n[1] : 0;
                    dw[i][j] = w[i][j] * (dw[i][j] - n[2]);
                }
            store_transposed(lines, w);
            store_transposed(gradients, dw);
#pragma unroll
            for (int slice = 0; slice < SLICES; slice++) {
                int from = column + slice * TILE;
                __syncthreads();
                load_rows<FEWER>(operands, [&](int j, int c) {
                    return j < count ? x.of_head(dout, row + j, head, from + c) : 0;
                });
                load_rows<FEWER>(operands + FEWER * TILE, [&](int j, int c) {
                    return j < count ? x.query(row + j, head, from + c) : 0;
                });
                __syncthreads();
                if (active) accumulate<FEWER>(valueResult[slice], lines, operands);
                if (active) accumulate<FEWER>(keyResult[slice], gradients, operands + FEWER * TILE);
            }
        }
    }
#pragma unroll
    for (int slice = 0; slice < SLICES; slice++)
#pragma unroll
        for (int i = 0; i < 8; i++)
#pragma unroll
            for (int j = 0; j < 4; j++) {
                int r = tile_row() + i, d = column + slice * TILE + threadIdx.x % 16 * 4 + j;
                if (r < s.rows && d < x.dim) {
                    long long to = ((long long)(s.row + r) * x.kvHeads + kvHead) * x.dim + d;
                    dk[to] = keyResult[slice][i][j];
                    dv[to] = valueResult[slice][i][j];
                }
            }
}

#define BACKWARD_KEYS                                                                                                \
    float *dk, float *dv, const float *__restrict__ stats, const float *__restrict__ dout,                           \
        const float *__restrict__ q, const float *__restrict__ k, const float *__restrict__ v,                       \
        const int *__restrict__ pieces, int heads, int kvHeads, int dim, float scale
extern "C" __global__ void __launch_bounds__(THREADS) attention_backward_keys64(BACKWARD_KEYS) {
    Source<float> source = {q, k, v, 0, 0, heads, kvHeads, dim, scale};
    backward_keys<1>(dk, dv, stats, dout, source, pieces);
}
extern "C" __global__ void __launch_bounds__(THREADS) attention_backward_keys128(BACKWARD_KEYS) {
    Source<float> source = {q, k, v, 0, 0, heads, kvHeads, dim, scale};
    backward_keys<2>(dk, dv, stats, dout, source, pieces);
}
