// Low-rank side branches (Hu et al., 2022) of all spans of a batch at once: y += scale·(x Aᵀ) B in two launches, whatever
// the mix of adapters, and their gradients. A lies as [rank, in] and B transposed as [rank, out], so that both are read
// along rows. Hidden values are scale·(x Aᵀ), a row's for all of its adapters side by side.
#include "common.cuh"

// Rows that are computed together, so that A and B are read once for them.
#define TILE 8
// Vectors of B, of one row's adapters, that a block has at hand.
#define VECTORS 64
// Vectors of A whose gradients a block sums at once.
#define GROUP 8
// Columns of such a block.
#define COLUMNS 128
// Rows of a piece at most.
#define PIECE 64

// Some rows of a span. Places beyond the last piece have no rows.
struct LoraPiece {
    // where the hidden values of its first row lie
    int hidden;
    int row, rows;
    // its adapters are uses[first, first + parts)
    int first, parts;
    // vectors of A of all of them: hidden values of a row
    int ranks;
};

// One of a piece's adapters.
struct LoraUse {
    // elements of the slab
    long long a, b;
    int rank;
    float scale;
    // of the piece; hidden is where this adapter's values of the first row lie
    int hidden, row, rows, ranks;
};

// ---- hidden values: a block for a tile of rows and some vectors of one adapter ----

// The dot products of ROWS rows with RANKS vectors; those beyond rows and count repeat the last one. A pair's sum runs in
// the same order for all ROWS and RANKS.
template <int ROWS, int RANKS>
__device__ void dots(float *hidden, const float *x, const float *vectors, int rows, int n, int ranks, int count, float scale) {
    __shared__ float partial[32][ROWS * RANKS];
    float sum[ROWS][RANKS];
    for (int r = 0; r < ROWS; r++)
        for (int j = 0; j < RANKS; j++) sum[r][j] = 0;
#pragma unroll(ROWS == 1 ? 8 : 1)
    for (int k = threadIdx.x; k < n; k += blockDim.x) {
        float a[RANKS];
#pragma unroll
        for (int j = 0; j < RANKS; j++) a[j] = vectors[(long long)min(j, count - 1) * n + k];
#pragma unroll
        for (int r = 0; r < ROWS; r++) {
            float value = x[(long long)min(r, rows - 1) * n + k];
#pragma unroll
            for (int j = 0; j < RANKS; j++) sum[r][j] = fmaf(value, a[j], sum[r][j]);
        }
    }
    int lane = threadIdx.x % 32, warp = threadIdx.x / 32, warps = blockDim.x / 32;
#pragma unroll
    for (int r = 0; r < ROWS; r++)
#pragma unroll
        for (int j = 0; j < RANKS; j++) {
            float total = warp_sum(sum[r][j]);
            if (lane == 0) partial[warp][r * RANKS + j] = total;
        }
    __syncthreads();
    for (int i = threadIdx.x; i < ROWS * RANKS; i += blockDim.x) {
        int r = i / RANKS, j = i % RANKS;
        float total = 0;
        for (int w = 0; w < warps; w++) total += partial[w][i];
        if (r < rows && j < count) hidden[(long long)r * ranks + j] = scale * total;
    }
}

// Blocks: x a use's tile, y a group of its vectors, z 0 for u = scale·(x Aᵀ) and 1 for v = scale·(dy Bᵀ).
extern "C" __global__ void __launch_bounds__(512) lora_shrink(
    float *u, float *v, const float *x, const float *dy, const float *slab, const LoraUse *uses, int in, int out,
    int tiles, int group) {
    LoraUse use = uses[blockIdx.x / tiles];
    int from = (int)(blockIdx.x % tiles) * TILE;
    int vector = (int)blockIdx.y * group;
    int rows = min(TILE, use.rows - from);
    int count = min(group, use.rank - vector);
    if (rows <= 0 || count <= 0) return;
    bool ofB = blockIdx.z == 1;
    int n = ofB ? out : in;
    const float *values = (ofB ? dy : x) + (long long)(use.row + from) * n;
    const float *vectors = slab + (ofB ? use.b : use.a) + (long long)vector * n;
    float *hidden = (ofB ? v : u) + use.hidden + (long long)from * use.ranks + vector;
    if (rows == 1) {
        if (count <= 2) dots<1, 2>(hidden, values, vectors, rows, n, use.ranks, count, use.scale);
        else dots<1, 4>(hidden, values, vectors, rows, n, use.ranks, count, use.scale);
    } else {
        if (count <= 2) dots<TILE, 2>(hidden, values, vectors, rows, n, use.ranks, count, use.scale);
        else dots<TILE, 4>(hidden, values, vectors, rows, n, use.ranks, count, use.scale);
    }
}

