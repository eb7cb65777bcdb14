package dev.prag.runtime;

import dev.prag.adapterstore.AdapterStore;
import dev.prag.adapterstore.TierMetrics;
import dev.prag.base.Home;
import dev.prag.llm.ComputeType;
import dev.prag.tensor.Device;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;

/** The model of the tests in f32, on a device of their own. */
public final class OtherDevice {
    private OtherDevice() {}

    /** @param like what names the model; the caller closes the runtime with {@link #close} */
    public static ModelRuntime open(
            ModelSettings like, Home home, AdapterStore store, TierMetrics metrics, Supplier<Device> opening) {
        ModelSettings settings = new ModelSettings() {
            @Override
            Device openDevice() {
                return opening.get();
            }
        };
        settings.model = Optional.of(like.folder());
        settings.demo = like.demoFolder().getParent();
        settings.dtype = "f32";
        settings.weights = ComputeType.FULL;
        settings.context = OptionalInt.empty();
        settings.templateDate = Optional.empty();
        settings.sequences = 4;
        settings.waiting = 16;
        settings.cacheMebibytes = 64;
        settings.mergeMebibytes = 64;
        settings.residentMebibytes = 64;
        settings.roomPatience = Duration.ofSeconds(10);
        settings.adapterFormat = "bf16";
        return new ModelRuntime(settings, home, store, metrics);
    }

    /** Frees what it made. */
    public static void close(ModelRuntime runtime) {
        runtime.close();
    }
}
