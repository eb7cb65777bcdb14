// The paged cache and causal attention with grouped heads (Ainslie et al., 2023) over it: rows that are decoded (parts of
// a long context, put together afterwards), rows of prompts and of training (tiles in shared memory, an online softmax),
// their gradients (scores are computed again, nothing is kept), and the weights themselves.
//
// Query head h reads the keys and values of head h / (heads / kvHeads). q and out are [rows, heads*dim], k and v [rows,
// kvHeads*dim]. All sums are in f32, in an order that depends on nothing but the row's own span.
#include "common.cuh"

// ---- spans ----

// Some rows of a span, eight integers in a table: those that a block has to do with. Tables are longer than what they
// hold; what is left over has no rows.
struct Piece {
    int row;    // its first row in the batch
    int rows;   // its rows
    int first;  // the span's first row in the batch
    int cached; // positions before the span: in the cache, the others in the batch
    int total;  // the span's rows
    int blocks; // where the span's block table begins among all

    // Position of its first row.
    __device__ int position() const { return cached + row - first; }
};

__device__ inline Piece piece(const int *pieces, int index) {
    const int *p = pieces + 8 * index;
    Piece piece = {p[0], p[1], p[2], p[3], p[4], p[5]};
    return piece;
}

#define NOWHERE ((int)0x80000000)

// Where the keys and values of a position are: a row of the cache, or ~row of the batch.
__device__ inline int place(const Piece &s, const int *blocks, int size, int position) {
    if (position >= s.cached) return ~(s.first + position - s.cached);
    return blocks[s.blocks + position / size] * size + position % size;
}

// Element d of one head's row at a place; 0 where there is none.
template <typename T>
__device__ inline float at_place(const T *cached, const float *own, int place, int kvHeads, int head, int dim, int d) {
    if (place == NOWHERE || d >= dim) return 0;
    return place >= 0 ? widen(cached[((long long)place * kvHeads + head) * dim + d])
                      : own[((long long)~place * kvHeads + head) * dim + d];
}

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

#define CACHE_WRITE(name, T)                                                                              \
    extern "C" __global__ void name(                                                                      \
        T *keys, T *values, const float *k, const float *v, const int *places, int cols) {                \
        cache_write(keys, values, k, v, places, cols);                                                    \
    }
CACHE_WRITE(cache_write_f32, float)
CACHE_WRITE(cache_write_bf16, bf16)

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

#define DECODE(name, T, VECTORS, HEADS)                                                                              \
    extern "C" __global__ void __launch_bounds__(PART) name(                                                         \
        float *sums, float *stats, const float *__restrict__ q, const float *__restrict__ k,                         \
        const float *__restrict__ v, const T *__restrict__ keys, const T *__restrict__ values,                       \
        const int *__restrict__ pieces, const int *__restrict__ blocks, int size, int heads, int kvHeads, int dim,   \
        float scale) {                                                                                               \
        decode<T, VECTORS, HEADS>(                                                                                   \
            sums, stats, q, k, v, keys, values, pieces, blocks, size, heads, kvHeads, dim, scale);                   \
    }
DECODE(attention_decode1_f32, float, true, 1)
DECODE(attention_decode4_f32, float, true, 4)
DECODE(attention_decode8_f32, float, true, 8)
DECODE(attention_decode1_bf16, bf16, true, 1)
DECODE(attention_decode4_bf16, bf16, true, 4)
DECODE(attention_decode8_bf16, bf16, true, 8)
DECODE(attention_decode_any_f32, float, false, 4)
DECODE(attention_decode_any_bf16, bf16, false, 4)

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

// ---- tiles: 64 rows by 64 keys, by 128 threads of which each has 8 rows and 4 keys, or columns ----

#define TILE 64
#define THREADS 128
// Elements of a row that a product takes at a time.
#define DEPTH 32
// Distance of the lines of a transposed tile: threads of a warp write to different banks, and read in fours.
#define PITCH 68
#define OPERANDS (2 * DEPTH * PITCH)

// Rows of a thread begin here, its keys or columns there.
__device__ inline int tile_row() { return threadIdx.x / 16 * 8; }

__device__ inline float4 four(const float *x) { return *reinterpret_cast<const float4 *>(x); }

// to[d][r] <- element(r, d), for ROWS rows and DEPTH elements
template <int ROWS, typename F> __device__ inline void load_transposed(float *to, F element) {
    int d = threadIdx.x / 32 * 8 + threadIdx.x % 8, r = threadIdx.x % 32 / 8;
#pragma unroll 8
    for (int i = 0; i < ROWS; i += 4) to[d * PITCH + r + i] = element(r + i, d);
}

