// Attention for prompts and for training on tensor cores (Dao et al., 2022), where what is multiplied may be rounded to
// bf16: queries, keys, values, weights and gradients; sums and the softmax are in f32. A block has 64 rows of a head, each
// of its four warps sixteen; the keys come in tiles of 64, of which a warp takes sixteen at a time.
#define PRAG_WMMA
#include "attention.cuh"

using namespace nvcuda;

#define TILE 64
#define THREADS 128
#define SIDE 16
// Distances of rows in shared memory, so that they begin in different banks.
#define SCORE_PITCH 20
#define WEIGHT_PITCH 24
// A warp's room for 16x16 scores, then weights.
#define STAGE (SIDE * SCORE_PITCH)
// How far a score may lie above the number that its row's weights are relative to: what was summed is only scaled anew
// when one lies higher, which is rare.
#define SLACK 8.0f

typedef wmma::fragment<wmma::accumulator, SIDE, SIDE, SIDE, float> Sums;
typedef wmma::fragment<wmma::matrix_a, SIDE, SIDE, SIDE, bf16, wmma::row_major> Left;

// Eight elements of a row of a head, rounded; rows lie at multiples of 16 bytes.
__device__ inline int4 rounded8(const float *row) {
    __align__(16) bf16 y[8];
    float4 a = *reinterpret_cast<const float4 *>(row), b = *reinterpret_cast<const float4 *>(row + 4);
    y[0] = narrow<bf16>(a.x), y[1] = narrow<bf16>(a.y), y[2] = narrow<bf16>(a.z), y[3] = narrow<bf16>(a.w);
    y[4] = narrow<bf16>(b.x), y[5] = narrow<bf16>(b.y), y[6] = narrow<bf16>(b.z), y[7] = narrow<bf16>(b.w);
    return *reinterpret_cast<int4 *>(y);
}

// 64 rows of keys or values of a head into shared memory; zeros where there are none.
template <int DIM>
__device__ inline void load_tile(
    bf16 *to, const bf16 *cached, const float *own, const int *places, int kvHeads, int kvHead) {
#pragma unroll 4
    for (int i = threadIdx.x; i < TILE * (DIM / 8); i += THREADS) {
        int r = i / (DIM / 8), d = i % (DIM / 8) * 8, place = places[r];
        int4 x = make_int4(0, 0, 0, 0);
        if (place >= 0)
            x = *reinterpret_cast<const int4 *>(cached + ((long long)place * kvHeads + kvHead) * DIM + d);
        else if (place != NOWHERE)
            x = rounded8(own + ((long long)~place * kvHeads + kvHead) * DIM + d);
        *reinterpret_cast<int4 *>(to + r * (DIM + 8) + d) = x;
    }
}

// The lane's eight elements of a staged tile: half of row lane / 2.
__device__ inline float *staged(float *stage) {
    return stage + threadIdx.x % 32 / 2 * SCORE_PITCH + threadIdx.x % 2 * 8;
}

