package dev.prag.llm;

import dev.prag.tensor.Device;
import dev.prag.tensor.cpu.CpuDevice;
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
    };

    public abstract Device open();
}
