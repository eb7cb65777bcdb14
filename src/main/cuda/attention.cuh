// What the kernels of attention share: spans in tables, and where keys and values are.
//
// Query head h reads the keys and values of head h / (heads / kvHeads). q and out are [rows, heads*dim], k and v [rows,
// kvHeads*dim]. All sums are in f32, in an order that depends on nothing but the row's own span.
#pragma once
#include "common.cuh"

// Some rows of a span, eight integers in a table: those that a block has to do with. Tables are longer than what they
// hold; what is left over has no rows.
struct Piece {
    int row;    // its first row in the batch
    int rows;   // its rows
    int first;  // the span's first row in the batch
    int cached; // positions before the span: in the cache, the others in the batch
    int total;  // the span's rows
    int blocks; // where the span's block table begins among all

    // Position of its first row.
    __device__ int position() const { return cached + row - first; }
};

__device__ inline Piece piece(const int *pieces, int index) {
    const int *p = pieces + 8 * index;
    Piece piece = {p[0], p[1], p[2], p[3], p[4], p[5]};
    return piece;
}

#define NOWHERE ((int)0x80000000)

// Where the keys and values of a position are: a row of the cache, or ~row of the batch.
__device__ inline int place(const Piece &s, const int *blocks, int size, int position) {
    if (position >= s.cached) return ~(s.first + position - s.cached);
    return blocks[s.blocks + position / size] * size + position % size;
}

// Element d of one head's row at a place; 0 where there is none.
template <typename T>
__device__ inline float at_place(const T *cached, const float *own, int place, int kvHeads, int head, int dim, int d) {
    if (place == NOWHERE || d >= dim) return 0;
    return place >= 0 ? widen(cached[((long long)place * kvHeads + head) * dim + d])
                      : own[((long long)~place * kvHeads + head) * dim + d];
}

// What a block of the kernels reads that go by elements.
template <typename T> struct Source {
    const float *q, *k, *v;
    const T *keys, *values;
    int heads, kvHeads, dim;
    float scale;

    __device__ int kv_head(int head) const { return head / (heads / kvHeads); }
    __device__ float query(int row, int head, int d) const {
        return d < dim ? scale * q[((long long)row * heads + head) * dim + d] : 0;
    }
    __device__ float of_head(const float *x, int row, int head, int d) const {
        return d < dim ? x[((long long)row * heads + head) * dim + d] : 0;
    }
    __device__ float key(int place, int head, int d) const {
        return at_place(keys, k, place, kvHeads, head, dim, d);
    }
    __device__ float value(int place, int head, int d) const {
        return at_place(values, v, place, kvHeads, head, dim, d);
    }
};
