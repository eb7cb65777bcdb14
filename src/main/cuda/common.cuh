// What every kernel file includes: types, sums over warps and blocks in a fixed order, and nothing that NVRTC, nvcc and
// g++ (with the stand-in's header) don't share. A file that uses tensor cores defines PRAG_WMMA before.
#pragma once

#ifdef PRAG_STANDIN
#include "standin.h"
#else
#include <cuda_bf16.h>
#ifdef PRAG_WMMA
#include <mma.h>
#endif
// Shared memory whose size the launch says.
#define DYNAMIC_SHARED(type, name)                           \
    extern __shared__ __align__(16) unsigned char prag_shared[]; \
    type *name = reinterpret_cast<type *>(prag_shared)
#endif

#define FULL_MASK 0xffffffffu

typedef __nv_bfloat16 bf16;

__device__ inline float infinity() { return __int_as_float(0x7f800000); }

// Numbers are computed with in f32, whatever they are kept in.
__device__ inline float widen(float x) { return x; }
__device__ inline float widen(bf16 x) { return __bfloat162float(x); }

template <typename T> __device__ inline T narrow(float x);
template <> __device__ inline float narrow<float>(float x) { return x; }
template <> __device__ inline bf16 narrow<bf16>(float x) { return __float2bfloat16(x); }

// The sum over a warp, in every lane.
__device__ inline float warp_sum(float x) {
    for (int offset = 16; offset > 0; offset /= 2) x += __shfl_xor_sync(FULL_MASK, x, offset);
    return x;
}

__device__ inline float warp_max(float x) {
    for (int offset = 16; offset > 0; offset /= 2) x = fmaxf(x, __shfl_xor_sync(FULL_MASK, x, offset));
    return x;
}

// The sum over a block of at most 1,024 threads, a multiple of 32, in every thread. All threads must call it.
__device__ inline float block_sum(float x) {
    __shared__ float partial[32];
    int lane = threadIdx.x % 32, warp = threadIdx.x / 32, warps = blockDim.x / 32;
    x = warp_sum(x);
    if (lane == 0) partial[warp] = x;
    __syncthreads();
    float total = warp_sum(lane < warps ? partial[lane] : 0.0f);
    __syncthreads();
    return total;
}

__device__ inline float block_max(float x) {
    __shared__ float partial[32];
    int lane = threadIdx.x % 32, warp = threadIdx.x / 32, warps = blockDim.x / 32;
    x = warp_max(x);
    if (lane == 0) partial[warp] = x;
    __syncthreads();
    float most = warp_max(lane < warps ? partial[lane] : -infinity());
    __syncthreads();
    return most;
}

// Element index of a thread in a grid of one dimension.
__device__ inline long long element() { return (long long)blockIdx.x * blockDim.x + threadIdx.x; }