// Grid: pieces of at most 64 rows, heads. rounded: the result once more in bf16; may be null
template <int DIM>
__device__ void prompt(
    float *out, bf16 *rounded, const float *q, const float *k, const float *v, const bf16 *keys, const bf16 *values,
    const int *pieces, const int *blocks, int size, int heads, int kvHeads, float scale) {
    constexpr int PITCH = DIM + 8, STEPS = DIM / SIDE;
    __align__(32) __shared__ bf16 tiles[2][TILE * PITCH];
    __align__(32) __shared__ float stages[THREADS / 32][STAGE];
    __shared__ int places[TILE];
    Piece s = piece(pieces, blockIdx.x);
    if (s.rows == 0) return;
    int head = blockIdx.y, kvHead = head / (heads / kvHeads);
    int thread = threadIdx.x, lane = thread % 32, warp = thread / 32;
    float *stage = stages[warp];

    for (int i = thread; i < TILE * (DIM / 8); i += THREADS) {
        int r = i / (DIM / 8), d = i % (DIM / 8) * 8;
        int4 x = r < s.rows ? rounded8(q + ((long long)(s.row + r) * heads + head) * DIM + d) : make_int4(0, 0, 0, 0);
        *reinterpret_cast<int4 *>(tiles[0] + r * PITCH + d) = x;
    }
    __syncthreads();
    Left queries[STEPS];
    Sums result[STEPS];
#pragma unroll
    for (int i = 0; i < STEPS; i++) {
        wmma::load_matrix_sync(queries[i], tiles[0] + warp * SIDE * PITCH + i * SIDE, PITCH);
        wmma::fill_fragment(result[i], 0.0f);
    }

    // The lane's row; what its warp's last row sees.
    int row = warp * SIDE + lane / 2, position = s.position() + row;
    int seen = warp * SIDE < s.rows ? s.position() + min(s.rows, (warp + 1) * SIDE) : 0;
    int end = s.position() + s.rows;
    float reference = -infinity(), sum = 0;
    for (int base = 0; base < end; base += TILE) {
        __syncthreads();
        if (thread < TILE)
            places[thread] = base + thread < end ? place(s, blocks, size, base + thread) : NOWHERE;
        __syncthreads();
        load_tile<DIM>(tiles[0], keys, k, places, kvHeads, kvHead);
        load_tile<DIM>(tiles[1], values, v, places, kvHeads, kvHead);
        __syncthreads();
        for (int part = 0; part < TILE && base + part < seen; part += SIDE) {
            Sums scores;
            wmma::fill_fragment(scores, 0.0f);
#pragma unroll
            for (int i = 0; i < STEPS; i++) {
                wmma::fragment<wmma::matrix_b, SIDE, SIDE, SIDE, bf16, wmma::col_major> right;
                wmma::load_matrix_sync(right, tiles[0] + part * PITCH + i * SIDE, PITCH);
                wmma::mma_sync(scores, queries[i], right, scores);
            }
            wmma::store_matrix_sync(stage, scores, SCORE_PITCH, wmma::mem_row_major);
            __syncwarp();
            float x[8], most = -infinity();
#pragma unroll
            for (int j = 0; j < 8; j++) {
                bool hidden = base + part + lane % 2 * 8 + j > position;
                x[j] = hidden ? -infinity() : scale * staged(stage)[j];
                most = fmaxf(most, x[j]);
            }
            most = fmaxf(most, __shfl_xor_sync(FULL_MASK, most, 1));
            __syncwarp();
            bool higher = most > reference + SLACK;
            if (__any_sync(FULL_MASK, higher)) {
                float factor = higher ? __expf(reference - most) : 1.0f;
                if (higher) reference = most;
                sum *= factor;
                if (base + part > 0) {
#pragma unroll
                    for (int i = 0; i < STEPS; i++) {
                        wmma::store_matrix_sync(stage, result[i], SCORE_PITCH, wmma::mem_row_major);
                        __syncwarp();
#pragma unroll
                        for (int j = 0; j < 8; j++) staged(stage)[j] *= factor;
                        __syncwarp();
                        wmma::load_matrix_sync(result[i], stage, SCORE_PITCH, wmma::mem_row_major);
                        __syncwarp();
                    }
                }
            }
            bf16 *weights = reinterpret_cast<bf16 *>(stage);
#pragma unroll
            for (int j = 0; j < 8; j++) {
                float w = __expf(x[j] - reference);
                sum += w;
                weights[lane / 2 * WEIGHT_PITCH + lane % 2 * 8 + j] = narrow<bf16>(w);
            }
            __syncwarp();
            Left left;
            wmma::load_matrix_sync(left, weights, WEIGHT_PITCH);
#pragma unroll
            for (int i = 0; i < STEPS; i++) {
                wmma::fragment<wmma::matrix_b, SIDE, SIDE, SIDE, bf16, wmma::row_major> right;
                wmma::load_matrix_sync(right, tiles[1] + part * PITCH + i * SIDE, PITCH);
                wmma::mma_sync(result[i], left, right, result[i]);
            }
            __syncwarp();
        }
    }
    float inverse = 1.0f / (sum + __shfl_xor_sync(FULL_MASK, sum, 1));
    long long to = ((long long)(s.row + row) * heads + head) * DIM + lane % 2 * 8;
#pragma unroll
    for (int i = 0; i < STEPS; i++) {
        wmma::store_matrix_sync(stage, result[i], SCORE_PITCH, wmma::mem_row_major);
        __syncwarp();
        if (row < s.rows) {
#pragma unroll
            for (int j = 0; j < 8; j++) {
                float y = staged(stage)[j] * inverse;
                out[to + i * SIDE + j] = y;
                if (rounded) rounded[to + i * SIDE + j] = narrow<bf16>(y);
            }
        }
        __syncwarp();
    }
}