// ---- y += hidden·B: a block for a tile of rows and some columns ----

template <int ROWS>
__device__ void add_branches(
    float *y, const float *hidden, const float *slab, const LoraPiece &piece, const LoraUse *uses, int rows, int n,
    bool ofB) {
    __shared__ long long place[VECTORS];
    __shared__ float factor[VECTORS][ROWS];
    int column = (int)(blockIdx.y * blockDim.x + threadIdx.x);
    bool inside = column < n;
    float before[ROWS], sum[ROWS];
#pragma unroll
    for (int r = 0; r < ROWS; r++) {
        before[r] = inside && r < rows ? y[(long long)r * n + column] : 0.0f;
        sum[r] = 0;
    }
    for (int first = 0; first < piece.ranks; first += VECTORS) {
        int count = min(VECTORS, piece.ranks - first);
        __syncthreads();
        for (int i = threadIdx.x; i < count; i += blockDim.x) {
            int part = 0, vector = first + i;
            while (part < piece.parts - 1 && vector >= uses[part].rank) vector -= uses[part++].rank;
            place[i] = (ofB ? uses[part].b : uses[part].a) + (long long)vector * n;
        }
        for (int i = threadIdx.x; i < count * ROWS; i += blockDim.x) {
            int r = i / count, j = i % count;
            factor[j][r] = r < rows ? hidden[(long long)r * piece.ranks + first + j] : 0.0f;
        }
        __syncthreads();
        if (inside) {
#pragma unroll(ROWS == 1 ? 8 : 2)
            for (int j = 0; j < count; j++) {
                float b = slab[place[j] + column];
#pragma unroll
                for (int r = 0; r < ROWS; r++) sum[r] = fmaf(factor[j][r], b, sum[r]);
            }
        }
    }
#pragma unroll
    for (int r = 0; r < ROWS; r++)
        if (inside && r < rows) y[(long long)r * n + column] = before[r] + sum[r];
}

// Blocks: x a piece's tile, y columns. With ofB y has n = out columns; without, dx += v·A, which has n = in.
extern "C" __global__ void lora_expand(
    float *y, const float *hidden, const float *slab, const LoraPiece *pieces, const LoraUse *uses, int n, int tiles,
    int ofB) {
    LoraPiece piece = pieces[blockIdx.x / tiles];
    int from = (int)(blockIdx.x % tiles) * TILE;
    int rows = min(TILE, piece.rows - from);
    if (rows <= 0) return;
    float *to = y + (long long)(piece.row + from) * n;
    const float *values = hidden + piece.hidden + (long long)from * piece.ranks;
    if (rows == 1) add_branches<1>(to, values, slab, piece, uses + piece.first, rows, n, ofB != 0);
    else add_branches<TILE>(to, values, slab, piece, uses + piece.first, rows, n, ofB != 0);
}

// ---- both at once, where there are spans of one row alone: a block for a row and some columns ----

// Vectors that are multiplied together.
#define TOGETHER 8

