package dev.prag.tensor;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.function.Executable;

/**
 * What every device promises, by family of operations: the same cases, forward and backward, on the device under test
 * and on the plain one.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class DeviceContract
        implements MemoryContract,
                RowsContract,
                ProductsContract,
                LoraContract,
                AttentionContract,
                ProbabilitiesContract,
                ChoiceContract,
                AdamWContract {
    private Device device;

    /** The device under test. */
    abstract Device open();

    @BeforeAll
    void start() {
        device = open();
    }

    @AfterAll
    void stop() {
        device.close();
    }

    @Override
    public Lab lab(long seed) {
        return new Lab(device, seed);
    }

    /** Also where an operation waits for its turn in another thread. */
    @Test
    void aClosedDeviceSaysSoAndNeverWaits() {
        Device closed = open();
        Tensor x = closed.allocate(DType.F32, 64, 4096);
        Tensor ids = closed.allocate(DType.I32, 1, 1);
        Weight w = closed.weight(MemorySegment.ofArray(new byte[16]), DType.F32, 2, 2, DType.F32);
        CountDownLatch started = new CountDownLatch(1);
        CompletableFuture<Void> under = CompletableFuture.runAsync(() -> {
            while (true) {
                closed.add(x, x);
                started.countDown();
            }
        });
        assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
            started.await();
            closed.close();
            ExecutionException e = assertThrows(ExecutionException.class, under::get);
            assertInstanceOf(IllegalStateException.class, e.getCause());
            for (Executable operation : List.<Executable>of(
                    () -> closed.allocate(DType.F32, 1, 1),
                    () -> closed.weight(MemorySegment.ofArray(new byte[16]), DType.F32, 2, 2, DType.F32),
                    () -> closed.read(x),
                    () -> closed.readInts(ids),
                    () -> closed.write(x, new float[64 * 4096]),
                    () -> closed.fill(x, 1),
                    () -> closed.copy(x, x),
                    () -> closed.swiglu(x, x, x),
                    () -> closed.rmsNorm(x, x, x.rows(0, 1), 1e-6f),
                    () -> closed.matmul(x.reshape(1, 2), x.reshape(1, 2), w, null))) {
                assertThrows(IllegalStateException.class, operation);
            }
            x.close();
            ids.close();
            w.close();
            closed.close();
        });
    }
}