#define PROMPT                                                                                                       \
    float *out, bf16 *rounded, const float *__restrict__ q, const float *__restrict__ k, const float *__restrict__ v, \
        const bf16 *__restrict__ keys, const bf16 *__restrict__ values, const int *__restrict__ pieces,              \
        const int *__restrict__ blocks, int size, int heads, int kvHeads, float scale
#define PROMPTED out, rounded, q, k, v, keys, values, pieces, blocks, size, heads, kvHeads, scale
extern "C" __global__ void __launch_bounds__(THREADS) attention_wmma64(PROMPT) { prompt<64>(PROMPTED); }
extern "C" __global__ void __launch_bounds__(THREADS) attention_wmma80(PROMPT) { prompt<80>(PROMPTED); }
extern "C" __global__ void __launch_bounds__(THREADS) attention_wmma96(PROMPT) { prompt<96>(PROMPTED); }
extern "C" __global__ void __launch_bounds__(THREADS) attention_wmma128(PROMPT) { prompt<128>(PROMPTED); }

// ---- gradients, as in attention_tiles.cu ----

// Numbers kept of a row and head: its largest score, 1 / its sum of weights, and its sum of P ⊙ dP.
#define STATS 3

// 64 rows of a head of the batch into shared memory; zeros behind the last.
template <int DIM>
__device__ inline void load_batch(bf16 *to, const float *x, int row, int count, int heads, int head) {
#pragma unroll 2
    for (int i = threadIdx.x; i < TILE * (DIM / 8); i += THREADS) {
        int r = i / (DIM / 8), d = i % (DIM / 8) * 8;
        int4 y = make_int4(0, 0, 0, 0);
        if (r < count) y = rounded8(x + ((long long)(row + r) * heads + head) * DIM + d);
        *reinterpret_cast<int4 *>(to + r * (DIM + 8) + d) = y;
    }
}

// The warp's sixteen rows of a tile.
template <int DIM> __device__ inline void load_left(Left (&left)[DIM / SIDE], const bf16 *tile) {
#pragma unroll
    for (int i = 0; i < DIM / SIDE; i++)
        wmma::load_matrix_sync(left[i], tile + threadIdx.x / 32 * SIDE * (DIM + 8) + i * SIDE, DIM + 8);
}

// stage <- the warp's rows times sixteen rows of a tile, transposed
template <int DIM> __device__ inline void multiply(float *stage, const Left (&left)[DIM / SIDE], const bf16 *rows) {
    Sums sums;
    wmma::fill_fragment(sums, 0.0f);
#pragma unroll
    for (int i = 0; i < DIM / SIDE; i++) {
        wmma::fragment<wmma::matrix_b, SIDE, SIDE, SIDE, bf16, wmma::col_major> right;
        wmma::load_matrix_sync(right, rows + i * SIDE, DIM + 8);
        wmma::mma_sync(sums, left[i], right, sums);
    }
    wmma::store_matrix_sync(stage, sums, SCORE_PITCH, wmma::mem_row_major);
}

