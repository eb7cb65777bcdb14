#include "products.h"
#include "driver.h"

#include <string.h>
#include <vector>

namespace standin {
namespace {
typedef float Floats __attribute__((vector_size(32)));
typedef int Ints __attribute__((vector_size(32)));
constexpr int WIDTH = 8, BLOCK = 32; // of a vector; rows of A that are widened at a time

float widen(float x) { return x; }
float widen(uint16_t x) {
    uint32_t bits = (uint32_t)x << 16;
    float f;
    memcpy(&f, &bits, 4);
    return f;
}
int widen(int8_t x) { return x; }

uint16_t rounded(float x) {
    uint32_t bits;
    memcpy(&bits, &x, 4);
    return x != x ? 0x7fff : (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

// Vectors of length k, one after the other, widened, with zeros up to a multiple of WIDTH.
template <typename From, typename To> void gather(To *to, const From *from, size_t ld, bool along, int count, int k) {
    int padded = (k + WIDTH - 1) / WIDTH * WIDTH;
    for (int i = 0; i < count; i++) {
        To *row = to + (size_t)i * padded;
        if (along)
            for (int l = 0; l < k; l++) row[l] = widen(from[i * ld + l]);
        for (int l = k; l < padded; l++) row[l] = 0;
    }
    if (!along)
        for (int l = 0; l < k; l++)
            for (int i = 0; i < count; i++) to[(size_t)i * padded + l] = widen(from[l * ld + i]);
}

// Products of rows of a with rows of b, I times J of them at a time.
template <typename Vector, typename Number, int I, int J>
void tile(const Number *a, const Number *b, int padded, Number (*sums)[4]) {
    Vector partial[I][J] = {};
    for (int l = 0; l < padded; l += WIDTH) {
        Vector x[I], y[J];
        for (int i = 0; i < I; i++) memcpy(&x[i], a + (size_t)i * padded + l, sizeof(Vector));
        for (int j = 0; j < J; j++) memcpy(&y[j], b + (size_t)j * padded + l, sizeof(Vector));
        for (int i = 0; i < I; i++)
            for (int j = 0; j < J; j++) partial[i][j] += x[i] * y[j];
    }
    for (int i = 0; i < I; i++)
        for (int j = 0; j < J; j++) {
            Vector p = partial[i][j];
            sums[i][j] = ((p[0] + p[4]) + (p[2] + p[6])) + ((p[1] + p[5]) + (p[3] + p[7]));
        }
}

template <typename Vector, typename Number, int I>
void row_tile(const Number *a, const Number *b, int padded, int columns, Number (*sums)[4]) {
    switch (columns) {
    case 1: tile<Vector, Number, I, 1>(a, b, padded, sums); break;
    case 2: tile<Vector, Number, I, 2>(a, b, padded, sums); break;
    default: tile<Vector, Number, I, 3>(a, b, padded, sums);
    }
}

void store(void *c, Type type, size_t at, float sum, float alpha, float beta) {
    if (type == Type::BF16) {
        uint16_t *to = static_cast<uint16_t *>(c) + at;
        *to = rounded(alpha * sum + (beta != 0 ? beta * widen(*to) : 0));
    } else {
        float *to = static_cast<float *>(c) + at;
        *to = alpha * sum + (beta != 0 ? beta * *to : 0);
    }
}

void store(void *c, Type, size_t at, int sum, float alpha, float beta) {
    int *to = static_cast<int *>(c) + at;
    *to = (int)alpha * sum + (beta != 0 ? (int)beta * *to : 0);
}

template <typename From, typename Number, typename Vector> void compute(const Product &p) {
    int padded = (p.k + WIDTH - 1) / WIDTH * WIDTH;
    std::vector<Number> columns((size_t)p.n * padded);
    gather(columns.data(), static_cast<const From *>(p.b), p.ldb, !p.transpose_b, p.n, p.k);
    struct Work {
        const Product &p;
        const Number *columns;
        int padded;
    } work{p, columns.data(), padded};
    auto block = [](int number, void *context) {
        auto &[p, columns, padded] = *static_cast<Work *>(context);
        int first = number * BLOCK, rows = p.m - first < BLOCK ? p.m - first : BLOCK;
        std::vector<Number> wide((size_t)rows * padded);
        const From *a = static_cast<const From *>(p.a) + (p.transpose_a ? (size_t)first * p.lda : first);
        gather(wide.data(), a, p.lda, p.transpose_a, rows, p.k);
        for (int j = 0; j < p.n; j += 3) {
            int at_once = p.n - j < 3 ? p.n - j : 3;
            for (int i = 0; i < rows; i += 4) {
                Number sums[4][4];
                int high = rows - i < 4 ? 1 : 4;
                for (int part = 0; part < (high == 4 ? 1 : rows - i); part++) {
                    const Number *x = &wide[(size_t)(i + part) * padded], *y = columns + (size_t)j * padded;
                    if (high == 4) row_tile<Vector, Number, 4>(x, y, padded, at_once, sums);
                    else row_tile<Vector, Number, 1>(x, y, padded, at_once, sums + part);
                }
                for (int r = i; r < rows && r < i + 4; r++)
                    for (int c = j; c < j + at_once; c++)
                        store(p.c, p.out, (size_t)c * p.ldc + first + r, sums[r - i][c - j], p.alpha, p.beta);
            }
        }
    };
    int blocks = (p.m + BLOCK - 1) / BLOCK;
    if ((size_t)p.m * p.n * p.k < 1 << 18)
        for (int i = 0; i < blocks; i++) block(i, &work);
    else in_parallel(blocks, block, &work);
}
} // namespace

void multiply(const Product &p) {
    switch (p.in) {
    case Type::F32: compute<float, float, Floats>(p); break;
    case Type::BF16: compute<uint16_t, float, Floats>(p); break;
    default: compute<int8_t, int, Ints>(p);
    }
}
} // namespace standin
