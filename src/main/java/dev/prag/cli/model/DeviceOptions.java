package dev.prag.cli.model;

import dev.prag.base.UserException;
import dev.prag.devices.DeviceChoice;
import dev.prag.devices.DeviceSettings;
import dev.prag.tensor.Device;
import java.util.HashSet;
import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Which device computes, for tools that run without the service. */
public class DeviceOptions {
    @Option(
            names = "--device",
            paramLabel = DeviceChoice.WORDS,
            description = "What computes: the processor, a GPU, or with auto a GPU if one can be used. `prag device`"
                    + " lists them. Default: $PRAG_DEVICE, else auto.")
    private String device;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Compute threads of the processor. Default: one for each core.")
    private Integer threads;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    private final Set<String> told = new HashSet<>();

    /** The word that names the device. */
    public final String device() {
        return device != null ? device : Settings.text("prag.device").orElse(DeviceChoice.AUTO);
    }

    /** Threads of the processor; null for one for each core. */
    public final Integer threads() {
        if (threads != null && threads < 1) {
            throw new UserException("--threads " + threads + ": give at least 1");
        }
        return threads;
    }

    /** Settings that only some devices have. */
    public final DeviceSettings settings() {
        return DeviceSettings.of(Settings::text);
    }

    /** Opens it; standard error hears what is to be known about it, once. */
    public final Device openDevice() {
        return DeviceChoice.open(device(), threads(), settings(), this::tell);
    }

    private void tell(String note) {
        if (told.add(note)) {
            command.commandLine().getErr().println("prag: " + note);
        }
    }
}
