package dev.prag.bench.operations;

import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import dev.prag.tensor.Tensor;
import dev.prag.tensor.Weight;
import dev.prag.tensor.cpu.CpuDevice;
import dev.prag.tensor.plain.PlainDevice;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A device under test with tensors of random numbers on it; what it gives is closed with it. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
// Vector code allocates, and is slow, until the second JIT has compiled all of it.
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public abstract class DeviceState {
    /** The fast one, and the reference in plain loops. */
    @Param({"cpu", "plain"})
    public String deviceName;

    private final SplittableRandom random = new SplittableRandom(1);
    private final List<AutoCloseable> opened = new ArrayList<>();
    private Arena arena;
    Device device;

    /** Makes the operands of the subclass. */
    abstract void prepare();

    @Setup(Level.Trial)
    public final void open() {
        arena = Arena.ofShared();
        device = deviceName.equals("plain") ? new PlainDevice() : CpuDevice.create();
        prepare();
    }

    @TearDown(Level.Trial)
    public final void close() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
        opened.clear();
        device.close();
        arena.close();
    }

    /** Zeros. */
    final Tensor zeros(int rows, int cols) {
        return keep(device.allocate(DType.F32, rows, cols));
    }

    /** Numbers around 0 with deviation 1. */
    final Tensor normal(int rows, int cols) {
        Tensor made = zeros(rows, cols);
        device.write(made, normals(rows * cols));
        return made;
    }

    /** A column of integers in [0, bound). */
    final Tensor ids(int rows, int bound) {
        Tensor made = keep(device.allocate(DType.I32, rows, 1));
        device.write(made, random.ints(rows, 0, bound).toArray());
        return made;
    }

    /** A weight [out, in] of random numbers. */
    final Weight weight(int out, int in, DType compute) {
        float[] values = normals(out * in);
        MemorySegment data = arena.allocate((long) values.length * Float.BYTES, 64);
        MemorySegment.copy(values, 0, data, ValueLayout.JAVA_FLOAT, 0, values.length);
        return keep(device.weight(data, DType.F32, out, in, compute));
    }

    private float[] normals(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private <T extends AutoCloseable> T keep(T made) {
        opened.add(made);
        return made;
    }
}
