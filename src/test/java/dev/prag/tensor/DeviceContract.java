package dev.prag.tensor;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

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
}
