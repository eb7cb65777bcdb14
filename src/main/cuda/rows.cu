// Rows and elements: look-up, gathering, sums, norms, rotary positions, gated units.
#include "common.cuh"

// ---- elements ----

extern "C" __global__ void fill_f32(float *dst, float value, long long n) {
    long long i = element();
    if (i < n) dst[i] = value;
}

extern "C" __global__ void fill_bf16(bf16 *dst, float value, long long n) {
    long long i = element();
    if (i < n) dst[i] = narrow<bf16>(value);
}

extern "C" __global__ void to_bf16(bf16 *dst, const float *src, long long n) {
    long long i = element();
    if (i < n) dst[i] = narrow<bf16>(src[i]);
}

extern "C" __global__ void add_f32(float *y, const float *x, long long n) {
    long long i = element();
    if (i < n) y[i] += x[i];
}

// ---- rows: one block a row ----

template <typename T> __device__ void embed(float *out, const T *table, const int *ids, int vocab, int cols) {
    int id = ids[blockIdx.x];
    // An id outside of the table is the caller's mistake; it must not read elsewhere.
    const T *row = table + (long long)max(0, min(id, vocab - 1)) * cols;
    for (int c = threadIdx.x; c < cols; c += blockDim.x) out[(long long)blockIdx.x * cols + c] = widen(row[c]);
}

extern "C" __global__ void embed_f32(float *out, const float *table, const int *ids, int vocab, int cols) {
    embed(out, table, ids, vocab, cols);
}

extern "C" __global__ void embed_bf16(float *out, const bf16 *table, const int *ids, int vocab, int cols) {
    embed(out, table, ids, vocab, cols);
}

// Rows of integers lie at a distance of stride bytes; a row's values are scale·q.
extern "C" __global__ void embed_int8(
    float *out, const signed char *table, const float *scales, const int *ids, int vocab, int cols, int stride) {
    int id = max(0, min(ids[blockIdx.x], vocab - 1));
    for (int c = threadIdx.x; c < cols; c += blockDim.x)
        out[(long long)blockIdx.x * cols + c] = scales[id] * table[(long long)id * stride + c];
}

// out[i] <- x[rows[i]]
extern "C" __global__ void gather_rows(float *out, const float *x, const int *rows, int cols) {
    const float *from = x + (long long)rows[blockIdx.x] * cols;
    for (int c = threadIdx.x; c < cols; c += blockDim.x) out[(long long)blockIdx.x * cols + c] = from[c];
}

// out[rows[i]] += x[i]
extern "C" __global__ void scatter_add_rows(float *out, const float *x, const int *rows, int cols) {
    float *to = out + (long long)rows[blockIdx.x] * cols;
    for (int c = threadIdx.x; c < cols; c += blockDim.x) to[c] += x[(long long)blockIdx.x * cols + c];
}

// ---- root mean square norm (Zhang and Sennrich, 2019): one block a row ----

__device__ inline float inverse_rms(const float *x, int cols, float eps) {
    float sum = 0;
    for (int c = threadIdx.x; c < cols; c += blockDim.x) sum += x[c] * x[c];
    return 1.0f / sqrtf(block_sum(sum) / cols + eps);
}

// rounded: the result once more in bf16, for the product that follows; may be null
extern "C" __global__ void rms_norm(
    float *out, bf16 *rounded, const float *x, const float *gain, int cols, float eps) {
    long long row = (long long)blockIdx.x * cols;
    float inverse = inverse_rms(x + row, cols, eps);
    for (int c = threadIdx.x; c < cols; c += blockDim.x) {
        float y = x[row + c] * inverse * gain[c];
        out[row + c] = y;
        if (rounded) rounded[row + c] = narrow<bf16>(y);
    }
}

// With r = 1/rms: dx += r·(dout⊙gain) - x·r³/cols·Σ dout⊙gain⊙x
extern "C" __global__ void rms_norm_backward(
    float *dx, const float *dout, const float *x, const float *gain, int cols, float eps) {
    long long row = (long long)blockIdx.x * cols;
    float inverse = inverse_rms(x + row, cols, eps);
    float dot = 0;
    for (int c = threadIdx.x; c < cols; c += blockDim.x) dot += dout[row + c] * gain[c] * x[row + c];
    float along = block_sum(dot) * inverse * inverse * inverse / cols;
    for (int c = threadIdx.x; c < cols; c += blockDim.x)
        dx[row + c] += dout[row + c] * gain[c] * inverse - x[row + c] * along;
}

// ---- rotary positions (Su et al., 2021), in the two-halves layout; one block a row. sign -1 is the gradient. ----

extern "C" __global__ void rope(
    float *x, const int *positions, const float *cosine, const float *sine, int table, int heads, int half, float sign) {
    int position = max(0, min(positions[blockIdx.x], table - 1));
    const float *c = cosine + (long long)position * half;
    const float *s = sine + (long long)position * half;
    float *row = x + (long long)blockIdx.x * heads * half * 2;
    for (int i = threadIdx.x; i < heads * half; i += blockDim.x) {
        int at = i / half * half * 2 + i % half;
        float a = row[at], b = row[at + half];
        float sn = sign * s[i % half], cs = c[i % half];
        row[at] = a * cs - b * sn;
        row[at + half] = b * cs + a * sn;
    }
}

// ---- gated linear unit (Shazeer, 2020) ----

// rounded: as in rms_norm
extern "C" __global__ void swiglu(float *out, bf16 *rounded, const float *gate, const float *up, long long n) {
    long long i = element();
    if (i >= n) return;
    float g = gate[i];
    float y = g / (1.0f + expf(-g)) * up[i];
    out[i] = y;
    if (rounded) rounded[i] = narrow<bf16>(y);
}

// dup may be dout
extern "C" __global__ void swiglu_backward(
    float *dgate, float *dup, const float *dout, const float *gate, const float *up, long long n) {
    long long i = element();
    if (i >= n) return;
    float g = gate[i], d = dout[i], u = up[i];
    float s = 1.0f / (1.0f + expf(-g));
    dgate[i] = d * u * s * (1.0f + g * (1.0f - s));
    dup[i] = d * g * s;
}