// result += the weights of a stage times sixteen rows of a tile. Each lane has written its eight weights.
template <int DIM> __device__ inline void accumulate(Sums (&result)[DIM / SIDE], const float *stage, const bf16 *rows) {
    Left left;
    __syncwarp();
    wmma::load_matrix_sync(left, reinterpret_cast<const bf16 *>(stage), WEIGHT_PITCH);
#pragma unroll
    for (int i = 0; i < DIM / SIDE; i++) {
        wmma::fragment<wmma::matrix_b, SIDE, SIDE, SIDE, bf16, wmma::row_major> right;
        wmma::load_matrix_sync(right, rows + i * SIDE, DIM + 8);
        wmma::mma_sync(result[i], left, right, result[i]);
    }
    __syncwarp();
}

// The lane's weight j in a stage.
__device__ inline void stage_weight(float *stage, int j, float w) {
    reinterpret_cast<bf16 *>(stage)[threadIdx.x % 32 / 2 * WEIGHT_PITCH + threadIdx.x % 2 * 8 + j] = narrow<bf16>(w);
}

// out <- scale·result for the warp's rows below count
template <int DIM>
__device__ inline void store(
    float *out, const Sums (&result)[DIM / SIDE], float *stage, int row, int count, int heads, int head, float scale) {
    int lane = threadIdx.x % 32, r = threadIdx.x / 32 * SIDE + lane / 2;
    long long to = ((long long)(row + r) * heads + head) * DIM + lane % 2 * 8;
#pragma unroll
    for (int i = 0; i < DIM / SIDE; i++) {
        wmma::store_matrix_sync(stage, result[i], SCORE_PITCH, wmma::mem_row_major);
        __syncwarp();
        for (int j = 0; j < 8 && r < count; j++) out[to + i * SIDE + j] = scale * staged(stage)[j];
        __syncwarp();
    }
}

// dq and each row's numbers. Two passes over the keys: for the numbers, and with them. Grid: as of prompt
template <int DIM>
__device__ void backward_queries(
    float *dq, float *stats, const float *dout, const float *q, const float *k, const float *v, const bf16 *keys,
    const bf16 *values, const int *pieces, const int *blocks, int size, int heads, int kvHeads, float scale) {
    constexpr int PITCH = DIM + 8, STEPS = DIM / SIDE;
    __align__(32) __shared__ bf16 tiles[2][TILE * PITCH];
    __align__(32) __shared__ float stages[THREADS / 32][2][STAGE];
    __shared__ int places[TILE];
    Piece s = piece(pieces, blockIdx.x);
    if (s.rows == 0) return;
    int head = blockIdx.y, kvHead = head / (heads / kvHeads);
    int thread = threadIdx.x, lane = thread % 32, warp = thread / 32;
    float *stage = stages[warp][0], *gradients = stages[warp][1];

    load_batch<DIM>(tiles[0], q, s.row, s.rows, heads, head);
    load_batch<DIM>(tiles[1], dout, s.row, s.rows, heads, head);
    __syncthreads();
    Left queries[STEPS], outer[STEPS];
    load_left<DIM>(queries, tiles[0]);
    load_left<DIM>(outer, tiles[1]);
    Sums result[STEPS];
#pragma unroll
    for (int i = 0; i < STEPS; i++) wmma::fill_fragment(result[i], 0.0f);

    int row = warp * SIDE + lane / 2, position = s.position() + row;
    int seen = warp * SIDE < s.rows ? s.position() + min(s.rows, (warp + 1) * SIDE) : 0;
    int end = s.position() + s.rows;
    float most = -infinity(), sum = 0, along = 0;
#pragma unroll 1
    for (int pass = 0; pass < 2; pass++) {
        for (int base = 0; base < end; base += TILE) {
            __syncthreads();
            if (thread < TILE)
                places[thread] = base + thread < end ? place(s, blocks, size, base + thread) : NOWHERE;
            __syncthreads();
            load_tile<DIM>(tiles[0], keys, k, places, kvHeads, kvHead);
            load_tile<DIM>(tiles[1], values, v, places, kvHeads, kvHead);
            __syncthreads();
            for (int part = 0; part < TILE && base + part < seen; part += SIDE) {
                multiply<DIM>(stage, queries, tiles[0] + part * PITCH);
                multiply<DIM>(gradients, outer, tiles[1] + part * PITCH);
                __syncwarp();
                float x[8], next = most;
#pragma unroll
                for (int j = 0; j < 8; j++) {
                    bool hidden = base + part + lane % 2 * 8 + j > position;
                    x[j] = hidden ? -infinity() : scale * staged(stage)[j];
                    next = fmaxf(next, x[j]);
                }
                if (pass == 0) {
                    next = fmaxf(next, __shfl_xor_sync(FULL_MASK, next, 1));
                    float factor = __expf(most - next);
                    most = next;
                    sum *= factor;
                    along *= factor;
#pragma unroll
                    for (int j = 0; j < 8; j++) {
                        float w = __expf(x[j] - most);
                        sum += w;
                        along += w * staged(gradients)[j];
                    }
                    __syncwarp();
                } else {
                    __syncwarp();
#pragma unroll
                    for (int j = 0; j < 8; j++)
                        stage_weight(stage, j, __expf(x[j] - most) * sum * (staged(gradients)[j] - along));
                    accumulate<DIM>(result, stage, tiles[0] + part * PITCH);
                }
            }
        }
        if (pass == 0) {
            sum = 1.0f / (sum + __shfl_xor_sync(FULL_MASK, sum, 1));
            along = sum * (along + __shfl_xor_sync(FULL_MASK, along, 1));
            if (row < s.rows && lane % 2 == 0) {
                float *to = stats + ((long long)(s.row + row) * heads + head) * STATS;
                to[0] = most;
                to[1] = sum;
                to[2] = along;
            }
        }
    }
    store<DIM>(dq, result, stage, s.row, s.rows, heads, head, scale);
}

