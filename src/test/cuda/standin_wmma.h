// Products of 16x16x16 tiles by a warp: bf16 in, f32 accumulated. As on a GPU, a tile is spread over the lanes, eight
// elements each, and which lane has which is nobody's business.
#pragma once

namespace nvcuda::wmma {
struct matrix_a;
struct matrix_b;
struct accumulator;
struct row_major;
struct col_major;
enum layout_t { mem_row_major, mem_col_major };

template <typename Use, int M, int N, int K, typename T, typename Layout = void> struct fragment {
    static_assert(M == 16 && N == 16 && K == 16);
    static constexpr int num_elements = 8;
    T x[num_elements];
};

namespace standin_detail {
// The place of a lane's i-th element.
inline int row(int i) { return (standin::lane() * 8 + i) / 16; }
inline int col(int i) { return (standin::lane() * 8 + i) % 16; }

// What the hardware asks of a tile in memory: 32 bytes of alignment, rows at multiples of 16 bytes.
inline void check(const void *tile, unsigned stride, int size, int line) {
    if (reinterpret_cast<uintptr_t>(tile) % 32 != 0) standin::misuse("a tile isn't aligned to 32 bytes", line);
    if (stride * size % 16 != 0) standin::misuse("the stride of a tile isn't a multiple of 16 bytes", line);
}

struct Operands {
    const __nv_bfloat16 *a, *b;
    const float *c;
    float *d;
};

inline void multiply(standin::Exchange &all) {
    alignas(32) static thread_local float a[16][16], b[16][16];
    for (int lane = 0; lane < 32; lane++) {
        auto *o = reinterpret_cast<Operands *>(all.value[lane]);
        for (int i = 0; i < 8; i++) {
            a[lane / 2][lane % 2 * 8 + i] = o->a[i];
            b[lane / 2][lane % 2 * 8 + i] = o->b[i];
        }
    }
    for (int lane = 0; lane < 32; lane++) {
        auto *o = reinterpret_cast<Operands *>(all.value[lane]);
        float sum[8] = {};
        for (int k = 0; k < 16; k++)
            for (int i = 0; i < 8; i++) sum[i] += a[lane / 2][k] * b[k][lane % 2 * 8 + i];
        for (int i = 0; i < 8; i++) o->d[i] = o->c[i] + sum[i];
    }
}
} // namespace standin_detail

template <typename Use, typename T, typename Layout>
inline void load_matrix_sync(
    fragment<Use, 16, 16, 16, T, Layout> &to, const T *from, unsigned stride, STANDIN_SITE) {
    constexpr bool rows = __is_same(Layout, row_major);
    static_assert(rows || __is_same(Layout, col_major));
    standin_detail::check(from, stride, sizeof(*from), line);
    standin::exchange(0, ~0u, "load_matrix_sync", line);
    for (int i = 0; i < 8; i++) {
        int r = standin_detail::row(i), c = standin_detail::col(i);
        to.x[i] = from[rows ? r * stride + c : c * stride + r];
    }
}

inline void load_matrix_sync(
    fragment<accumulator, 16, 16, 16, float> &to, const float *from, unsigned stride, layout_t layout, STANDIN_SITE) {
    standin_detail::check(from, stride, sizeof(*from), line);
    standin::exchange(0, ~0u, "load_matrix_sync", line);
    for (int i = 0; i < 8; i++) {
        int r = standin_detail::row(i), c = standin_detail::col(i);
        to.x[i] = from[layout == mem_row_major ? r * stride + c : c * stride + r];
    }
}

inline void store_matrix_sync(
    float *to, const fragment<accumulator, 16, 16, 16, float> &from, unsigned stride, layout_t layout, STANDIN_SITE) {
    standin_detail::check(to, stride, sizeof(*to), line);
    standin::exchange(0, ~0u, "store_matrix_sync", line);
    for (int i = 0; i < 8; i++) {
        int r = standin_detail::row(i), c = standin_detail::col(i);
        to[layout == mem_row_major ? r * stride + c : c * stride + r] = from.x[i];
    }
}

template <typename Use, typename T, typename Layout, typename V>
inline void fill_fragment(fragment<Use, 16, 16, 16, T, Layout> &to, V value) {
    for (int i = 0; i < 8; i++) to.x[i] = value;
}

template <typename A, typename B>
inline void mma_sync(
    fragment<accumulator, 16, 16, 16, float> &d, const fragment<matrix_a, 16, 16, 16, __nv_bfloat16, A> &a,
    const fragment<matrix_b, 16, 16, 16, __nv_bfloat16, B> &b, const fragment<accumulator, 16, 16, 16, float> &c,
    STANDIN_SITE) {
    standin_detail::Operands mine{a.x, b.x, c.x, d.x};
    standin::exchange(
        reinterpret_cast<uint64_t>(&mine), ~0u, "mma_sync", line,
        standin_detail::multiply);
}
} // namespace nvcuda::wmma
