package dev.prag.llm;

import dev.prag.tensor.Device;
import dev.prag.tensor.plain.PlainDevice;

/** The devices that parity is tested on. */
public enum TestDevice {
    PLAIN {
        @Override
        public Device open() {
            return new PlainDevice();
        }
    };

    public abstract Device open();
}
