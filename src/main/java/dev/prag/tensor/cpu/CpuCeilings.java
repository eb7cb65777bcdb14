package dev.prag.tensor.cpu;

import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import dev.prag.tensor.DeviceCeilings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.matmul;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.Pointer;

/** A CPU's: reading memory, and products by oneDNN, with as many threads as the device has. */
public final class CpuCeilings implements DeviceCeilings {
    private static final int ALIGNMENT = 64;
    private static final long READ_BYTES = 1L << 30;

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
    private final class Reading implements Work {
        private final CpuMemory block;
        private final long each;
        private final CacheFill reader = new CacheFill();

        private Reading(long bytes) {
            block = new CpuMemory(bytes);
            each = bytes / threads / ALIGNMENT * ALIGNMENT;
            pool.all(slot -> Rows.fill(block.address() + slot * each, each / 4, Float.intBitsToFloat(0x3f800001)));
        }

        @Override
        public double amount() {
            return each * threads;
        }

        /** Reads all, each thread its own part. */
        @Override
        public void run() {
            pool.all(slot -> reader.touch(block.address() + slot * each, each));
        }

        @Override
        public void close() {
            block.free();
        }
    }

    @Override
    public String memoryName() {
        return "memory read";
    }

    @Override
    public Work memory() {
        return new Reading(READ_BYTES);
    }

    /** How the threads share a product. */
    private enum Cut {
        /** Each thread has some of the rows of x, and reads all of W. */
        ROWS,
        /** Each thread has some of the columns of y, and reads its own part of W. */
        COLUMNS
    }

    @Override
    public List<Maker> products(Type type, int m, int n, int k) {
        return types(type).stream()
                .flatMap(t -> Arrays.stream(Cut.values()).<Maker>map(cut -> () -> new Gemm(t, m, n, k, cut)))
                .toList();
    }

    /** In which types this CPU multiplies numbers of one: it may have no products of it, or faster ones of a wider one. */
    private List<Type> types(Type type) {
        return switch (type) {
            case F32 -> List.of(Type.F32);
            case BF16 ->
                !oneDnn.bf16()
                        ? List.of(Type.F32)
                        : oneDnn.f32IsFaster() ? List.of(Type.BF16, Type.F32) : List.of(Type.BF16);
            case INT8 -> oneDnn.int8() ? List.of(Type.INT8) : types(Type.BF16);
        };
    }

    @Override
    public List<Launch> launches() {
        return List.of();
    }

    private static memory.data_type in(Type type) {
        return switch (type) {
            case F32 -> memory.data_type.f32;
            case BF16 -> memory.data_type.bf16;
            case INT8 -> memory.data_type.s8;
        };
    }

    /** One product, compiled and filled; sums and y are f32, or s32 for INT8. */
    private final class Gemm implements Work {
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
            memory.desc x = own(new memory.desc(new long[] {m, k}, in(type), new long[] {k, 1}, false));
            memory.desc any = own(new memory.desc(new long[] {k, n}, in(type), memory.format_tag.any));
            boolean integers = type == Type.INT8;
            memory.data_type out = integers ? memory.data_type.s32 : memory.data_type.f32;
            memory.desc y = own(new memory.desc(new long[] {m, n}, out, new long[] {n, 1}, false));
            matmul.primitive_desc plan = own(new matmul.primitive_desc(cpu, x, any, y));
            memory.desc w = own(new memory.desc(plan.weights_desc()));
            IntMemoryMap arguments = own(new IntMemoryMap());
            arguments
                    .put(DNNL_ARG_SRC, memory(x, integers ? 0x01010101 : 0x3f803f80))
                    .put(DNNL_ARG_WEIGHTS, memory(w, integers ? 0x01010101 : 0x3c803c80))
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

        @Override
        public double amount() {
            return flops;
        }

        @Override
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
