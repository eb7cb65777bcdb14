package dev.prag.tensor.cpu;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_ATTR_SCALES;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SCRATCHPAD;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import dev.prag.tensor.DType;
import dev.prag.tensor.Int8;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.matmul;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.post_ops;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.ClassProperties;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;

/**
 * Matrix products by oneDNN, through its JavaCPP preset. A product is compiled for its shape (some milliseconds), kept
 * for each slot of the pool and dropped when it was not used for long; what it needs as scratchpad belongs to the slot.
 *
 * <p>oneDNN's own threading is switched off ({@code OMP_NUM_THREADS=1}): each slot computes its part of a product alone,
 * so that one pool serves products and Java kernels.
 */
final class OneDnn implements AutoCloseable {
    private static final String LOAD_LIBRARIES = "org.bytedeco.javacpp.loadLibraries";

    private static final int PRODUCTS_KEPT = 512;

    /** Scales differ along the second dimension. */
    private static final int PER_COLUMN = 1 << 1;

    /**
     * The layout for few rows is the one that oneDNN chooses for a single row of x: decoding reads all weights for every
     * token and is bound by memory. Where that is row-major (on AVX2), a layout for many rows is as fast for one, and far
     * faster for a few.
     */
    private static final int FEW_ROWS = 1;

    private static final int MANY_ROWS = 64;

    /** Rows and columns of the products that are tried, how often, and what a faster one has to be ahead by. */
    private static final int TRIED = 256;

    private static final int TRIES = 8;
    private static final double AHEAD = 1.25;

    static {
        // Models are mapped, and far larger than the heap: JavaCPP must not take resident memory for a leak.
        System.setProperty("org.bytedeco.javacpp.maxBytes", "0");
        System.setProperty("org.bytedeco.javacpp.maxPhysicalBytes", "0");
        loadLibraries();
    }

    /**
     * Loads oneDNN alone. Left to itself, JavaCPP would also load the OpenCL library, of which the preset inherits and
     * which only GPUs need.
     */
    private static void loadLibraries() {
        // Another class loader may have been here before.
        System.clearProperty(LOAD_LIBRARIES);
        Loader.load(Pointer.class);
        Class<?> preset = dnnl.class;
        ClassProperties properties = Loader.loadProperties(preset, Loader.loadProperties(), true);
        for (String library : List.of("gomp@.1", "dnnl@.3", "jnidnnl")) {
            Loader.loadLibrary(preset, Loader.findLibrary(preset, properties, library), library);
        }
        System.setProperty(LOAD_LIBRARIES, "false");
    }

    /** How the right-hand operand of a product lies in memory. */
    enum Layout {
        /** W [n, k] row-major, seen transposed. */
        ROWS,
        /** W [n, k] reordered by {@link #pack}, best for few rows of x. */
        FOR_FEW_ROWS,
        /** The same, best for many. */
        FOR_MANY_ROWS,
        /** A matrix [k, n] row-major. */
        COLUMNS
    }

    /**
     * y [m, n] ← (or +=) x [m, k] · right, f32 accumulation and result. In I8 the sums are exact, and column n of the
     * result is multiplied by the scale of row n of W.
     *
     * @param type of x and the right-hand operand
     * @param xStride elements from row to row of x
     * @param rightStride elements from row to row of the right-hand operand; not used where it is packed
     * @param yStride elements from row to row of y
     */
    record Shape(
            DType type,
            int m,
            int n,
            int k,
            Layout layout,
            int xStride,
            int rightStride,
            int yStride,
            boolean accumulate) {}

    private record Matrix(DType type, int n, int k, Layout layout) {}

    private final engine cpu = new engine(engine.kind.cpu, 0);
    private final Slot[] slots;
    private final Map<Matrix, memory.desc> packedLayouts = new ConcurrentHashMap<>();
    private final boolean bf16;
    private Boolean f32IsFaster;
    private Boolean int8;

    OneDnn(int threads) {
        String openMp = System.getenv("OMP_NUM_THREADS");
        if (!"1".equals(openMp)) {
            throw new IllegalStateException("the environment variable OMP_NUM_THREADS is "
                    + (openMp == null ? "not set" : openMp)
                    + ": set OMP_NUM_THREADS=1 before starting Java, or oneDNN starts threads of its own");
        }
        slots = new Slot[threads];
        for (int i = 0; i < threads; i++) {
            slots[i] = new Slot();
        }
        bf16 = optimised(DType.BF16, 1) && optimised(DType.BF16, 64);
    }

