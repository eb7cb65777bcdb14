package dev.prag.tensor;

import static dev.prag.tensor.MemoryContract.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.prag.tensor.plain.PlainDevice;
import org.junit.jupiter.api.Test;

class PlainDeviceTest extends DeviceContract {
    @Override
    Device open() {
        return new PlainDevice();
    }

    @Test
    void closedTensorsAreNotUsed() {
        try (PlainDevice device = new PlainDevice()) {
            Tensor x = device.allocate(DType.F32, 2, 3);
            Tensor view = x.rows(1, 1);
            view.close();
            assertEquals(6, device.read(x).length);
            x.close();
            assertThrows(IllegalStateException.class, () -> device.read(view));
        }
    }

    @Test
    void idsOutsideOfTheirTableAreRefused() {
        try (Lab lab = lab(200)) {
            Device device = lab.device();
            Weight table = lab.weight(DType.F32, 5, 4, DType.F32).tested();
            Tensor out = lab.normal(1, 4).tested();
            refused(() -> device.embed(out, table, lab.ints(1, 1, 5).tested()));
            refused(() -> device.embed(out, table, lab.ints(1, 1, -1).tested()));
            Tensor loss = lab.normal(1, 1).tested();
            refused(() -> device.crossEntropy(loss, null, out, lab.ints(1, 1, 4).tested(), null));
        }
    }

    @Test
    void nothingIsRounded() {
        try (PlainDevice device = new PlainDevice();
                Tensor x = device.allocate(DType.F32, 1, 1)) {
            device.writeExact(x, new double[] {Math.PI});
            device.add(x, x);
            assertEquals(2 * Math.PI, device.readExact(x)[0]);
        }
    }
}