// Each block computes the row's hidden values for itself, in the order of lora_shrink and lora_expand, so that a row gets
// the same to the last bit. The vectors of B are asked for before it is known what they are multiplied by.
// Blocks: x a piece, y twice as many columns as it has threads, which are those of lora_shrink.
extern "C" __global__ void __launch_bounds__(512) lora_row(
    float *y, const float *x, const float *slab, const LoraPiece *pieces, const LoraUse *uses, int in, int out) {
    __shared__ long long place_a[TOGETHER], place_b[TOGETHER];
    __shared__ float scale[TOGETHER], factor[TOGETHER], partial[32][TOGETHER];
    LoraPiece piece = pieces[blockIdx.x];
    if (piece.rows <= 0) return;
    uses += piece.first;
    x += (long long)piece.row * in;
    y += (long long)piece.row * out;
    int lane = threadIdx.x % 32, warp = threadIdx.x / 32, warps = blockDim.x / 32;
    int left = (int)(2 * blockIdx.y * blockDim.x + threadIdx.x), right = left + (int)blockDim.x;
    float before[2] = {left < out ? y[left] : 0.0f, right < out ? y[right] : 0.0f};
    float sum[2] = {0, 0};
    for (int first = 0; first < piece.ranks; first += TOGETHER) {
        int count = min(TOGETHER, piece.ranks - first);
        __syncthreads();
        if ((int)threadIdx.x < count) {
            int part = 0, vector = first + (int)threadIdx.x;
            while (part < piece.parts - 1 && vector >= uses[part].rank) vector -= uses[part++].rank;
            place_a[threadIdx.x] = uses[part].a + (long long)vector * in;
            place_b[threadIdx.x] = uses[part].b + (long long)vector * out;
            scale[threadIdx.x] = uses[part].scale;
        }
        __syncthreads();
        float b[TOGETHER][2], dot[TOGETHER];
#pragma unroll
        for (int j = 0; j < TOGETHER; j++) {
            b[j][0] = j < count && left < out ? slab[place_b[j] + left] : 0.0f;
            b[j][1] = j < count && right < out ? slab[place_b[j] + right] : 0.0f;
            dot[j] = 0;
        }
#pragma unroll 2
        for (int k = threadIdx.x; k < in; k += blockDim.x) {
            float value = x[k];
#pragma unroll
            for (int j = 0; j < TOGETHER; j++)
                if (j < count) dot[j] = fmaf(value, slab[place_a[j] + k], dot[j]);
        }
#pragma unroll
        for (int j = 0; j < TOGETHER; j++) {
            float total = warp_sum(dot[j]);
            if (lane == 0) partial[warp][j] = total;
        }
        __syncthreads();
        if ((int)threadIdx.x < count) {
            float total = 0;
            for (int w = 0; w < warps; w++) total += partial[w][threadIdx.x];
            factor[threadIdx.x] = scale[threadIdx.x] * total;
        }
        __syncthreads();
#pragma unroll
        for (int j = 0; j < TOGETHER; j++)
            if (j < count) {
                sum[0] = fmaf(factor[j], b[j][0], sum[0]);
                sum[1] = fmaf(factor[j], b[j][1], sum[1]);
            }
    }
    if (left < out) y[left] = before[0] + sum[0];
    if (right < out) y[right] = before[1] + sum[1];
}

// ---- gradients of A and B: a block for some vectors and columns of one adapter, over all of its rows ----

template <int RANKS>
__device__ void sum_gradients(
    float *grads, const float *hidden, const float *x, const LoraUse *uses, const int *order, int from, int to, int vector,
    int count, int n, int firstColumn) {
    const int each = COLUMNS / 32;
    __shared__ float factor[PIECE][RANKS];
    __shared__ float partial[8][COLUMNS];
    int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
    float sum[each][RANKS];
#pragma unroll
    for (int i = 0; i < each; i++)
#pragma unroll
        for (int j = 0; j < RANKS; j++) sum[i][j] = 0;
    for (int u = from; u < to; u++) {
        LoraUse use = uses[order[u]];
        __syncthreads();
        for (int i = threadIdx.x; i < use.rows * RANKS; i += blockDim.x) {
            int r = i / RANKS, j = i % RANKS;
            factor[r][j] = j < count ? hidden[use.hidden + (long long)r * use.ranks + vector + j] : 0.0f;
        }
        __syncthreads();
        for (int r = warp; r < use.rows; r += 8) {
            const float *row = x + (long long)(use.row + r) * n;
#pragma unroll
            for (int i = 0; i < each; i++) {
                int column = firstColumn + lane + 32 * i;
                float value = column < n ? row[column] : 0.0f;
#pragma unroll
                for (int j = 0; j < RANKS; j++) sum[i][j] = fmaf(factor[r][j], value, sum[i][j]);
            }
        }
    }
#pragma unroll
    for (int j = 0; j < RANKS; j++) {
        __syncthreads();
#pragma unroll
        for (int i = 0; i < each; i++) partial[warp][lane + 32 * i] = sum[i][j];
        __syncthreads();
        int column = firstColumn + (int)threadIdx.x;
        if (threadIdx.x < COLUMNS && column < n && j < count) {
            float total = 0;
            for (int w = 0; w < 8; w++) total += partial[w][threadIdx.x];
            grads[(long long)j * n + column] += total;
        }
    }
}