    /** Whether this CPU has products of bfloat16. */
    boolean bf16() {
        return bf16;
    }

    /**
     * Whether this CPU multiplies many rows faster in f32 than in bfloat16: it may have no products of bfloat16, and
     * without AMX Intel's take so long for the instruction that multiplies pairs of them that f32 is faster, which AMD's
     * don't. So this is measured, once.
     */
    synchronized boolean f32IsFaster() {
        if (f32IsFaster == null) {
            f32IsFaster = !bf16 || !tiles() && AHEAD * bestNanos(DType.F32) < bestNanos(DType.BF16);
        }
        return f32IsFaster;
    }

    /** The shortest of several products in a type, whose operands stay in the cache. */
    private long bestNanos(DType type) {
        Shape shape = new Shape(type, TRIED, TRIED, TRIED, Layout.COLUMNS, TRIED, TRIED, TRIED, false);
        long matrix = (long) TRIED * TRIED * type.bytes();
        CpuMemory memory = new CpuMemory(2 * matrix + 4L * TRIED * TRIED);
        try {
            Vec.ALL.asSlice(memory.address(), memory.bytes()).fill((byte) 0);
            long right = memory.address() + matrix;
            long best = Long.MAX_VALUE;
            for (int i = 0; i < TRIES; i++) {
                long start = System.nanoTime();
                multiply(0, shape, memory.address(), 0, () -> right, 0, right + matrix);
                best = Math.min(best, System.nanoTime() - start);
            }
            return best;
        } finally {
            memory.free();
        }
    }

    /**
     * Whether this CPU has exact products of signed bytes. Those of CPUs without instructions for it add pairs of
     * products in 16 bits, where sums of large numbers don't fit; so this is found out by computing some.
     */
    synchronized boolean int8() {
        if (int8 == null) {
            int8 = optimised(DType.I8, 1) && optimised(DType.I8, 64) && sumsBytesExactly();
        }
        return int8;
    }

    private boolean sumsBytesExactly() {
        int k = 256;
        int n = 64;
        Shape shape = new Shape(DType.I8, 1, n, k, Layout.FOR_FEW_ROWS, k, k, n, false);
        CpuMemory bytes = new CpuMemory((long) n * k + k);
        CpuMemory packed = new CpuMemory(Math.max(1, packedBytes(DType.I8, n, k, Layout.FOR_FEW_ROWS)));
        CpuMemory floats = new CpuMemory(8L * n);
        try {
            long x = bytes.address() + (long) n * k;
            long y = floats.address() + 4L * n;
            Vec.ALL.asSlice(bytes.address(), bytes.bytes()).fill((byte) Int8.MAX);
            for (int i = 0; i < n; i++) {
                Vec.setFloat(floats.address() + 4L * i, 1);
            }
            pack(0, DType.I8, n, k, Layout.FOR_FEW_ROWS, bytes.address(), packed.address());
            multiply(0, shape, x, packed.address(), bytes::address, floats.address(), y);
            for (int i = 0; i < n; i++) {
                if (Vec.getFloat(y + 4L * i) != k * Int8.MAX * Int8.MAX) {
                    return false;
                }
            }
            return true;
        } finally {
            bytes.free();
            packed.free();
            floats.free();
        }
    }

    /** Whether this CPU multiplies in tiles (AMX). */
    boolean tiles() {
        return instructions().contains("amx");
    }

    /** The instruction set in use, for example avx512_core_amx. */
    String instructions() {
        String name = String.valueOf(dnnl.get_effective_cpu_isa()).toLowerCase(Locale.ROOT);
        return name.startsWith("isa_") ? name.substring(4) : name;
    }

    /**
     * Computes the product; x, right and y are addresses.
     *
     * @param rows the right-hand operand row-major: asked for where it isn't packed, or where the packed layout has no
     *     optimised product for so many rows of x
     * @param scales of the columns of y, F32, for a product in I8
     */
    void multiply(int slot, Shape shape, long x, long packed, LongSupplier rows, long scales, long y) {
        slots[slot].product(shape).run(x, packed, rows, scales, y);
    }

    /** Bytes of W [n, k] in a packed layout, or 0 where row-major is the best layout. */
    long packedBytes(DType type, int n, int k, Layout layout) {
        memory.desc packed = packedLayout(type, n, k, layout);
        return packed.equals(desc(type, k, n, 1, k)) ? 0 : packed.get_size();
    }

    /** Whether few and many rows of x want the same layout of W [n, k]. */
    boolean sameLayout(DType type, int n, int k) {
        return packedLayout(type, n, k, Layout.FOR_FEW_ROWS).equals(packedLayout(type, n, k, Layout.FOR_MANY_ROWS));
    }

