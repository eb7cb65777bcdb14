package dev.prag.llm;

import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import dev.prag.tensor.cpu.CpuDevice;
import dev.prag.tensor.cuda.CudaDevice;
import dev.prag.tensor.cuda.CudaSettings;
import dev.prag.tensor.cuda.CudaStandIn;
import dev.prag.tensor.plain.PlainDevice;

/** The devices that parity is tested on. */
public enum TestDevice {
    PLAIN {
        @Override
        public Device open() {
            return new PlainDevice();
        }
    },
    CPU {
        @Override
        public Device open() {
            return new CpuDevice(2);
        }
    },
    /** A GPU or its stand-in; the test is skipped where there is neither. */
    CUDA {
        @Override
        public Device open() {
            CudaStandIn.require();
            return CudaDevice.open(new CudaSettings(0, 512L << 20, DType.F32, true));
        }
    };

    public abstract Device open();
}
