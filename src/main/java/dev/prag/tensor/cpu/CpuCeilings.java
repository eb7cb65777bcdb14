package dev.prag.tensor.cpu;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.matmul;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.Pointer;

/**
 * What a CPU can do at best, with the libraries and threads that the device uses: reading memory, and products alone, in
 * the layouts that oneDNN likes best and with nothing around them. {@code prag bench} holds the device against it.
 */
public final class CpuCeilings implements AutoCloseable {
    /** Element types of a product. */
    public enum Type {
        F32(4, memory.data_type.f32, memory.data_type.f32),
        BF16(2, memory.data_type.bf16, memory.data_type.f32),
        INT8(1, memory.data_type.s8, memory.data_type.s32);

        private final int bytes;
        private final memory.data_type in;
        private final memory.data_type out;

        Type(int bytes, memory.data_type in, memory.data_type out) {
            this.bytes = bytes;
            this.in = in;
            this.out = out;
        }
    }

    private static final int ALIGNMENT = 64;

    private final int threads;
    private final Pool pool;
    /** Loads the library and sees to its threads. */
    private final OneDnn oneDnn;

    private final engine cpu;

    /** @param threads as many as the device that is held against it */
    public CpuCeilings(int threads) {
        this.threads = threads;
        oneDnn = new OneDnn(threads);
        pool = new Pool(threads);
        cpu = new engine(engine.kind.cpu, 0);
    }

    /** Memory far larger than any cache, to be read from beginning to end. */
    public final class Reading implements AutoCloseable {
        private final CpuMemory block;
        private final long each;
        private final CacheFill reader = new CacheFill();

        private Reading(long bytes) {
            block = new CpuMemory(bytes);
            each = bytes / threads / ALIGNMENT * ALIGNMENT;
            pool.all(slot -> Rows.fill(block.address() + slot * each, each / 4, Float.intBitsToFloat(0x3f800001)));
        }

        /** Bytes that a run reads. */
        public long bytes() {
            return each * threads;
        }

        /** Reads all, each thread its own part. */
        public void run() {
            pool.all(slot -> reader.touch(block.address() + slot * each, each));
        }

        @Override
        public void close() {
            block.free();
        }
    }

    /** Memory to read; the caller closes it. */
    public Reading reading(long bytes) {
        return new Reading(bytes);
    }

    /** How the threads share a product. */
    public enum Cut {
        /** Each thread has some of the rows of x, and reads all of W. */
        ROWS,
        /** Each thread has some of the columns of y, and reads its own part of W. */
        COLUMNS
    }

    /**
     * y [m, n] ← x [m, k] · Wᵀ, compiled and filled, to be run again and again; the caller closes it.
     *
     * @param type of x and W; sums and y are f32, or s32 for INT8
     */
    public Gemm gemm(Type type, int m, int n, int k, Cut cut) {
        return new Gemm(type, m, n, k, cut);
    }

    /** One product. */
    public final class Gemm implements AutoCloseable {
        private final List<Pointer> owned = new ArrayList<>();
        private final List<CpuMemory> blocks = new ArrayList<>();
        private final List<Part> parts = new ArrayList<>();
        private final double flops;

        private record Part(matmul primitive, IntMemoryMap arguments, stream queue) {}

        private Gemm(Type type, int m, int n, int k, Cut cut) {
            flops = 2.0 * m * n * k;
            int length = cut == Cut.ROWS ? m : n;
            int size = Math.ceilDiv(Math.ceilDiv(length, threads), ALIGNMENT) * ALIGNMENT;
            for (int from = 0; from < length; from += size) {
                int count = Math.min(size, length - from);
                parts.add(cut == Cut.ROWS ? part(type, count, n, k) : part(type, m, count, k));
            }
        }

        private Part part(Type type, int m, int n, int k) {
            memory.desc x = own(new memory.desc(new long[] {m, k}, type.in, new long[] {k, 1}, false));
            memory.desc any = own(new memory.desc(new long[] {k, n}, type.in, memory.format_tag.any));
            memory.desc y = own(new memory.desc(new long[] {m, n}, type.out, new long[] {n, 1}, false));
            matmul.primitive_desc plan = own(new matmul.primitive_desc(cpu, x, any, y));
            memory.desc w = own(new memory.desc(plan.weights_desc()));
            IntMemoryMap arguments = own(new IntMemoryMap());
            arguments
                    .put(DNNL_ARG_SRC, memory(x, type.bytes == 1 ? 0x01010101 : 0x3f803f80))
                    .put(DNNL_ARG_WEIGHTS, memory(w, type.bytes == 1 ? 0x01010101 : 0x3c803c80))
                    .put(DNNL_ARG_DST, memory(y, 0));
            return new Part(own(new matmul(plan)), arguments, own(new stream(cpu)));
        }

        private memory memory(memory.desc desc, int pattern) {
            CpuMemory block = new CpuMemory(desc.get_size() + ALIGNMENT);
            blocks.add(block);
            Rows.fill(block.address(), block.bytes() / 4, Float.intBitsToFloat(pattern));
            return own(new memory(desc, cpu, new Address(block.address())));
        }

        private <P extends Pointer> P own(P pointer) {
            owned.add(pointer);
            return pointer;
        }

        /** Multiplications and additions of a run. */
        public double flops() {
            return flops;
        }

        /** Computes it once. */
        public void run() {
            pool.tasks(parts.size(), true, (i, slot) -> {
                Part part = parts.get(i);
                part.primitive.execute(part.queue, part.arguments);
                part.queue._wait();
            });
        }

        @Override
        public void close() {
            for (Pointer pointer : owned.reversed()) {
                pointer.close();
            }
            blocks.forEach(CpuMemory::free);
        }
    }

    private static final class Address extends Pointer {
        Address(long address) {
            this.address = address;
        }
    }

    @Override
    public void close() {
        pool.close();
        cpu.close();
        oneDnn.close();
    }
}