// to[r][c] <- element(r, c), for ROWS rows and 64 columns
template <int ROWS, typename F> __device__ inline void load_rows(float *to, F element) {
    int c = threadIdx.x % TILE, r = threadIdx.x / TILE;
#pragma unroll 8
    for (int i = 0; i < ROWS; i += 2) to[(r + i) * TILE + c] = element(r + i, c);
}

// x[i][j] <- the sum of left(row i, d)·right(key j, d) over d below dim, of the thread's 8 rows and N keys of 16 N.
template <int N, typename L, typename R>
__device__ inline void products(float (&x)[8][N], float *operands, int dim, L left, R right) {
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
#pragma unroll 8
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
#pragma unroll 8
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

// What a block of the tiled kernels reads.
template <typename T> struct Source {
    const float *q, *k, *v;
    const T *keys, *values;
    int heads, kvHeads, dim;
    float scale;

    __device__ int kv_head(int head) const { return head / (heads / kvHeads); }
    __device__ float query(int row, int head, int d) const {
        return d < dim ? scale * q[((long long)row * heads + head) * dim + d] : 0;
    }
    __device__ float of_head(const float *x, int row, int head, int d) const {
        return d < dim ? x[((long long)row * heads + head) * dim + d] : 0;
    }
    __device__ float key(int place, int head, int d) const {
        return at_place(keys, k, place, kvHeads, head, dim, d);
    }
    __device__ float value(int place, int head, int d) const {
        return at_place(values, v, place, kvHeads, head, dim, d);
    }
};

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
    __shared__ __align__(16) float operands[OPERANDS], lines[TILE * PITCH];
    __shared__ int places[TILE];
    Piece s = piece(pieces, blockIdx.x);
    if (s.rows == 0) return;
    int head = blockIdx.y, kvHead = x.kv_head(head), column = blockIdx.z * SLICES * TILE;
    int end = s.position() + s.rows;
    float most[8], sum[8], result[SLICES][8][4];
    clear(result);
#pragma unroll
    for (int i = 0; i < 8; i++) most[i] = -infinity(), sum[i] = 0;
    for (int base = 0; base < end; base += TILE) {
        find_places(places, s, blocks, size, base, end);
        float w[8][4];
        products(
            w, operands, x.dim, [&](int r, int d) { return r < s.rows ? x.query(s.row + r, head, d) : 0; },
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
            accumulate<TILE>(result[slice], lines, operands);
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

#define PROMPT(name, T, SLICES)                                                                                      \
    extern "C" __global__ void __launch_bounds__(THREADS) name(                                                      \
        float *out, bf16 *rounded, const float *__restrict__ q, const float *__restrict__ k,                         \
        const float *__restrict__ v, const T *__restrict__ keys, const T *__restrict__ values,                       \
        const int *__restrict__ pieces, const int *__restrict__ blocks, int size, int heads, int kvHeads, int dim,   \
        float scale) {                                                                                               \
        Source<T> source = {q, k, v, keys, values, heads, kvHeads, dim, scale};                                      \
        prompt<T, SLICES>(out, rounded, source, pieces, blocks, size);                                               \
    }
PROMPT(attention_prompt64_f32, float, 1)
PROMPT(attention_prompt128_f32, float, 2)
PROMPT(attention_prompt64_bf16, bf16, 1)
PROMPT(attention_prompt128_bf16, bf16, 2)

// ---- gradients: P = softmax(S), dP = dO·Vᵀ, dS = P ⊙ (dP - rowsum(P ⊙ dP)); dQ = dS·K, dK = dSᵀ·Q, dV = Pᵀ·dO ----

// Numbers kept of a row and head: its largest score, 1 / its sum of weights, and its sum of P ⊙ dP.
#define STATS 3

// dq and each row's numbers. Two passes over the keys: for the numbers, and with them. Grid: as of prompt
template <typename T, int SLICES>
__device__ void backward_queries(
    float *dq, float *stats, const float *dout, const Source<T> &x, const int *pieces, const int *blocks, int size) {
    __shared__ __align__(16) float operands[OPERANDS], lines[TILE * PITCH];
    __shared__ int places[TILE];
    Piece s = piece(pieces, blockIdx.x);
    if (s.rows == 0) return;
    int head = blockIdx.y, kvHead = x.kv_head(head), column = blockIdx.z * SLICES * TILE;
    int end = s.position() + s.rows;
    float most[8], sum[8], along[8], w[8][4], dw[8][4], result[SLICES][8][4];
    clear(result);
#pragma unroll
    for (int i = 0; i < 8; i++) most[i] = -infinity(), sum[i] = 0, along[i] = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (int base = 0; base < end; base += TILE) {
            find_places(places, s, blocks, size, base, end);
            products(
                w, operands, x.dim, [&](int r, int d) { return r < s.rows ? x.query(s.row + r, head, d) : 0; },
                [&](int j, int d) { return x.key(places[j], kvHead, d); });
            products(
                dw, operands, x.dim,
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
                    accumulate<TILE>(result[slice], lines, operands);
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

#define BACKWARD_QUERIES(name, T, SLICES)                                                                            \
    extern "C" __global__ void __launch_bounds__(THREADS) name(                                                      \
        float *dq, float *stats, const float *__restrict__ dout, const float *__restrict__ q,                        \
        const float *__restrict__ k, const float *__restrict__ v, const T *__restrict__ keys,                        \
        const T *__restrict__ values, const int *__restrict__ pieces, const int *__restrict__ blocks, int size,      \
        int heads, int kvHeads, int dim, float scale) {                                                              \
        Source<T> source = {q, k, v, keys, values, heads, kvHeads, dim, scale};                                      \
        backward_queries<T, SLICES>(dq, stats, dout, source, pieces, blocks, size);                                  \
    }
BACKWARD_QUERIES(attention_backward_queries64_f32, float, 1)
BACKWARD_QUERIES(attention_backward_queries128_f32, float, 2)
BACKWARD_QUERIES(attention_backward_queries64_bf16, bf16, 1)
BACKWARD_QUERIES(attention_backward_queries128_bf16, bf16, 2)

#define FEWER (TILE / 2)

// dk and dv of 64 own keys, whose queries come 32 at a time, head after head: a thread has 8 keys and 2 queries. Grid:
// pieces, kvHeads, columns / (64 SLICES)
template <int SLICES>
__device__ void backward_keys(
    float *dk, float *dv, const float *stats, const float *dout, const Source<float> &x, const int *pieces) {
    __shared__ __align__(16) float operands[OPERANDS], lines[FEWER * PITCH], gradients[FEWER * PITCH];
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
            // Those before are read until here; products waits once more before these are.
            __syncthreads();
            for (int i = threadIdx.x; i < FEWER * STATS; i += THREADS)
                numbers[i] = i < count * STATS
                    ? stats[((long long)(row + i / STATS) * x.heads + head) * STATS + i % STATS] : 0;
            float w[8][2], dw[8][2];
            products(
                w, operands, x.dim, [&](int r, int d) { return r < s.rows ? x.key(~(s.row + r), kvHead, d) : 0; },
                [&](int j, int d) { return j < count ? x.query(row + j, head, d) : 0; });
            products(
                dw, operands, x.dim, [&](int r, int d) { return r < s.rows ? x.value(~(s.row + r), kvHead, d) : 0; },
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
                accumulate<FEWER>(valueResult[slice], lines, operands);
                accumulate<FEWER>(keyResult[slice], gradients, operands + FEWER * TILE);
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

#define BACKWARD_KEYS(name, SLICES)                                                                                  \
    extern "C" __global__ void __launch_bounds__(THREADS) name(                                                      \
        float *dk, float *dv, const float *__restrict__ stats, const float *__restrict__ dout,                       \
        const float *__restrict__ q, const float *__restrict__ k, const float *__restrict__ v,                       \
        const int *__restrict__ pieces, int heads, int kvHeads, int dim, float scale) {                              \
        Source<float> source = {q, k, v, 0, 0, heads, kvHeads, dim, scale};                                          \
        backward_keys<SLICES>(dk, dv, stats, dout, source, pieces);                                                  \
    }
BACKWARD_KEYS(attention_backward_keys64, 1)
BACKWARD_KEYS(attention_backward_keys128, 2)

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

#define WEIGHTS(name, T)                                                                                             \
    extern "C" __global__ void name(                                                                                 \
        float *out, const float *q, const float *k, const T *keys, const int *pieces, const int *blocks, int size,   \
        int heads, int kvHeads, int dim, float scale, int cols) {                                                    \
        Source<T> source = {q, k, 0, keys, 0, heads, kvHeads, dim, scale};                                           \
        attention_weights(out, source, pieces, blocks, size, cols);                                                  \
    }
WEIGHTS(attention_weights_f32, float)
WEIGHTS(attention_weights_bf16, bf16)
