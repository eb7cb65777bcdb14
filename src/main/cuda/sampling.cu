// The best tokens of rows of logits, and the choice of the next. Logits are compared as keys: unsigned integers in the order
// of the numbers, with what must not be chosen at the bottom.
#include "common.cuh"

// Logits that a block looks through, and its threads.
#define CHUNK 4096
#define SCAN_THREADS 256
#define EACH (CHUNK / SCAN_THREADS)
// Threads of a block that chooses for a row.
#define THREADS 1024
// Classes of logits by their distance from the best, and how many of them there are in a distance of 1.
#define BINS 2048
#define BINS_PER_UNIT 64.0f
// Candidates that are looked at first where there is no top-k.
#define FIRST_CANDIDATES 1024

#define FORBIDDEN 0u
#define NOT_A_NUMBER 1u
#define MINUS_INFINITY 0x007fffffu

// How a row is chosen from.
struct SampleRow {
    double uniform;
    // 0 takes the best
    float temperature;
    float top_p, penalty;
    // 0 is off
    int top_k;
    // the ids of the penalty are seen[seen, seen + seen_count)
    int seen, seen_count;
    // its bits of allowed ids among the masks; -1 allows all
    int mask;
    // where its keys and candidates lie; -1 where it takes the best
    int slot;
};

// What a block found in its chunk: the largest logit, Σ e^(x - largest), and the best that may be chosen.
struct ChunkBest {
    float largest, sum;
    unsigned key;
    int id;
};

__device__ inline unsigned key_of(float x) {
    if (x != x) return NOT_A_NUMBER;
    // 0 and -0 are equals
    unsigned bits = __float_as_uint(x == 0 ? 0.0f : x);
    return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}

__device__ inline float value_of(unsigned key) {
    return __uint_as_float(key & 0x80000000u ? key ^ 0x80000000u : ~key);
}

// ---- sums, counts and bests over a block ----

// The sum of what threads before this one gave, and in total that of all.
__device__ inline int sum_before(int x, int &total) {
    __shared__ int of_warps[32];
    int lane = threadIdx.x % 32, warp = threadIdx.x / 32, warps = blockDim.x / 32;
    int upto = x;
    for (int offset = 1; offset < 32; offset *= 2) {
        int other = __shfl_up_sync(FULL_MASK, upto, offset);
        if (lane >= offset) upto += other;
    }
    if (lane == 31) of_warps[warp] = upto;
    __syncthreads();
    int before = 0;
    total = 0;
    for (int w = 0; w < warps; w++) {
        before += w < warp ? of_warps[w] : 0;
        total += of_warps[w];
    }
    __syncthreads();
    return before + upto - x;
}

// The best key of all threads, with the lowest id among equals.
__device__ inline void block_best(unsigned &key, int &id) {
    __shared__ unsigned keys[32];
    __shared__ int ids[32];
    int lane = threadIdx.x % 32, warp = threadIdx.x / 32, warps = blockDim.x / 32;
    for (int round = 0; round < 2; round++) {
        for (int offset = 16; offset > 0; offset /= 2) {
            unsigned other = __shfl_xor_sync(FULL_MASK, key, offset);
            int other_id = __shfl_xor_sync(FULL_MASK, id, offset);
            if (other > key || (other == key && other_id < id)) {
                key = other;
                id = other_id;
            }
        }
        if (round == 1) break;
        if (lane == 0) {
            keys[warp] = key;
            ids[warp] = id;
        }
        __syncthreads();
        key = lane < warps ? keys[lane] : FORBIDDEN;
        id = lane < warps ? ids[lane] : 0x7fffffff;
        __syncthreads();
    }
}

// ---- every logit, once ----

