// What stands beside cuBLAS's products: biases, sums of integers into numbers, merging low-rank updates, norms.
#include "common.cuh"

__device__ inline float widen(signed char x) { return x; }

// ---- rows of results: a block for up to 1,024 columns of a row ----

// y += bias
extern "C" __global__ void add_bias(float *y, const float *bias, int cols) {
    int end = min(cols, ((int)blockIdx.y + 1) * 1024);
    for (int c = blockIdx.y * 1024 + threadIdx.x; c < end; c += blockDim.x)
        y[(long long)blockIdx.x * cols + c] += bias[c];
}

// y <- (or +=) step·scale·(sums of lower bytes + 256·sums of upper ones) (+ bias); rows of sums lie at a distance of
// stride, those of the upper bytes behind those of the lower ones. bias may be null.
extern "C" __global__ void of_activations(
    float *y, const int *sums, const float *steps, const float *scales, const float *bias, int cols, int stride,
    int accumulate) {
    const int *lower = sums + (long long)blockIdx.x * stride;
    const int *upper = lower + (long long)gridDim.x * stride;
    float *row = y + (long long)blockIdx.x * cols;
    float step = steps[blockIdx.x];
    int end = min(cols, ((int)blockIdx.y + 1) * 1024);
    for (int c = blockIdx.y * 1024 + threadIdx.x; c < end; c += blockDim.x) {
        float value = (float)(lower[c] + 256LL * upper[c]) * scales[c] * step;
        if (bias) value += bias[c];
        row[c] = accumulate ? row[c] + value : value;
    }
}

// dx <- (or +=) scale·sums, a scale for each row
extern "C" __global__ void of_gradients(
    float *dx, const int *sums, const float *scales, int cols, int stride, int accumulate) {
    const int *from = sums + (long long)blockIdx.x * stride;
    float *row = dx + (long long)blockIdx.x * cols;
    int end = min(cols, ((int)blockIdx.y + 1) * 1024);
    for (int c = blockIdx.y * 1024 + threadIdx.x; c < end; c += blockDim.x) {
        float value = scales[blockIdx.x] * from[c];
        row[c] = accumulate ? row[c] + value : value;
    }
}

// ---- merging: to <- W + Σ scale·BᵀA; a block of 256 threads for 64 rows and 128 columns, a thread for 8 x 4 ----

#define MERGE_ROWS 64
#define MERGE_COLUMNS 128
#define MERGE_RANKS 8

template <typename T> struct alignas(4 * sizeof(T)) Four {
    T x[4];
};

// Elements [0, 4) from a row's column on; those beyond the row are 0.
template <typename T> __device__ inline void load_four(float *to, const T *from, int left, bool aligned) {
    if (aligned && left >= 4) {
        Four<T> four = *reinterpret_cast<const Four<T> *>(from);
#pragma unroll
        for (int i = 0; i < 4; i++) to[i] = widen(four.x[i]);
    } else {
#pragma unroll
        for (int i = 0; i < 4; i++) to[i] = i < left ? widen(from[i]) : 0.0f;
    }
}

template <typename T> __device__ inline void store_four(T *to, const float *from, int left, bool aligned) {
    if (aligned && left >= 4) {
        Four<T> four;
#pragma unroll
        for (int i = 0; i < 4; i++) four.x[i] = narrow<T>(from[i]);
        *reinterpret_cast<Four<T> *>(to) = four;
    } else {
#pragma unroll
        for (int i = 0; i < 4; i++)
            if (i < left) to[i] = narrow<T>(from[i]);
    }
}