    /** Reorders W [n, k] from row-major. */
    void pack(int slot, DType type, int n, int k, Layout layout, long rows, long packed) {
        slots[slot].packing(new Matrix(type, n, k, layout)).run(rows, packed);
    }

    private memory.desc packedLayout(DType type, int n, int k, Layout layout) {
        return packedLayouts.computeIfAbsent(new Matrix(type, n, k, layout), matrix -> {
            if (layout == Layout.FOR_MANY_ROWS) {
                return bestLayout(matrix, MANY_ROWS);
            }
            memory.desc best = bestLayout(matrix, FEW_ROWS);
            return best.equals(desc(type, k, n, 1, k)) ? bestLayout(matrix, MANY_ROWS) : best;
        });
    }

    /** The layout that oneDNN chooses for so many rows of x, or row-major where it has no optimised product. */
    private memory.desc bestLayout(Matrix matrix, int rows) {
        int n = matrix.n;
        int k = matrix.k;
        try (memory.desc any = new memory.desc(new long[] {k, n}, type(matrix.type), memory.format_tag.any);
                memory.desc x = desc(matrix.type, rows, k, k, 1);
                memory.desc y = desc(DType.F32, rows, n, n, 1);
                matmul.primitive_desc product = new matmul.primitive_desc(cpu, x, any, y)) {
            return isReference(product) ? desc(matrix.type, k, n, 1, k) : new memory.desc(product.weights_desc());
        }
    }

    private boolean optimised(DType type, int m) {
        int size = 256;
        try (memory.desc right = desc(type, size, size, 1, size);
                matmul.primitive_desc product = new matmul.primitive_desc(
                        cpu, desc(type, m, size, size, 1), right, desc(DType.F32, m, size, size, 1))) {
            return !isReference(product);
        } catch (RuntimeException unsupported) {
            return false;
        }
    }

    private static boolean isReference(matmul.primitive_desc product) {
        return product.impl_info_str().getString().contains("ref");
    }

    private static memory.desc desc(DType type, int rows, int cols, int rowStride, int colStride) {
        return new memory.desc(new long[] {rows, cols}, type(type), new long[] {rowStride, colStride}, false);
    }

    private static memory.data_type type(DType type) {
        return switch (type) {
            case BF16 -> memory.data_type.bf16;
            case I8 -> memory.data_type.s8;
            default -> memory.data_type.f32;
        };
    }

    @Override
    public void close() {
        for (Slot slot : slots) {
            slot.close();
        }
        packedLayouts.values().forEach(Pointer::close);
        cpu.close();
    }

    /** An address that JNI takes for a pointer. */
    private static final class Address extends Pointer {
        Address(long address) {
            this.address = address;
        }

        Address at(long newAddress) {
            address = newAddress;
            return this;
        }
    }

    /** What one thread of the pool works with; used by that thread alone. */
    private final class Slot implements AutoCloseable {
        private final stream stream = new stream(cpu);
        private final Scratch scratchpad = new Scratch();
        private final Map<Shape, Product> products = new LinkedHashMap<>(64, 0.75f, true);
        private final Map<Matrix, Packing> packings = new HashMap<>();

        Packing packing(Matrix matrix) {
            return packings.computeIfAbsent(matrix, m -> new Packing(this, m));
        }

        Product product(Shape shape) {
            Product product = products.get(shape);
            if (product == null) {
                if (products.size() >= PRODUCTS_KEPT) {
                    products.remove(products.keySet().iterator().next()).close();
                }
                product = new Product(this, shape);
                products.put(shape, product);
            }
            return product;
        }

        @Override
        public void close() {
            products.values().forEach(Product::close);
            products.clear();
            packings.values().forEach(Packing::close);
            packings.clear();
            stream.close();
            scratchpad.free();
        }
    }

    /** One compiled reordering of W from row-major to a packed layout. */
    private final class Packing implements AutoCloseable {
        private final Slot slot;
        private final memory.desc from;
        private final memory source;
        private final memory target;
        private final reorder primitive;
        private final Address address = new Address(0);

        Packing(Slot slot, Matrix matrix) {
            this.slot = slot;
            from = desc(matrix.type, matrix.k, matrix.n, 1, matrix.k);
            source = new memory(from, cpu, address);
            target = new memory(packedLayout(matrix.type, matrix.n, matrix.k, matrix.layout), cpu, address);
            primitive = new reorder(source, target);
        }