// Blocks of SCAN_THREADS: x a row, y a chunk. Ids at or above vocab are never chosen. Without rows all is allowed, and every
// row's slot is its index.
extern "C" __global__ void sample_scan(
    ChunkBest *found, unsigned *keys, const float *logits, const SampleRow *rows, const int *seen, const int *masks,
    int columns, int vocab) {
    __shared__ unsigned penalised[CHUNK / 32];
    const float *row = logits + (long long)blockIdx.x * columns;
    int start = (int)blockIdx.y * CHUNK;
    float penalty = 1;
    int slot = blockIdx.x;
    const int *allowed = nullptr;
    if (rows) {
        SampleRow how = rows[blockIdx.x];
        penalty = how.penalty;
        slot = how.slot;
        if (how.mask >= 0) allowed = masks + (long long)how.mask * ((vocab + 63) / 64 * 2);
        for (int i = threadIdx.x; i < CHUNK / 32; i += SCAN_THREADS) penalised[i] = 0;
        __syncthreads();
        for (int i = threadIdx.x; i < how.seen_count; i += SCAN_THREADS) {
            int at = seen[how.seen + i] - start;
            if (at >= 0 && at < CHUNK) atomicOr(&penalised[at / 32], 1u << (at % 32));
        }
        __syncthreads();
    }
    float x[EACH];
    float largest = -infinity();
    unsigned best = FORBIDDEN;
    int best_id = 0x7fffffff;
#pragma unroll
    for (int i = 0; i < EACH; i++) {
        int c = start + (int)threadIdx.x + i * SCAN_THREADS;
        x[i] = c < columns ? row[c] : -infinity();
        largest = fmaxf(largest, x[i]);
    }
    for (int i = 0; i < EACH; i++) {
        int at = (int)threadIdx.x + i * SCAN_THREADS, c = start + at;
        if (c < vocab) {
            float value = x[i];
            if (rows && (penalised[at / 32] >> (at % 32) & 1)) value = value > 0 ? value / penalty : value * penalty;
            bool may = !allowed || ((unsigned)allowed[c / 32] >> (c % 32) & 1);
            unsigned key = may ? key_of(value) : FORBIDDEN;
            if (key > best) {
                best = key;
                best_id = c;
            }
            if (slot >= 0) keys[(long long)slot * vocab + c] = key;
        }
    }
    largest = block_max(largest);
    // A chunk of impossible tokens adds nothing.
    float from = largest == -infinity() ? 0.0f : largest;
    float sum = 0;
#pragma unroll
    for (int i = 0; i < EACH; i++) sum += expf(x[i] - from);
    sum = block_sum(sum);
    block_best(best, best_id);
    if (threadIdx.x == 0) found[(long long)blockIdx.x * gridDim.y + blockIdx.y] = {largest, sum, best, best_id};
}

// What the chunks of a row come to, in every thread.
__device__ inline ChunkBest whole(const ChunkBest *found, int chunks) {
    found += (long long)blockIdx.x * chunks;
    float largest = -infinity();
    unsigned key = FORBIDDEN;
    int id = 0x7fffffff;
    for (int i = threadIdx.x; i < chunks; i += blockDim.x) {
        largest = fmaxf(largest, found[i].largest);
        if (found[i].key > key || (found[i].key == key && found[i].id < id)) {
            key = found[i].key;
            id = found[i].id;
        }
    }
    largest = block_max(largest);
    float sum = 0;
    for (int i = threadIdx.x; i < chunks; i += blockDim.x)
        if (found[i].largest != -infinity()) sum += found[i].sum * expf(found[i].largest - largest);
    sum = block_sum(sum);
    block_best(key, id);
    return {largest, sum, key, id};
}

// ---- candidates: the best of a row, by a threshold ----

// How far a logit is from the best, in classes; the last one holds the rest.
__device__ inline int bin_of(unsigned key, float best) {
    float distance = (best - value_of(key)) * BINS_PER_UNIT;
    return distance < BINS - 1 ? (int)distance : BINS - 1;
}

// The lowest number of classes, from the best on, that hold so many keys above floor; less one. Also how many such keys
// there are.
__device__ inline int threshold(const unsigned *keys, int n, unsigned floor, float best, int wanted, int &possible) {
    __shared__ int counts[BINS];
    __shared__ int last;
    const int each = BINS / THREADS;
    for (int i = threadIdx.x; i < BINS; i += THREADS) counts[i] = 0;
    if (threadIdx.x == 0) last = BINS - 1;
    __syncthreads();
    for (int c = threadIdx.x; c < n; c += THREADS)
        if (keys[c] > floor) atomicAdd(&counts[bin_of(keys[c], best)], 1);
    __syncthreads();
    int first = threadIdx.x * each, mine = 0;
    for (int i = 0; i < each; i++) mine += counts[first + i];
    int before = sum_before(mine, possible);
    for (int i = 0; i < each; i++) {
        if (before < wanted && before + counts[first + i] >= wanted) last = first + i;
        before += counts[first + i];
    }
    __syncthreads();
    int result = last;
    __syncthreads();
    return result;
}

// Writes the ids of the keys above floor that are in a class up to last, in their order; returns how many.
__device__ inline int gather(int *ids, const unsigned *keys, int n, unsigned floor, float best, int last) {
    const int each = 4;
    int count = 0;
    for (int start = 0; start < n; start += each * THREADS) {
        int first = start + (int)threadIdx.x * each, mine = 0;
        bool is[each];
#pragma unroll
        for (int i = 0; i < each; i++) {
            int c = first + i;
            is[i] = c < n && keys[c] > floor && bin_of(keys[c], best) <= last;
            mine += is[i];
        }
        int total, at = count + sum_before(mine, total);
#pragma unroll
        for (int i = 0; i < each; i++)
            if (is[i]) ids[at++] = first + i;
        count += total;
    }
    __syncthreads();
    return count;
}