// Blocks of 256 threads: x an adapter, whose uses are order[starts[x], starts[x + 1]); y columns, those of A first; z a group
// of vectors.
extern "C" __global__ void __launch_bounds__(256) lora_gradients(
    float *grads, const float *u, const float *v, const float *x, const float *dy, const LoraUse *uses, const int *order,
    const int *starts, int in, int out) {
    int from = starts[blockIdx.x], to = starts[blockIdx.x + 1];
    if (from == to) return;
    LoraUse use = uses[order[from]];
    int vector = (int)blockIdx.z * GROUP;
    int count = min(GROUP, use.rank - vector);
    if (count <= 0) return;
    int ofA = (in + COLUMNS - 1) / COLUMNS;
    bool isA = (int)blockIdx.y < ofA;
    int n = isA ? in : out;
    int column = ((int)blockIdx.y - (isA ? 0 : ofA)) * COLUMNS;
    float *to_grads = grads + (isA ? use.a : use.b) + (long long)vector * n;
    const float *hidden = isA ? v : u;
    const float *values = isA ? x : dy;
    if (count <= 2) sum_gradients<2>(to_grads, hidden, values, uses, order, from, to, vector, count, n, column);
    else sum_gradients<GROUP>(to_grads, hidden, values, uses, order, from, to, vector, count, n, column);
}

// ---- bounds of updates ----

struct LoraBound {
    long long a, b;
    int in, out, rank;
    float scale;
    // of ‖scale·BᵀA‖
    float most;
    int unused;
};

// sums[bound, i] <- Σ over j >= i of (AAᵀ)ij·(BBᵀ)ij, both halves of the symmetric matrices; blocks: x bound, y i
extern "C" __global__ void lora_norms(double *sums, const float *slab, const LoraBound *bounds) {
    LoraBound bound = bounds[blockIdx.x];
    int i = blockIdx.y;
    if (i >= bound.rank) return;
    double total = 0;
    for (int j = i; j < bound.rank; j++) {
        float a = 0, b = 0;
        const float *ai = slab + bound.a + (long long)i * bound.in, *aj = slab + bound.a + (long long)j * bound.in;
        const float *bi = slab + bound.b + (long long)i * bound.out, *bj = slab + bound.b + (long long)j * bound.out;
        for (int k = threadIdx.x; k < bound.in; k += blockDim.x) a = fmaf(ai[k], aj[k], a);
        for (int k = threadIdx.x; k < bound.out; k += blockDim.x) b = fmaf(bi[k], bj[k], b);
        a = block_sum(a);
        b = block_sum(b);
        total += (i == j ? 1.0 : 2.0) * a * b;
    }
    if (threadIdx.x == 0) sums[(long long)blockIdx.x * gridDim.y + i] = total;
}

// B <- B·min(1, most / norm); blocks: x bound, y some of B. ranks is the distance of bounds in sums.
extern "C" __global__ void lora_bound(float *slab, const double *sums, const LoraBound *bounds, int ranks) {
    LoraBound bound = bounds[blockIdx.x];
    double square = 0;
    for (int i = 0; i < bound.rank; i++) square += sums[(long long)blockIdx.x * ranks + i];
    double norm = (bound.scale < 0 ? -bound.scale : bound.scale) * sqrt(square > 0 ? square : 0.0);
    if (!(norm > bound.most)) return;
    float factor = (float)(bound.most / norm);
    long long size = (long long)bound.rank * bound.out;
    for (long long i = (long long)blockIdx.y * blockDim.x + threadIdx.x; i < size; i += (long long)gridDim.y * blockDim.x)
        slab[bound.b + i] *= factor;
}
