// What the stand-in's own test runs (StandInTest); selftest.ptx is made of it as the other files' PTX.
#define PRAG_WMMA
#include "common.cuh"

// out[lane] of seven primitives, 32 values each; one warp
extern "C" __global__ void selftest_warp(int *out) {
    int lane = threadIdx.x;
    out[lane] = __shfl_sync(FULL_MASK, lane, 5);
    out[32 + lane] = __shfl_down_sync(FULL_MASK, lane, 3);
    out[64 + lane] = __shfl_up_sync(FULL_MASK, lane, 3);
    out[96 + lane] = __shfl_xor_sync(FULL_MASK, lane, 1, 8);
    out[128 + lane] = (int)__ballot_sync(FULL_MASK, lane % 3 == 0);
    out[160 + lane] = __any_sync(FULL_MASK, lane == 7);
    out[192 + lane] = __all_sync(FULL_MASK, lane == 7);
}

// Reverses the 256 values of each block through shared memory.
extern "C" __global__ void __launch_bounds__(256) selftest_reverse(float *x) {
    __shared__ float block[256];
    float *mine = x + blockIdx.x * 256;
    block[threadIdx.x] = mine[threadIdx.x];
    __syncthreads();
    mine[threadIdx.x] = block[255 - threadIdx.x];
}

// The same without the barrier that it needs.
extern "C" __global__ void selftest_race(float *x) {
    __shared__ float block[256];
    block[threadIdx.x] = x[threadIdx.x];
    x[threadIdx.x] = block[255 - threadIdx.x];
}

// The sums of a block's values, through dynamic shared memory of blockDim.x values.
extern "C" __global__ void selftest_dynamic(float *out, const float *x) {
    DYNAMIC_SHARED(float, values);
    values[threadIdx.x] = x[blockIdx.x * blockDim.x + threadIdx.x];
    __syncthreads();
    if (threadIdx.x == 0) {
        float sum = 0;
        for (unsigned i = 0; i < blockDim.x; i++) sum += values[i];
        out[blockIdx.x] = sum;
    }
}

// counters: sum, most, least, or, and how often a lock was taken
extern "C" __global__ void selftest_atomics(int *counters, float *sum) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    atomicAdd(&counters[0], i);
    atomicMax(&counters[1], i);
    atomicMin(&counters[2], i);
    atomicOr(&counters[3], 1 << i % 20);
    if (atomicCAS(&counters[4], 0, 1) == 0) atomicAdd(&counters[5], 1);
    atomicAdd(sum, 1.0f);
}

extern "C" __global__ void selftest_fill(float *x, int n, float value) {
    long long i = element();
    if (i < n) x[i] = value;
}

extern "C" __global__ void selftest_add(float *out, const float *a, const float *b, long long n) {
    long long i = element();
    if (i < n) out[i] = a[i] + b[i];
}

// The lanes of a warp wait at different places.
extern "C" __global__ void selftest_divergent(float *x) {
    if (threadIdx.x % 2 == 0) __syncthreads();
    else x[threadIdx.x] = __shfl_sync(FULL_MASK, x[threadIdx.x], 0);
}

// d = a·b of 16x16, a by rows and b by columns; one warp
extern "C" __global__ void selftest_tensor_core(float *d, const bf16 *a, const bf16 *b) {
    using namespace nvcuda::wmma;
    fragment<matrix_a, 16, 16, 16, bf16, row_major> x;
    fragment<matrix_b, 16, 16, 16, bf16, col_major> y;
    fragment<accumulator, 16, 16, 16, float> sum;
    fill_fragment(sum, 0.0f);
    load_matrix_sync(x, a, 16);
    load_matrix_sync(y, b, 16);
    mma_sync(sum, x, y, sum);
    store_matrix_sync(d, sum, 16, mem_row_major);
}