// ---- order: by key, descending; ids that are in ascending order stay so among equals ----

#define DIGIT_BITS 4
#define DIGITS (1 << DIGIT_BITS)

// The lanes of this one's warp that have the same digit; none where it isn't counted.
__device__ inline unsigned same_digit(int digit, bool counts) {
    unsigned same = __ballot_sync(FULL_MASK, counts);
    for (int bit = 0; bit < DIGIT_BITS; bit++) {
        unsigned with = __ballot_sync(FULL_MASK, digit >> bit & 1);
        same &= digit >> bit & 1 ? with : ~with;
    }
    return counts ? same : 0;
}

// Sorts n ids by radix, from the lowest digit up; returns where they are, which is from or to.
__device__ inline int *sort(int *from, int *to, const unsigned *keys, int n) {
    __shared__ int starts[DIGITS];
    __shared__ int of_warps[DIGITS][32];
    int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    for (int shift = 0; shift < 32; shift += DIGIT_BITS) {
        if (threadIdx.x < DIGITS) starts[threadIdx.x] = 0;
        __syncthreads();
        for (int start = 0; start < n; start += THREADS) {
            int i = start + (int)threadIdx.x;
            bool counts = i < n;
            int digit = counts ? ~keys[from[i]] >> shift & (DIGITS - 1) : 0;
            unsigned same = same_digit(digit, counts);
            if (counts && lane == __ffs(same) - 1) atomicAdd(&starts[digit], __popc(same));
        }
        __syncthreads();
        bool one = false;
        for (int d = 0; d < DIGITS; d++) one = one || starts[d] == n;
        __syncthreads();
        if (one) continue;
        if (threadIdx.x == 0)
            for (int d = 0, before = 0; d < DIGITS; d++) {
                int count = starts[d];
                starts[d] = before;
                before += count;
            }
        for (int start = 0; start < n; start += THREADS) {
            if (threadIdx.x < DIGITS * 32) of_warps[warp][lane] = 0;
            __syncthreads();
            int i = start + (int)threadIdx.x;
            bool counts = i < n;
            int id = counts ? from[i] : 0;
            int digit = counts ? ~keys[id] >> shift & (DIGITS - 1) : 0;
            unsigned same = same_digit(digit, counts);
            int rank = __popc(same & ((1u << lane) - 1));
            if (counts && rank == 0) of_warps[digit][warp] = __popc(same);
            __syncthreads();
            // warp d: where each warp's ids with digit d go
            if (warp < DIGITS) {
                int count = of_warps[warp][lane], upto = count;
                for (int offset = 1; offset < 32; offset *= 2) {
                    int other = __shfl_up_sync(FULL_MASK, upto, offset);
                    if (lane >= offset) upto += other;
                }
                int begin = starts[warp];
                __syncwarp();
                of_warps[warp][lane] = begin + upto - count;
                if (lane == 31) starts[warp] = begin + upto;
            }
            __syncthreads();
            if (counts) to[of_warps[digit][warp] + rank] = id;
            __syncthreads();
        }
        int *other = from;
        from = to;
        to = other;
    }
    return from;
}

// ---- the draw ----

// Sums of candidates' weights in f64; each thread has some candidates that follow each other.
struct Weights {
    const int *ids;
    const unsigned *keys;
    int count;
    float best, temperature;
    // of a thread's candidates, and of all before them
    double mine, before;

    __device__ double of(int i) const { return exp(((double)value_of(keys[ids[i]]) - best) / temperature); }
    __device__ int each() const { return (count + THREADS - 1) / THREADS; }
    __device__ int first() const { return min(count, (int)threadIdx.x * each()); }
    __device__ int end() const { return min(count, first() + each()); }
};

// Fills the weights' sums; returns that of all.
__device__ inline double sum_weights(Weights &weights) {
    __shared__ double upto[THREADS];
    double mine = 0;
    for (int i = weights.first(); i < weights.end(); i++) mine += weights.of(i);
    double sum = mine;
    upto[threadIdx.x] = sum;
    __syncthreads();
    for (int offset = 1; offset < THREADS; offset *= 2) {
        double other = (int)threadIdx.x >= offset ? upto[threadIdx.x - offset] : 0.0;
        __syncthreads();
        sum = other + sum;
        upto[threadIdx.x] = sum;
        __syncthreads();
    }
    weights.mine = mine;
    weights.before = threadIdx.x > 0 ? upto[threadIdx.x - 1] : 0.0;
    double total = upto[THREADS - 1];
    __syncthreads();
    return total;
}

