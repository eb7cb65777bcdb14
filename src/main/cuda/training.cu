// Steps of the optimiser.
#include "common.cuh"

// Elements of the slabs that take a step together. The corrections are 1/(1-β₁ᵗ) and 1/(1-β₂ᵗ) of that step t.
struct AdamRange {
    long long offset, length;
    float first, second;
};

// AdamW (Loshchilov and Hutter, 2019); decay is 1 - rate·λ. Blocks: x some of a range, y the range.
extern "C" __global__ void adamw(
    float *p, const float *g, float *m, float *v, const AdamRange *ranges, float rate, float decay, float beta1,
    float rest1, float beta2, float rest2, float epsilon) {
    AdamRange range = ranges[blockIdx.y];
    long long stride = (long long)gridDim.x * blockDim.x;
    for (long long i = element(); i < range.length; i += stride) {
        long long at = range.offset + i;
        float gradient = g[at];
        float first = beta1 * m[at] + rest1 * gradient;
        float second = beta2 * v[at] + rest2 * gradient * gradient;
        m[at] = first;
        v[at] = second;
        p[at] = p[at] * decay - rate * (first * range.first / (sqrtf(second * range.second) + epsilon));
    }
}