// a, b: where the rows of all A and B begin in the slab, whose product is multiplied by the scale of the same index.
// w: rows at a distance of stride elements, the first of them being row `first` of the matrix; multiplied by row_scales
// where there are such. to: rows of cols elements.
template <typename T, typename S>
__device__ void merge(
    T *to, const S *w, const float *row_scales, const float *slab, const long long *a, const long long *b,
    const float *scales, int rank, int first, int rows, int cols, int stride) {
    __shared__ float4 tile_a[MERGE_RANKS][MERGE_COLUMNS / 4];
    __shared__ float4 tile_b[MERGE_RANKS][MERGE_ROWS / 4];
    int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    int row0 = blockIdx.y * MERGE_ROWS, col0 = blockIdx.x * MERGE_COLUMNS;
    int row = row0 + warp * 8, left = cols - col0 - lane * 4;
    float sum[8][4];
#pragma unroll
    for (int j = 0; j < 8; j++) {
        bool inside = row + j < rows;
        load_four(sum[j], w + (long long)(row + j) * stride + col0 + lane * 4, inside ? left : 0, stride % 4 == 0);
        if (row_scales && inside) {
#pragma unroll
            for (int i = 0; i < 4; i++) sum[j][i] *= row_scales[row + j];
        }
    }
    for (int r0 = 0; r0 < rank; r0 += MERGE_RANKS) {
        __syncthreads();
        for (int i = threadIdx.x; i < MERGE_RANKS * MERGE_COLUMNS; i += 256) {
            int r = r0 + i / MERGE_COLUMNS, c = col0 + i % MERGE_COLUMNS;
            reinterpret_cast<float *>(tile_a)[i] = r < rank && c < cols ? slab[a[r] + c] : 0.0f;
        }
        for (int i = threadIdx.x; i < MERGE_RANKS * MERGE_ROWS; i += 256) {
            int r = r0 + i / MERGE_ROWS, o = row0 + i % MERGE_ROWS;
            reinterpret_cast<float *>(tile_b)[i] = r < rank && o < rows ? scales[r] * slab[b[r] + first + o] : 0.0f;
        }
        __syncthreads();
#pragma unroll
        for (int r = 0; r < MERGE_RANKS; r++) {
            float4 of_a = tile_a[r][lane];
            float4 upper = tile_b[r][warp * 2], lower = tile_b[r][warp * 2 + 1];
            float of_b[8] = {upper.x, upper.y, upper.z, upper.w, lower.x, lower.y, lower.z, lower.w};
#pragma unroll
            for (int j = 0; j < 8; j++) {
                sum[j][0] += of_b[j] * of_a.x;
                sum[j][1] += of_b[j] * of_a.y;
                sum[j][2] += of_b[j] * of_a.z;
                sum[j][3] += of_b[j] * of_a.w;
            }
        }
    }
#pragma unroll
    for (int j = 0; j < 8; j++)
        store_four(to + (long long)(row + j) * cols + col0 + lane * 4, sum[j], row + j < rows ? left : 0, cols % 4 == 0);
}

extern "C" __global__ void __launch_bounds__(256) merge_f32(
    float *to, const float *w, const float *slab, const long long *a, const long long *b, const float *scales,
    int rank, int rows, int cols) {
    merge(to, w, static_cast<const float *>(nullptr), slab, a, b, scales, rank, 0, rows, cols, cols);
}

extern "C" __global__ void __launch_bounds__(256) merge_bf16(
    bf16 *to, const bf16 *w, const float *slab, const long long *a, const long long *b, const float *scales, int rank,
    int rows, int cols) {
    merge(to, w, static_cast<const float *>(nullptr), slab, a, b, scales, rank, 0, rows, cols, cols);
}

// Some rows of a matrix of integers, into numbers that are quantised next.
extern "C" __global__ void __launch_bounds__(256, 2) merge_int8(
    float *to, const signed char *w, const float *row_scales, const float *slab, const long long *a,
    const long long *b, const float *scales, int rank, int first, int rows, int cols, int stride) {
    merge(to, w, row_scales, slab, a, b, scales, rank, first, rows, cols, stride);
}

// to[r] <- scale·(a row of the slab), for the product of larger ranks; scales may be null. A block for up to 1,024
// columns of a row.
extern "C" __global__ void pack_rows(
    float *to, const float *slab, const long long *rows, const float *scales, int cols) {
    const float *from = slab + rows[blockIdx.x];
    float scale = scales ? scales[blockIdx.x] : 1.0f;
    int end = min(cols, ((int)blockIdx.y + 1) * 1024);
    for (int c = blockIdx.y * 1024 + threadIdx.x; c < end; c += blockDim.x)
        to[(long long)blockIdx.x * cols + c] = scale * from[c];
}

// ---- norms: each block sums the squares of every gridDim.x-th row, in one order ----

__device__ inline double block_sum(double x) {
    __shared__ double partial[32];
    int lane = threadIdx.x % 32, warp = threadIdx.x / 32, warps = blockDim.x / 32;
    for (int offset = 16; offset > 0; offset /= 2) x += __shfl_xor_sync(FULL_MASK, x, offset);
    if (lane == 0) partial[warp] = x;
    __syncthreads();
    double total = lane < warps ? partial[lane] : 0.0;
    for (int offset = 16; offset > 0; offset /= 2) total += __shfl_xor_sync(FULL_MASK, total, offset);
    return total;
}

template <typename T>
__device__ void squares(double *sums, const T *w, const float *row_scales, int rows, int cols, int stride) {
    double sum = 0;
    for (int r = blockIdx.x; r < rows; r += gridDim.x) {
        double scale = row_scales ? row_scales[r] : 1.0;
        for (int c = threadIdx.x; c < cols; c += blockDim.x) {
            double x = scale * widen(w[(long long)r * stride + c]);
            sum += x * x;
        }
    }
    sum = block_sum(sum);
    if (threadIdx.x == 0) sums[blockIdx.x] = sum;
}

extern "C" __global__ void squares_f32(double *sums, const float *w, int rows, int cols) {
    squares(sums, w, static_cast<const float *>(nullptr), rows, cols, cols);
}

extern "C" __global__ void squares_bf16(double *sums, const bf16 *w, int rows, int cols) {
    squares(sums, w, static_cast<const float *>(nullptr), rows, cols, cols);
}

extern "C" __global__ void squares_int8(
    double *sums, const signed char *w, const float *row_scales, int rows, int cols, int stride) {
    squares(sums, w, row_scales, rows, cols, stride);
}
