// What is read off logits: losses with their gradients, log-probabilities, entropy. One block a row.
#include "common.cuh"

#define MOST 3.402823466e38f

// The largest number of a row and Σ e^(x - largest), in every thread: in one pass, in which each thread has a maximum of
// its own. skip, where given, has a bit for each column that is left out.
__device__ inline void normaliser(const float *row, int n, const unsigned *skip, float &largest, float &sum) {
    const int each = 4;
    float most = -MOST, total = 0;
    for (int first = threadIdx.x; first < n; first += each * blockDim.x) {
        float x[each];
#pragma unroll
        for (int i = 0; i < each; i++) {
            int c = first + i * (int)blockDim.x;
            bool counts = c < n && !(skip && (skip[c / 32] >> (c % 32) & 1));
            x[i] = counts ? row[c] : -infinity();
        }
        float here = fmaxf(fmaxf(x[0], x[1]), fmaxf(x[2], x[3]));
        if (here > most) {
            total *= expf(most - here);
            most = here;
        }
#pragma unroll
        for (int i = 0; i < each; i++) total += expf(x[i] - most);
    }
    largest = block_max(most);
    sum = block_sum(total * expf(most - largest));
}

__device__ inline int bounded(int id, int n) { return max(0, min(id, n - 1)); }

// dlogits may be logits, or null
extern "C" __global__ void cross_entropy(
    float *losses, float *dlogits, const float *logits, const int *labels, const float *scales, int n) {
    const float *row = logits + (long long)blockIdx.x * n;
    int label = bounded(labels[blockIdx.x], n);
    float largest, sum, at_label = row[label];
    normaliser(row, n, nullptr, largest, sum);
    if (threadIdx.x == 0) losses[blockIdx.x] = largest - at_label + logf(sum);
    if (!dlogits) return;
    float scale = scales[blockIdx.x], factor = scale / sum;
    float *to = dlogits + (long long)blockIdx.x * n;
    for (int c = threadIdx.x; c < n; c += blockDim.x) {
        float share = factor * expf(row[c] - largest);
        to[c] = c == label ? share - scale : share;
    }
}

// The rest's share is summed without the known ids: as a difference it would be lost in rounding where they are nearly all.
// Dynamic shared memory: a bit for each of n columns. dlogits may be logits, or null.
extern "C" __global__ void soft_cross_entropy(
    float *losses, float *dlogits, const float *logits, const int *ids, const float *probabilities, const float *scales,
    int n, int k) {
    DYNAMIC_SHARED(unsigned, known);
    const float *row = logits + (long long)blockIdx.x * n;
    ids += (long long)blockIdx.x * k;
    probabilities += (long long)blockIdx.x * k;
    for (int i = threadIdx.x; i < (n + 31) / 32; i += blockDim.x) known[i] = 0;
    __syncthreads();
    float mass = 0, most = -MOST;
    for (int i = threadIdx.x; i < k; i += blockDim.x) {
        int id = bounded(ids[i], n);
        atomicOr(&known[id / 32], 1u << (id % 32));
        mass += probabilities[i];
        most = fmaxf(most, row[id]);
    }
    __syncthreads();
    mass = block_sum(mass);
    most = block_max(most);
    float rest = fmaxf(0.0f, 1.0f - mass);

    float largest, rest_sum;
    normaliser(row, n, known, largest, rest_sum);
    float top = fmaxf(most, largest), known_sum = 0;
    for (int i = threadIdx.x; i < k; i += blockDim.x) known_sum += expf(row[bounded(ids[i], n)] - top);
    // of all: ln Σ e^(x - top)
    float log_sum = logf(block_sum(known_sum) + rest_sum * expf(largest - top));

    float loss = 0;
    for (int i = threadIdx.x; i < k; i += blockDim.x)
        loss += probabilities[i] * (top - row[bounded(ids[i], n)] + log_sum);
    loss = block_sum(loss);
    if (threadIdx.x == 0) losses[blockIdx.x] = loss + rest * (top - largest + log_sum - logf(rest_sum));
    if (!dlogits) return;

    float scale = scales[blockIdx.x], all = mass + rest;
    float factor = scale * (all * expf(largest - top - log_sum) - rest / rest_sum);
    float *to = dlogits + (long long)blockIdx.x * n;
    for (int c = threadIdx.x; c < n; c += blockDim.x)
        if (!(known[c / 32] >> (c % 32) & 1)) to[c] = factor * expf(row[c] - largest);
    for (int i = threadIdx.x; i < k; i += blockDim.x) {
        int id = bounded(ids[i], n);
        to[id] = scale * (all * expf(row[id] - top - log_sum) - probabilities[i]);
    }
}

extern "C" __global__ void log_probabilities(float *out, const float *logits, const int *ids, int n) {
    const float *row = logits + (long long)blockIdx.x * n;
    float largest, sum;
    normaliser(row, n, nullptr, largest, sum);
    if (threadIdx.x == 0) out[blockIdx.x] = row[bounded(ids[blockIdx.x], n)] - largest - logf(sum);
}

// With Z = Σ e^(x - largest): ln Z - Σ (x - largest) e^(x - largest) / Z
extern "C" __global__ void entropy(float *out, const float *logits, int n) {
    const float *row = logits + (long long)blockIdx.x * n;
    float most = -MOST;
    for (int c = threadIdx.x; c < n; c += blockDim.x) most = fmaxf(most, row[c]);
    most = block_max(most);
    float sum = 0, weighted = 0;
    for (int c = threadIdx.x; c < n; c += blockDim.x) {
        // Below e^-200 a term is nothing, and an impossible token must not become NaN.
        float x = row[c] - most;
        x = x < -200.0f ? -200.0f : x;
        float e = expf(x);
        sum += e;
        weighted += x * e;
    }
    sum = block_sum(sum);
    weighted = block_sum(weighted);
    if (threadIdx.x == 0) out[blockIdx.x] = logf(sum) - weighted / sum;
}