// The first candidate up to and with which the weights come to more than target, or with reach to at least target; count
// if there is none. sum is what they come to there.
__device__ inline int crossing(const Weights &weights, double target, bool reach, double &sum) {
    __shared__ int thread, place;
    __shared__ double at;
    double end = weights.before + weights.mine;
    bool crosses = weights.first() < weights.end() && (reach ? end >= target : end > target);
    if (threadIdx.x == 0) {
        thread = THREADS;
        place = weights.count;
        at = 0;
    }
    __syncthreads();
    if (crosses) atomicMin(&thread, (int)threadIdx.x);
    __syncthreads();
    if ((int)threadIdx.x == thread) {
        double mine = 0;
        int i = weights.first();
        for (; i < weights.end(); i++) {
            mine += weights.of(i);
            double here = weights.before + mine;
            if (reach ? here >= target : here > target) break;
        }
        place = i;
        at = weights.before + mine;
    }
    __syncthreads();
    int result = place;
    sum = at;
    __syncthreads();
    return result;
}

// Draws among sorted candidates. all: whether there are no others; else total is what the weights of all come to. -1 where
// it takes more candidates.
__device__ inline int draw(Weights &weights, const SampleRow &how, bool all, double total) {
    double sum = sum_weights(weights);
    if (all) total = sum;
    int kept = weights.count;
    double mass = total;
    if (how.top_p < 1) {
        int last = crossing(weights, how.top_p * total, true, mass);
        if (last < weights.count) {
            kept = last + 1;
        } else if (!all) {
            return -1;
        } else {
            mass = sum;
        }
    }
    double at;
    int drawn = crossing(weights, how.uniform * mass, false, at);
    if (drawn < kept) return weights.ids[drawn];
    return all || how.top_p < 1 ? weights.ids[kept - 1] : -1;
}

// One block of THREADS a row. candidates has room for 2·vocab ids in each slot.
extern "C" __global__ void __launch_bounds__(THREADS) sample_choose(
    int *ids, float *log_probabilities, const ChunkBest *found, int chunks, const unsigned *keys, int *candidates,
    const float *logits, const SampleRow *rows, int columns, int vocab) {
    SampleRow how = rows[blockIdx.x];
    ChunkBest best = whole(found, chunks);
    float largest = value_of(best.key);
    int chosen = min(best.id, vocab - 1);
    if (how.temperature > 0 && fabsf(largest) < infinity()) {
        keys += (long long)how.slot * vocab;
        candidates += (long long)how.slot * 2 * vocab;
        int possible;
        int wanted = how.top_k > 0 ? how.top_k : FIRST_CANDIDATES;
        int last = threshold(keys, vocab, MINUS_INFINITY, largest, wanted, possible);
        double total = 0;
        if (how.top_k == 0) {
            float sum = 0, inverse = 1.0f / how.temperature;
            for (int c = threadIdx.x; c < vocab; c += THREADS)
                if (keys[c] > MINUS_INFINITY) sum += expf((value_of(keys[c]) - largest) * inverse);
            total = block_sum(sum);
        }
        int drawn = -1;
        while (drawn < 0) {
            int count = gather(candidates, keys, vocab, MINUS_INFINITY, largest, last);
            int *sorted = sort(candidates, candidates + vocab, keys, count);
            bool all = how.top_k > 0 || count == possible;
            if (how.top_k > 0) count = min(count, how.top_k);
            Weights weights = {sorted, keys, count, largest, how.temperature, 0, 0};
            drawn = draw(weights, how, all, total);
            last = BINS - 1;
        }
        chosen = drawn;
    }
    if (threadIdx.x == 0) {
        ids[blockIdx.x] = chosen;
        log_probabilities[blockIdx.x] =
            logits[(long long)blockIdx.x * columns + chosen] - best.largest - logf(best.sum);
    }
}

// ids, log_probabilities [rows, k]: the k best. One block of THREADS a row; candidates as above.
extern "C" __global__ void __launch_bounds__(THREADS) top_k(
    int *ids, float *log_probabilities, const ChunkBest *found, int chunks, const unsigned *keys, int *candidates,
    const float *logits, int columns, int k) {
    ChunkBest best = whole(found, chunks);
    keys += (long long)blockIdx.x * columns;
    candidates += (long long)blockIdx.x * 2 * columns;
    int possible;
    float largest = value_of(best.key);
    int last = threshold(keys, columns, FORBIDDEN, largest, k, possible);
    int count = gather(candidates, keys, columns, FORBIDDEN, largest, last);
    const int *sorted = sort(candidates, candidates + columns, keys, count);
    float normaliser = logf(best.sum);
    for (int i = threadIdx.x; i < k; i += THREADS) {
        int id = sorted[i];
        ids[(long long)blockIdx.x * k + i] = id;
        log_probabilities[(long long)blockIdx.x * k + i] =
            logits[(long long)blockIdx.x * columns + id] - best.largest - normaliser;
    }
}