// dk, or dv, of 64 own keys; a warp has sixteen of them, whose queries come 64 at a time, head after head. Grid: pieces,
// kvHeads
template <int DIM, bool KEYS>
__device__ void backward_keys(
    float *gradient, const float *stats, const float *dout, const float *q, const float *k, const float *v,
    const int *pieces, int heads, int kvHeads, float scale) {
    constexpr int PITCH = DIM + 8, STEPS = DIM / SIDE;
    __align__(32) __shared__ bf16 tiles[2][TILE * PITCH];
    __align__(32) __shared__ float stages[THREADS / 32][2][STAGE];
    __shared__ float numbers[TILE * STATS];
    Piece s = piece(pieces, blockIdx.x);
    if (s.rows == 0) return;
    int kvHead = blockIdx.y, group = heads / kvHeads, last = s.first + s.total;
    int thread = threadIdx.x, lane = thread % 32, warp = thread / 32;
    float *stage = stages[warp][0], *gradients = stages[warp][1];

    load_batch<DIM>(tiles[0], k, s.row, s.rows, kvHeads, kvHead);
    if (KEYS) load_batch<DIM>(tiles[1], v, s.row, s.rows, kvHeads, kvHead);
    __syncthreads();
    Left keys[STEPS], values[KEYS ? STEPS : 1];
    load_left<DIM>(keys, tiles[0]);
    if constexpr (KEYS) load_left<DIM>(values, tiles[1]);
    Sums result[STEPS];
#pragma unroll
    for (int i = 0; i < STEPS; i++) wmma::fill_fragment(result[i], 0.0f);

    int key = s.row + warp * SIDE + lane / 2, firstKey = s.row + warp * SIDE;
    for (int head = kvHead * group; head < (kvHead + 1) * group; head++) {
        for (int base = s.row; base < last; base += TILE) {
            int count = min(TILE, last - base);
            __syncthreads();
            load_batch<DIM>(tiles[0], q, base, count, heads, head);
            load_batch<DIM>(tiles[1], dout, base, count, heads, head);
            for (int i = thread; i < count * STATS; i += THREADS)
                numbers[i] = stats[((long long)(base + i / STATS) * heads + head) * STATS + i % STATS];
            __syncthreads();
            for (int part = 0; part < count && warp * SIDE < s.rows; part += SIDE) {
                // None of these queries sees one of the warp's keys.
                if (base + part + SIDE <= firstKey) continue;
                multiply<DIM>(stage, keys, tiles[0] + part * PITCH);
                if constexpr (KEYS) multiply<DIM>(gradients, values, tiles[1] + part * PITCH);
                __syncwarp();
                float w[8];
#pragma unroll
                for (int j = 0; j < 8; j++) {
                    int query = part + lane % 2 * 8 + j;
                    bool sees = query < count && key <= base + query;
                    const float *n = numbers + query * STATS;
                    w[j] = sees ? __expf(scale * staged(stage)[j] - n[0]) * n[1] : 0;
                    if (KEYS) w[j] = sees ? w[j] * (staged(gradients)[j] - n[2]) : 0;
                }
                __syncwarp();
#pragma unroll
                for (int j = 0; j < 8; j++) stage_weight(stage, j, w[j]);
                accumulate<DIM>(result, stage, tiles[KEYS ? 0 : 1] + part * PITCH);
            }
        }
    }
    store<DIM>(gradient, result, stage, s.row, s.rows, kvHeads, kvHead, KEYS ? scale : 1.0f);
}

