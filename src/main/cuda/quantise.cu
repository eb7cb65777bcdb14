// Numbers from one type into another: of files into that of a weight, and into integers of a byte with a scale for each
// row. How a row is quantised, tensor.Int8 says; every value is the same here to the bit.
#include "common.cuh"

// Bits of a half, as files hold it.
typedef short half_bits;

__device__ inline float widen(half_bits bits) {
    int sign = (bits & 0x8000) << 16, exponent = bits >> 10 & 31, mantissa = bits & 0x3ff;
    if (exponent == 0) return __int_as_float(__float_as_int((float)mantissa * 0x1p-24f) | sign);
    return __int_as_float(sign | (exponent == 31 ? 0x7f800000 : (exponent + 112) << 23) | mantissa << 13);
}

// ---- elements ----

extern "C" __global__ void bf16_to_f32(float *to, const bf16 *from, long long n) {
    long long i = element();
    if (i < n) to[i] = widen(from[i]);
}

extern "C" __global__ void half_to_f32(float *to, const half_bits *from, long long n) {
    long long i = element();
    if (i < n) to[i] = widen(from[i]);
}

extern "C" __global__ void half_to_bf16(bf16 *to, const half_bits *from, long long n) {
    long long i = element();
    if (i < n) to[i] = narrow<bf16>(widen(from[i]));
}

// ---- rows into integers: one block a row; rows of integers lie at a distance of stride bytes, zeros at their ends ----

// The largest of a block's integers, in every thread.
__device__ inline int block_largest(int x) {
    __shared__ int partial[32];
    int lane = threadIdx.x % 32, warp = threadIdx.x / 32, warps = blockDim.x / 32;
    for (int offset = 16; offset > 0; offset /= 2) x = max(x, __shfl_xor_sync(FULL_MASK, x, offset));
    if (lane == 0) partial[warp] = x;
    __syncthreads();
    int most = lane < warps ? partial[lane] : 0;
    for (int offset = 16; offset > 0; offset /= 2) most = max(most, __shfl_xor_sync(FULL_MASK, most, offset));
    __syncthreads();
    return most;
}

// The sum of a block's integers, in every thread.
__device__ inline long long block_total(int of_thread) {
    __shared__ long long partial[32];
    int lane = threadIdx.x % 32, warp = threadIdx.x / 32, warps = blockDim.x / 32;
    long long x = of_thread;
    for (int offset = 16; offset > 0; offset /= 2) x += __shfl_xor_sync(FULL_MASK, x, offset);
    if (lane == 0) partial[warp] = x;
    __syncthreads();
    long long total = lane < warps ? partial[lane] : 0;
    for (int offset = 16; offset > 0; offset /= 2) total += __shfl_xor_sync(FULL_MASK, total, offset);
    __syncthreads();
    return total;
}

// Magnitudes are in the order of their bits, and NaN is above all: a row that holds it gets it as its scale.
__device__ inline int magnitude_bits(float x) { return __float_as_int(x) & 0x7fffffff; }

// Less than the smallest normal number can't be divided by.
__device__ inline float or_zero(float scale) { return scale < 0x1p-126f ? 0.0f : scale; }
__device__ inline float inverse_of(float scale) { return scale == 0 ? 0.0f : 1.0f / scale; }

// The nearest integer, ties to even; 0 for what is no number, whose row has such a scale.
__device__ inline int nearest(float x) {
    float whole = rintf(x);
    return fabsf(whole) <= 32767.0f ? (int)whole : 0;
}

// What quantises a row, and its scale.
struct Row {
    float scale, inverse;
};

__device__ inline Row row_of(float magnitude) {
    Row row;
    row.scale = or_zero(magnitude / 127.0f);
    row.inverse = inverse_of(row.scale);
    return row;
}

template <typename T>
__device__ void quantise_rows(signed char *to, float *scales, const T *from, int cols, int stride) {
    const T *x = from + (long long)blockIdx.x * cols;
    signed char *q = to + (long long)blockIdx.x * stride;
    int most = 0;
    for (int c = threadIdx.x; c < cols; c += blockDim.x) most = max(most, magnitude_bits(widen(x[c])));
    Row row = row_of(__int_as_float(block_largest(most)));
    if (threadIdx.x == 0) scales[blockIdx.x] = row.scale;
    for (int c = threadIdx.x; c < stride; c += blockDim.x) q[c] = c < cols ? nearest(widen(x[c]) * row.inverse) : 0;
}

extern "C" __global__ void quantise_f32(signed char *to, float *scales, const float *from, int cols, int stride) {
    quantise_rows(to, scales, from, cols, stride);
}

extern "C" __global__ void quantise_bf16(signed char *to, float *scales, const bf16 *from, int cols, int stride) {
    quantise_rows(to, scales, from, cols, stride);
}

extern "C" __global__ void quantise_half(signed char *to, float *scales, const half_bits *from, int cols, int stride) {
    quantise_rows(to, scales, from, cols, stride);
}

