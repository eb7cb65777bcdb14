// Matrix products for the stand-in of cuBLAS.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace standin {
enum class Type { F32, BF16, I8, I32 };

// C = alpha·op(A)·op(B) + beta·C, column by column as cuBLAS has it: C is m×n, op(A) m×k, op(B) k×n.
struct Product {
    bool transpose_a, transpose_b;
    int m, n, k;
    const void *a, *b;
    void *c;
    int lda, ldb, ldc;
    Type in, out;
    float alpha, beta; // of integers, too
};

// Every element is the sum of eight partial sums over k, in one order, whatever m and n are.
void multiply(const Product &product);
} // namespace standin