#define BACKWARD_QUERIES                                                                                             \
    float *dq, float *stats, const float *__restrict__ dout, const float *__restrict__ q,                            \
        const float *__restrict__ k, const float *__restrict__ v, const bf16 *__restrict__ keys,                     \
        const bf16 *__restrict__ values, const int *__restrict__ pieces, const int *__restrict__ blocks, int size,   \
        int heads, int kvHeads, float scale
#define BACKWARD dq, stats, dout, q, k, v, keys, values, pieces, blocks, size, heads, kvHeads, scale
#define BACKWARD_KEYS                                                                                                \
    float *gradient, const float *__restrict__ stats, const float *__restrict__ dout, const float *__restrict__ q,   \
        const float *__restrict__ k, const float *__restrict__ v, const int *__restrict__ pieces, int heads,         \
        int kvHeads, float scale
#define OF_KEYS gradient, stats, dout, q, k, v, pieces, heads, kvHeads, scale
extern "C" __global__ void __launch_bounds__(THREADS) attention_wmma_queries64(BACKWARD_QUERIES) { backward_queries<64>(BACKWARD); }
extern "C" __global__ void __launch_bounds__(THREADS) attention_wmma_keys64(BACKWARD_KEYS) { backward_keys<64, true>(OF_KEYS); }
extern "C" __global__ void __launch_bounds__(THREADS) attention_wmma_values64(BACKWARD_KEYS) { backward_keys<64, false>(OF_KEYS); }
extern "C" __global__ void __launch_bounds__(THREADS, 3) attention_wmma_queries80(BACKWARD_QUERIES) { backward_queries<80>(BACKWARD); }
extern "C" __global__ void __launch_bounds__(THREADS) attention_wmma_keys80(BACKWARD_KEYS) { backward_keys<80, true>(OF_KEYS); }
extern "C" __global__ void __launch_bounds__(THREADS) attention_wmma_values80(BACKWARD_KEYS) { backward_keys<80, false>(OF_KEYS); }
extern "C" __global__ void __launch_bounds__(THREADS) attention_wmma_queries96(BACKWARD_QUERIES) { backward_queries<96>(BACKWARD); }
extern "C" __global__ void __launch_bounds__(THREADS) attention_wmma_keys96(BACKWARD_KEYS) { backward_keys<96, true>(OF_KEYS); }
extern "C" __global__ void __launch_bounds__(THREADS) attention_wmma_values96(BACKWARD_KEYS) { backward_keys<96, false>(OF_KEYS); }
extern "C" __global__ void __launch_bounds__(THREADS) attention_wmma_queries128(BACKWARD_QUERIES) { backward_queries<128>(BACKWARD); }
extern "C" __global__ void __launch_bounds__(THREADS) attention_wmma_keys128(BACKWARD_KEYS) { backward_keys<128, true>(OF_KEYS); }
extern "C" __global__ void __launch_bounds__(THREADS) attention_wmma_values128(BACKWARD_KEYS) { backward_keys<128, false>(OF_KEYS); }