// Activations take two bytes: x ~ step·(256·upper + lower).
extern "C" __global__ void quantise_activations(
    signed char *lower, signed char *upper, float *steps, const float *from, int cols, int stride) {
    const float *x = from + (long long)blockIdx.x * cols;
    signed char *low = lower + (long long)blockIdx.x * stride, *high = upper + (long long)blockIdx.x * stride;
    int most = 0;
    for (int c = threadIdx.x; c < cols; c += blockDim.x) most = max(most, magnitude_bits(x[c]));
    float magnitude = __int_as_float(block_largest(most));
    float finest = or_zero(magnitude / 32512.0f);
    float inverse = inverse_of(finest);
    int sum = 0;
    for (int c = threadIdx.x; c < cols; c += blockDim.x) sum += nearest(fabsf(x[c]) * inverse);
    double wanted = 5.0 * (double)block_total(sum) / ((double)cols * 127.0);
    float step = wanted < 256.0 ? finest * (float)max(1.0, wanted) : or_zero(magnitude / 127.0f);
    if (threadIdx.x == 0) steps[blockIdx.x] = step;
    inverse = inverse_of(step);
    for (int c = threadIdx.x; c < stride; c += blockDim.x) {
        int wide = c < cols ? nearest(x[c] * inverse) : 0;
        low[c] = (signed char)wide;
        high[c] = (signed char)((wide + 128) >> 8);
    }
}

// Gradients dy·diag(columns), a byte each.
extern "C" __global__ void quantise_gradients(
    signed char *to, float *scales, const float *dy, const float *columns, int cols, int stride) {
    const float *x = dy + (long long)blockIdx.x * cols;
    signed char *q = to + (long long)blockIdx.x * stride;
    int most = 0;
    for (int c = threadIdx.x; c < cols; c += blockDim.x) most = max(most, magnitude_bits(x[c] * columns[c]));
    Row row = row_of(__int_as_float(block_largest(most)));
    if (threadIdx.x == 0) scales[blockIdx.x] = row.scale;
    for (int c = threadIdx.x; c < stride; c += blockDim.x)
        q[c] = c < cols ? nearest(x[c] * columns[c] * row.inverse) : 0;
}

// ---- integers into numbers: a block for up to 1,024 columns of a row ----

// Some columns of dy·diag(columns) in bf16; rows of dy lie at a distance of stride elements.
extern "C" __global__ void scale_columns(bf16 *to, const float *dy, const float *columns, int cols, int stride) {
    const float *from = dy + (long long)blockIdx.x * stride;
    int end = min(cols, ((int)blockIdx.y + 1) * 1024);
    for (int c = blockIdx.y * 1024 + threadIdx.x; c < end; c += blockDim.x)
        to[(long long)blockIdx.x * cols + c] = narrow<bf16>(from[c] * columns[c]);
}

// The integers themselves, which bf16 holds exactly.
extern "C" __global__ void int8_to_bf16(bf16 *to, const signed char *from, int cols, int stride) {
    int end = min(cols, ((int)blockIdx.y + 1) * 1024);
    for (int c = blockIdx.y * 1024 + threadIdx.x; c < end; c += blockDim.x)
        to[(long long)blockIdx.x * cols + c] = narrow<bf16>((float)from[(long long)blockIdx.x * stride + c]);
}

extern "C" __global__ void dequantise(float *to, const signed char *from, const float *scales, int cols, int stride) {
    int end = min(cols, ((int)blockIdx.y + 1) * 1024);
    for (int c = blockIdx.y * 1024 + threadIdx.x; c < end; c += blockDim.x)
        to[(long long)blockIdx.x * cols + c] = scales[blockIdx.x] * from[(long long)blockIdx.x * stride + c];
}

// to [cols, rows] <- the transpose of from [rows, cols], both multiples of 16; a block of 256 threads for 64 x 64 bytes.
extern "C" __global__ void transpose_int8(signed char *to, const signed char *from, int rows, int cols) {
    __shared__ signed char tile[64][68];
    int row = blockIdx.y * 64, col = blockIdx.x * 64;
    for (int i = threadIdx.x; i < 64 * 16; i += 256) {
        int r = i / 16, c = i % 16 * 4;
        if (row + r < rows && col + c < cols)
            *reinterpret_cast<int *>(&tile[r][c]) =
                *reinterpret_cast<const int *>(from + (long long)(row + r) * cols + col + c);
    }
    __syncthreads();
    for (int i = threadIdx.x; i < 64 * 16; i += 256) {
        int c = i / 16, r = i % 16 * 4;
        if (row + r < rows && col + c < cols) {
            int four = 0;
            for (int k = 0; k < 4; k++) four |= (tile[r + k][c] & 0xff) << 8 * k;
            *reinterpret_cast<int *>(to + (long long)(col + c) * rows + row + r) = four;
        }
    }
}
