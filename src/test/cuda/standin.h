// What g++ reads instead of CUDA's headers: the part of CUDA C++ that kernels here use, for threads that are fibers.
// A kernel is compiled as a plain function; runner.cpp calls it once for each thread of each block.
#pragma once

#include "standin_kernel.h"
#include "standin_threads.h"

#include <math.h>

#define __global__
#define __device__
#define __host__
#define __constant__ static
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __launch_bounds__(...)
#define __align__(n) __attribute__((aligned(n)))
// One of each OS thread, which runs one block at a time; filled with NaN before each block.
#define __shared__ static thread_local
#define DYNAMIC_SHARED(type, name) type *name = reinterpret_cast<type *>(standin::own().block->dynamic)

struct alignas(8) float2 {
    float x, y;
};
struct alignas(16) float4 {
    float x, y, z, w;
};
struct alignas(8) int2 {
    int x, y;
};
struct alignas(16) int4 {
    int x, y, z, w;
};
struct alignas(8) uint2 {
    unsigned x, y;
};
struct alignas(16) uint4 {
    unsigned x, y, z, w;
};
inline float2 make_float2(float x, float y) { return {x, y}; }
inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }
inline int2 make_int2(int x, int y) { return {x, y}; }
inline int4 make_int4(int x, int y, int z, int w) { return {x, y, z, w}; }
inline uint2 make_uint2(unsigned x, unsigned y) { return {x, y}; }
inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }

namespace standin {
template <typename T> inline uint64_t bits(T value) {
    static_assert(sizeof(T) <= 8);
    uint64_t bits = 0;
    memcpy(&bits, &value, sizeof(T));
    return bits;
}

template <typename T> inline T from_bits(uint64_t bits) {
    T value;
    memcpy(&value, &bits, sizeof(T));
    return value;
}

// What the lane gave, or what nobody should use where there is none.
template <typename T> inline T of_lane(const Exchange &all, int lane) {
    return from_bits<T>((all.present >> lane & 1) ? all.value[lane] : 0x7ff77ff77ff77ff7);
}
} // namespace standin

#define threadIdx (standin::own().index)
#define blockIdx (standin::own().block->index)
#define blockDim (standin::own().block->threads)
#define gridDim (standin::own().block->grid)
#define warpSize 32

#define STANDIN_SITE int line = __builtin_LINE()

inline void __syncthreads(STANDIN_SITE, const char *file = __builtin_FILE()) { standin::barrier(line, file); }
inline void __syncwarp(unsigned mask = 0xffffffffu, STANDIN_SITE) { standin::exchange(0, mask, "__syncwarp", line); }
inline void __threadfence() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
inline void __threadfence_block() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

template <typename T> inline T __shfl_sync(unsigned mask, T value, int from, int width = 32, STANDIN_SITE) {
    auto &all = standin::exchange(standin::bits(value), mask, "__shfl_sync", line);
    int lane = standin::lane();
    return standin::of_lane<T>(all, (lane & ~(width - 1)) | (from & (width - 1)));
}

template <typename T> inline T __shfl_down_sync(unsigned mask, T value, unsigned by, int width = 32, STANDIN_SITE) {
    auto &all = standin::exchange(standin::bits(value), mask, "__shfl_down_sync", line);
    int lane = standin::lane(), from = lane + (int)by;
    return standin::of_lane<T>(all, from / width == lane / width ? from : lane);
}

template <typename T> inline T __shfl_up_sync(unsigned mask, T value, unsigned by, int width = 32, STANDIN_SITE) {
    auto &all = standin::exchange(standin::bits(value), mask, "__shfl_up_sync", line);
    int lane = standin::lane(), from = lane - (int)by;
    return standin::of_lane<T>(all, from >= lane / width * width ? from : lane);
}

template <typename T> inline T __shfl_xor_sync(unsigned mask, T value, int bits, int width = 32, STANDIN_SITE) {
    auto &all = standin::exchange(standin::bits(value), mask, "__shfl_xor_sync", line);
    int lane = standin::lane(), from = lane ^ bits;
    return standin::of_lane<T>(all, from / width <= lane / width ? from : lane);
}

inline unsigned __ballot_sync(unsigned mask, int predicate, STANDIN_SITE) {
    auto &all = standin::exchange(predicate != 0, mask, "__ballot_sync", line);
    unsigned votes = 0;
    for (int lane = 0; lane < 32; lane++)
        if ((all.present >> lane & 1) && all.value[lane]) votes |= 1u << lane;
    return votes;
}

inline int __any_sync(unsigned mask, int predicate, STANDIN_SITE) { return __ballot_sync(mask, predicate, line) != 0; }
inline int __all_sync(unsigned mask, int predicate, STANDIN_SITE) { return __ballot_sync(mask, !predicate, line) == 0; }

// ---- atomics: real ones, since the blocks of a grid are spread over threads of the system ----

