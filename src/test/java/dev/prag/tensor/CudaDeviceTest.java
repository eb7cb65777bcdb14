package dev.prag.tensor;

import dev.prag.tensor.cuda.CudaDevice;
import dev.prag.tensor.cuda.CudaSettings;
import dev.prag.tensor.cuda.CudaStandIn;
import org.junit.jupiter.api.Nested;

/** The contract on a GPU or its stand-in, with caches of either type first. */
class CudaDeviceTest {
    private static Device open(DType cacheType, boolean graphs) {
        CudaStandIn.require();
        return CudaDevice.open(new CudaSettings(0, 512L << 20, cacheType, graphs));
    }

    @Nested
    class WithGraphs extends DeviceContract {
        @Override
        Device open() {
            return CudaDeviceTest.open(DType.BF16, true);
        }
    }

    @Nested
    class WithoutGraphs extends DeviceContract {
        @Override
        Device open() {
            return CudaDeviceTest.open(DType.F32, false);
        }
    }
}