        void run(long rows, long packed) {
            source.set_data_handle(address.at(rows));
            target.set_data_handle(address.at(packed));
            primitive.execute(slot.stream, source, target);
            slot.stream._wait();
        }

        @Override
        public void close() {
            primitive.close();
            target.close();
            source.close();
            from.close();
        }
    }

    /** One compiled product with its arguments. */
    private final class Product implements AutoCloseable {
        private final Slot slot;
        private final List<Pointer> owned = new ArrayList<>();
        private final matmul primitive;
        private final memory x;
        private final memory right;
        private final memory y;
        /** Of the columns of y, or null. */
        private final memory scales;

        private final memory scratchpad;
        private final long scratchpadBytes;
        private final IntMemoryMap arguments;
        private final Address address = new Address(0);
        private final boolean packed;

        Product(Slot slot, Shape shape) {
            this.slot = slot;
            memory.desc xDesc = own(desc(shape.type, shape.m, shape.k, shape.xStride, 1));
            memory.desc yDesc = own(desc(DType.F32, shape.m, shape.n, shape.yStride, 1));
            primitive_attr attributes = own(new primitive_attr());
            attributes.set_scratchpad_mode(dnnl.scratchpad_mode.user);
            if (shape.accumulate) {
                post_ops after = own(new post_ops());
                after.append_sum();
                attributes.set_post_ops(after);
            }
            if (shape.type == DType.I8) {
                attributes.set_scales_mask(DNNL_ARG_WEIGHTS, PER_COLUMN);
            }
            memory.desc rightDesc =
                    switch (shape.layout) {
                        case ROWS -> own(desc(shape.type, shape.k, shape.n, 1, shape.rightStride));
                        case COLUMNS -> own(desc(shape.type, shape.k, shape.n, shape.rightStride, 1));
                        case FOR_FEW_ROWS, FOR_MANY_ROWS -> packedLayout(shape.type, shape.n, shape.k, shape.layout);
                    };
            matmul.primitive_desc plan =
                    own(new matmul.primitive_desc(cpu, xDesc, rightDesc, yDesc, attributes, false));
            boolean planPacked = shape.layout == Layout.FOR_FEW_ROWS || shape.layout == Layout.FOR_MANY_ROWS;
            if (planPacked && isReference(plan)) {
                planPacked = false;
                rightDesc = own(desc(shape.type, shape.k, shape.n, 1, shape.k));
                plan = own(new matmul.primitive_desc(cpu, xDesc, rightDesc, yDesc, attributes, false));
            }
            packed = planPacked;
            primitive = own(new matmul(plan));
            x = own(new memory(xDesc, cpu, address));
            right = own(new memory(rightDesc, cpu, address));
            y = own(new memory(yDesc, cpu, address));
            memory.desc scratchpadDesc = own(plan.scratchpad_desc());
            scratchpadBytes = scratchpadDesc.get_size();
            scratchpad = own(new memory(scratchpadDesc, cpu, address));
            arguments = own(new IntMemoryMap());
            arguments
                    .put(DNNL_ARG_SRC, x)
                    .put(DNNL_ARG_WEIGHTS, right)
                    .put(DNNL_ARG_DST, y)
                    .put(DNNL_ARG_SCRATCHPAD, scratchpad);
            if (shape.type == DType.I8) {
                memory.desc column =
                        own(new memory.desc(new long[] {shape.n}, memory.data_type.f32, memory.format_tag.a));
                scales = own(new memory(column, cpu, address));
                arguments.put(DNNL_ARG_ATTR_SCALES | DNNL_ARG_WEIGHTS, scales);
            } else {
                scales = null;
            }
        }

        private <P extends Pointer> P own(P pointer) {
            owned.add(pointer);
            return pointer;
        }

        void run(long xAddress, long packedAddress, LongSupplier rowsAddress, long scalesAddress, long yAddress) {
            x.set_data_handle(address.at(xAddress));
            right.set_data_handle(address.at(packed ? packedAddress : rowsAddress.getAsLong()));
            y.set_data_handle(address.at(yAddress));
            if (scales != null) {
                scales.set_data_handle(address.at(scalesAddress));
            }
            if (scratchpadBytes > 0) {
                scratchpad.set_data_handle(address.at(slot.scratchpad.atLeast(scratchpadBytes)));
            }
            primitive.execute(slot.stream, arguments);
            slot.stream._wait();
        }

        @Override
        public void close() {
            for (Pointer pointer : owned.reversed()) {
                pointer.close();
            }
        }
    }
}