inline int atomicAdd(int *at, int value) { return __atomic_fetch_add(at, value, __ATOMIC_RELAXED); }
inline unsigned atomicAdd(unsigned *at, unsigned value) { return __atomic_fetch_add(at, value, __ATOMIC_RELAXED); }
inline float atomicAdd(float *at, float value) {
    uint32_t *bits = reinterpret_cast<uint32_t *>(at), old = __atomic_load_n(bits, __ATOMIC_RELAXED);
    while (!__atomic_compare_exchange_n(
        bits, &old, (uint32_t)standin::bits(standin::from_bits<float>(old) + value), true, __ATOMIC_RELAXED,
        __ATOMIC_RELAXED)) {
    }
    return standin::from_bits<float>(old);
}

namespace standin {
template <typename T, typename F> inline T update(T *at, F to) {
    T old = __atomic_load_n(at, __ATOMIC_RELAXED);
    while (!__atomic_compare_exchange_n(at, &old, to(old), true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
    }
    return old;
}
} // namespace standin

inline int atomicMax(int *at, int value) {
    return standin::update(at, [=](int old) { return old > value ? old : value; });
}
inline unsigned atomicMax(unsigned *at, unsigned value) {
    return standin::update(at, [=](unsigned old) { return old > value ? old : value; });
}
inline int atomicMin(int *at, int value) {
    return standin::update(at, [=](int old) { return old < value ? old : value; });
}
inline unsigned atomicMin(unsigned *at, unsigned value) {
    return standin::update(at, [=](unsigned old) { return old < value ? old : value; });
}
inline int atomicOr(int *at, int value) { return __atomic_fetch_or(at, value, __ATOMIC_RELAXED); }
inline unsigned atomicOr(unsigned *at, unsigned value) { return __atomic_fetch_or(at, value, __ATOMIC_RELAXED); }
inline int atomicExch(int *at, int value) { return __atomic_exchange_n(at, value, __ATOMIC_RELAXED); }
inline unsigned atomicExch(unsigned *at, unsigned value) { return __atomic_exchange_n(at, value, __ATOMIC_RELAXED); }
inline int atomicCAS(int *at, int expected, int value) {
    __atomic_compare_exchange_n(at, &expected, value, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
    return expected;
}
inline unsigned atomicCAS(unsigned *at, unsigned expected, unsigned value) {
    __atomic_compare_exchange_n(at, &expected, value, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
    return expected;
}

// ---- arithmetic ----

inline int __popc(unsigned x) { return __builtin_popcount(x); }
inline int __clz(int x) { return x == 0 ? 32 : __builtin_clz((unsigned)x); }
inline int __ffs(int x) { return __builtin_ffs(x); }
inline int __float_as_int(float x) { return standin::from_bits<int>(standin::bits(x)); }
inline float __int_as_float(int x) { return standin::from_bits<float>(standin::bits(x)); }
inline unsigned __float_as_uint(float x) { return standin::from_bits<unsigned>(standin::bits(x)); }
inline float __uint_as_float(unsigned x) { return standin::from_bits<float>(standin::bits(x)); }
inline float __expf(float x) { return expf(x); }
inline float __fmaf_rn(float a, float b, float c) { return fmaf(a, b, c); }
inline float __fdividef(float a, float b) { return a / b; }
inline float rsqrtf(float x) { return 1.0f / sqrtf(x); }
template <typename T> inline T __ldg(const T *at) { return *at; }

inline int min(int a, int b) { return a < b ? a : b; }
inline int max(int a, int b) { return a > b ? a : b; }
inline unsigned min(unsigned a, unsigned b) { return a < b ? a : b; }
inline unsigned max(unsigned a, unsigned b) { return a > b ? a : b; }
inline long long min(long long a, long long b) { return a < b ? a : b; }
inline long long max(long long a, long long b) { return a > b ? a : b; }
inline float min(float a, float b) { return fminf(a, b); }
inline float max(float a, float b) { return fmaxf(a, b); }
inline double min(double a, double b) { return fmin(a, b); }
inline double max(double a, double b) { return fmax(a, b); }

// ---- bfloat16: rounded to the nearest, ties to even ----

struct __nv_bfloat16 {
    uint16_t bits;

    __nv_bfloat16() = default;
    __nv_bfloat16(float x) {
        uint32_t b = (uint32_t)standin::bits(x);
        bits = x != x ? 0x7fff : (uint16_t)((b + 0x7fff + (b >> 16 & 1)) >> 16);
    }
    operator float() const { return standin::from_bits<float>((uint64_t)bits << 16); }
};
inline __nv_bfloat16 __float2bfloat16(float x) { return __nv_bfloat16(x); }
inline __nv_bfloat16 __float2bfloat16_rn(float x) { return __nv_bfloat16(x); }
inline float __bfloat162float(__nv_bfloat16 x) { return x; }
inline unsigned short __bfloat16_as_ushort(__nv_bfloat16 x) { return x.bits; }
inline __nv_bfloat16 __ushort_as_bfloat16(unsigned short bits) {
    __nv_bfloat16 x;
    x.bits = bits;
    return x;
}

#include "standin_wmma.h"
