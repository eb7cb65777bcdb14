package dev.prag.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.base.UserException;
import dev.prag.llm.FragileDevice;
import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import dev.prag.tensor.plain.PlainDevice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** A model that doesn't fit the memory of a device is refused with numbers, before any of it is brought there. */
class DeviceNeedsTest {
    private final List<Device> opened = new ArrayList<>();
    private long room;

    private ModelRuntime runtime() {
        ModelSettings settings = new ModelSettings() {
            @Override
            Device openDevice() {
                Device device =
                        new FragileDevice(new PlainDevice()).withRoom(room).device();
                opened.add(device);
                return device;
            }
        };
        settings.model = Optional.of(Path.of("src/main/demo/model"));
        settings.dtype = "bf16";
        settings.weights = "full";
        settings.context = OptionalInt.of(256);
        settings.templateDate = Optional.empty();
        settings.sequences = 4;
        settings.cacheMebibytes = 1024;
        settings.mergeMebibytes = 1024;
        settings.trainingRows = 512;
        settings.activationMebibytes = 64;
        settings.residentMebibytes = 16;
        return new ModelRuntime(settings, null, null, null);
    }

    private String refusal(ModelRuntime runtime, long room) {
        this.room = room;
        UserException e = assertThrows(UserException.class, runtime::languageModel);
        assertEquals(UserException.Kind.TOO_LARGE, e.kind());
        return e.getMessage();
    }

    @Test
    void whatDoesNotFitIsRefusedPartByPart() {
        // 5.8 million parameters in bf16; 4 times 256 positions of 6 layers of two heads of 64, keys and values, f32.
        String message = refusal(runtime(), 60L << 20);
        assertTrue(message.contains("weights 11 MiB"), message);
        assertTrue(message.contains("keys and values 6 MiB"), message);
        assertTrue(message.contains("adapters 16 MiB"), message);
        assertTrue(message.contains("has 60 MiB for it"), message);
        assertTrue(message.contains("--weights int8") && message.contains("--device cpu"), message);
        assertFalse(message.contains("training "), message);
    }

    @Test
    void whoTrainsNeedsRoomForThat() {
        ModelRuntime runtime = runtime();
        runtime.expectTraining();
        String message = refusal(runtime, 60L << 20);
        assertTrue(message.contains("training "), message);
        assertFalse(message.contains("adapters 16 MiB"), message);
    }

    @Test
    void aRefusalLeavesNothingBehindAndAModelThatFitsIsOpened() {
        ModelRuntime runtime = runtime();
        refusal(runtime, 1 << 20);
        assertThrows(IllegalStateException.class, () -> opened.getFirst().allocate(DType.F32, 1, 1), "it is closed");
        room = 1L << 30;
        assertEquals(6, runtime.languageModel().config().layers());
        runtime.close();
    }
}
