package dev.prag.tensor.cuda;

/**
 * A matrix product for cuBLAS, C ← alpha·op(A)·op(B) + beta·C, in its column-major way, or several at equal distances.
 * Types and the type of computing are cuBLAS's numbers.
 *
 * @param transposeA whether op(A) [m, k] is the transpose of A
 * @param transposeB whether op(B) [k, n] is the transpose of B
 * @param strideA elements from the A of one product to that of the next; so of B and C
 * @param count products
 */
record Product(
        boolean transposeA,
        boolean transposeB,
        int m,
        int n,
        int k,
        float alpha,
        long a,
        int typeA,
        int lda,
        long strideA,
        long b,
        int typeB,
        int ldb,
        long strideB,
        float beta,
        long c,
        int typeC,
        int ldc,
        long strideC,
        int compute,
        int count) {
    /** CUDA_R_32F. */
    static final int F32 = 0;
    /** CUDA_R_8I. */
    static final int I8 = 3;
    /** CUDA_R_32I. */
    static final int I32 = 10;
    /** CUDA_R_16BF. */
    static final int BF16 = 14;
    /** CUBLAS_COMPUTE_32F. */
    static final int COMPUTE_F32 = 68;
    /** CUBLAS_COMPUTE_32I. */
    static final int COMPUTE_I32 = 72;

    /**
     * y ← x·Wᵀ, or y += it. All row-major: x [rows, in], W [out, in], y [rows, out].
     *
     * @param type of x and W
     */
    static Product forward(
            long y, int typeY, long x, long w, int type, int rows, int out, int in, int compute, boolean accumulate) {
        return new Product(
                true,
                false,
                out,
                rows,
                in,
                1,
                w,
                type,
                in,
                0,
                x,
                type,
                in,
                0,
                accumulate ? 1 : 0,
                y,
                typeY,
                out,
                0,
                compute,
                1);
    }

    /** dx ← dy·W, or dx += it. All row-major: dy [rows, out], W [out, in], dx [rows, in]. */
    static Product backward(
            long dx, long dy, long w, int type, int rows, int out, int in, int compute, boolean accumulate) {
        return new Product(
                false,
                false,
                in,
                rows,
                out,
                1,
                w,
                type,
                in,
                0,
                dy,
                type,
                out,
                0,
                accumulate ? 1 : 0,
                dx,
                F32,
                in,
                0,
                compute,
                1);
    }

    void encode(Commands commands) {
        commands.add(Commands.PRODUCT);
        commands.add((transposeA ? 1 : 0) | (transposeB ? 2 : 0));
        commands.add(m);
        commands.add(n);
        commands.add(k);
        commands.add(Float.floatToRawIntBits(alpha));
        commands.add(a);
        commands.add(typeA);
        commands.add(lda);
        commands.add(strideA);
        commands.add(b);
        commands.add(typeB);
        commands.add(ldb);
        commands.add(strideB);
        commands.add(Float.floatToRawIntBits(beta));
        commands.add(c);
        commands.add(typeC);
        commands.add(ldc);
        commands.add(strideC);
        commands.add(compute);
        commands.add(count);
    }

    /** Words of one. */
    static final int WORDS = 21;

    /** The one that begins at a word. */
    static Product decode(Commands commands, int at) {
        int transposes = (int) commands.get(at + 1);
        return new Product(
                (transposes & 1) != 0,
                (transposes & 2) != 0,
                (int) commands.get(at + 2),
                (int) commands.get(at + 3),
                (int) commands.get(at + 4),
                Float.intBitsToFloat((int) commands.get(at + 5)),
                commands.get(at + 6),
                (int) commands.get(at + 7),
                (int) commands.get(at + 8),
                commands.get(at + 9),
                commands.get(at + 10),
                (int) commands.get(at + 11),
                (int) commands.get(at + 12),
                commands.get(at + 13),
                Float.intBitsToFloat((int) commands.get(at + 14)),
                commands.get(at + 15),
                (int) commands.get(at + 16),
                (int) commands.get(at + 17),
                commands.get(at + 18),
                (int) commands.get(at + 19),
                (int) commands.get(at + 20));
    }
}
