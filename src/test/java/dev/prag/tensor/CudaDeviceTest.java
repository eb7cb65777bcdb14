package dev.prag.tensor;

import dev.prag.tensor.cuda.CudaDevice;
import dev.prag.tensor.cuda.CudaSettings;
import dev.prag.tensor.cuda.CudaStandIn;
import org.junit.jupiter.api.Nested;

/** The contract on CUDA, with and without graphs: on the stand-in, or on the machine's own GPU. */
class CudaDeviceTest {
    private static Device device(boolean graphs) {
        CudaStandIn.require();
        return CudaDevice.open(new CudaSettings(0, 256L << 20, DType.BF16, graphs));
    }

    @Nested
    class WithGraphs extends DeviceContract {
        @Override
        Device open() {
            return device(true);
        }
    }

    @Nested
    class WithoutGraphs extends DeviceContract {
        @Override
        Device open() {
            return device(false);
        }
    }
}
