package dev.prag.tensor.cpu;

import static dev.prag.tensor.cpu.Vec.ALL;

import dev.prag.tensor.DType;
import dev.prag.tensor.Int8;
import java.util.Arrays;

/**
 * Rows of activations as integers of two bytes, step·(256·upper + lower), for products with I8 weights ({@link Int8}). The
 * two bytes are multiplied apart. Upper bytes are zero but for outliers, which mostly stand in few columns: these may be
 * gathered.
 */
final class QuantisedActivations implements AutoCloseable {
    /** Activations that make a share worth handing over. */
    private static final int GRAIN = 16_384;

    /** A gathered byte of W costs about as much as so many multiplications and additions of a product of bytes. */
    private static final long GATHERED_COST = 1024;

    private static final int ALIGNMENT = 64;

    private final Pool pool;
    private final Scratch integers = new Scratch();
    private final Scratch steps = new Scratch();
    private final Scratch gathered = new Scratch();
    private boolean[] wide = new boolean[0];
    private long lower;
    private long upper;
    private int rows;
    private int cols;
    private boolean outliers;
    private int[] columns = new int[0];

    QuantisedActivations(Pool pool) {
        this.pool = pool;
    }

    /**
     * Quantises rows.
     *
     * @param type of the integers: I8, or BF16 or F32, which hold them exactly, the upper ones times 256
     */
    void load(long x, int m, int k, DType type) {
        rows = m;
        cols = k;
        long rowBytes = (long) k * type.bytes();
        lower = integers.atLeast(2 * m * rowBytes);
        upper = lower + m * rowBytes;
        long stepAddress = steps.atLeast(4L * m);
        if (wide.length < m) {
            wide = new boolean[m];
        }
        pool.ranges(m, Math.ceilDiv(GRAIN, k), (from, end) -> {
            for (int row = from; row < end; row++) {
                long at = x + 4L * row * k;
                float magnitude = Int8Rows.magnitude(at, k);
                long sum = Int8Rows.sumOfMagnitudes(at, k, Int8.inverse(Int8.finest(magnitude)));
                float step = Int8.step(magnitude, sum, k);
                float inverse = Int8.inverse(step);
                Vec.setFloat(stepAddress + 4L * row, step);
                wide[row] = Int8.wide(magnitude, inverse) > Int8.MAX;
                write(row, type, at, inverse);
            }
        });
        outliers = false;
        for (int row = 0; row < m; row++) {
            outliers |= wide[row];
        }
    }

    private void write(int row, DType type, long from, float inverse) {
        long rowBytes = (long) cols * type.bytes();
        long low = lower + row * rowBytes;
        long high = upper + row * rowBytes;
        if (!wide[row]) {
            Int8Rows.round(low, type, from, cols, inverse);
            ALL.asSlice(high, rowBytes).fill((byte) 0);
        } else if (type == DType.I8) {
            Int8Rows.round(low, type, from, cols, inverse);
            Int8Rows.roundUpper(high, from, cols, inverse);
        } else {
            CpuMemory memory = new CpuMemory(5L * cols);
            long floats = memory.address();
            long bytes = floats + 4L * cols;
            Int8Rows.round(bytes, DType.I8, from, cols, inverse);
            Int8Rows.dequantise(floats, bytes, cols, 1);
            Convert.stored(low, type, floats, DType.F32, cols);
            Int8Rows.roundUpper(bytes, from, cols, inverse);
            Int8Rows.dequantise(floats, bytes, cols, 256);
            Convert.stored(high, type, floats, DType.F32, cols);
            memory.free();
        }
    }

    /** Whether there are upper bytes other than zero. */
    boolean outliers() {
        return outliers;
    }

    /** Address of the lower bytes [m, k]; the upper ones lie behind them. */
    long lower() {
        return lower;
    }

    /** Address of the upper bytes [m, k]. */
    long upper() {
        return upper;
    }

    float step(int row) {
        return Vec.getFloat(steps.address() + 4L * row);
    }

    /**
     * Gathers the columns that have outliers, of I8 rows, if they are so few that a product with them alone takes less
     * time than one with all.
     *
     * @return columns of the gathered matrix [m, …], those of zeros included, or 0 where it wouldn't pay
     */
    int gather() {
        if (cols % 4 != 0) {
            return 0;
        }
        int[] union = new int[cols / 4];
        for (int row = 0; row < rows; row++) {
            if (wide[row]) {
                Int8Rows.or(union, upper + (long) row * cols, union.length);
            }
        }
        int[] found = new int[cols];
        int count = 0;
        for (int col = 0; col < cols; col++) {
            if ((union[col / 4] >>> (8 * (col % 4)) & 0xff) != 0) {
                found[count++] = col;
            }
        }
        int padded = padded(count);
        if (padded * (rows + GATHERED_COST) >= (long) cols * rows) {
            return 0;
        }
        columns = Arrays.copyOf(found, count);
        long to = gathered.atLeast((long) rows * padded);
        pool.ranges(
                rows,
                Math.ceilDiv(GRAIN, padded),
                (from, end) -> gatherRows(to + (long) from * padded, padded, upper + (long) from * cols, end - from));
        return padded;
    }

    /** A product is compiled for its number of columns, so there are few: powers of two and what is halfway. */
    private static int padded(int count) {
        int power = Math.max(ALIGNMENT, Integer.highestOneBit(Math.max(1, count - 1)) * 2);
        int between = power / 4 * 3;
        return count <= between && between % ALIGNMENT == 0 ? between : power;
    }

    /** to [rows, padded] ← the columns that were gathered last, of bytes [rows, k], and zeros. */
    void gatherRows(long to, int padded, long from, int count) {
        Int8Rows.gather(to, padded, from, cols, count, columns);
    }

    /** Address of the gathered upper bytes. */
    long gathered() {
        return gathered.address();
    }

    @Override
    public void close() {
        integers.free();
        steps.free();
        gathered.free();
    }
}
