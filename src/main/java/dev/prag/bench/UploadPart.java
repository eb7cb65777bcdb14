package dev.prag.bench;

import dev.prag.llm.Decoder;
import dev.prag.llm.MemoryNeeds;
import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import dev.prag.tensor.Tensor;
import java.util.List;

/** Weights from the page cache to a device with memory of its own, again and again. */
final class UploadPart {
    private static final String PART = "load";

    private UploadPart() {}

    static List<Figure> run(Subject.Origin origin, DType dtype, Device device, int runs) throws Exception {
        Spread seconds = Spread.seconds(1, runs, () -> {
            try (Decoder decoder = origin.load(device, dtype);
                    Tensor behind = device.allocate(DType.F32, 1, 1)) {
                // All that was queued before is through.
                device.read(behind);
            }
        });
        long bytes = MemoryNeeds.weightsOnce(origin.config(), dtype);
        return List.of(
                Figure.of(PART, "weights to the device, page cache warm", "GB/s", seconds.per(bytes / 1e9)),
                Figure.of(PART, "weights to the device", "s", seconds));
    }
}
