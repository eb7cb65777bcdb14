package dev.prag.cli.model;

import dev.prag.base.UserException;
import dev.prag.lora.Adapter;
import dev.prag.lora.DecoderShape;
import dev.prag.lora.PeftFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** The adapters in force. */
final class AdapterOptions {
    @Option(
            names = "--adapter",
            paramLabel = "DIR[=WEIGHT]",
            description = "PEFT folder of an adapter, and its weight in the sum (1 if left out); any number of times.")
    private List<String> adapters = new ArrayList<>();

    /** An adapter as the command line names it. */
    record Weighted(Path folder, Adapter adapter, float weight) {}

    /** Reads the adapters, in the order of the command line. */
    List<Weighted> read(DecoderShape shape) {
        return adapters.stream().map(option -> read(option, shape)).toList();
    }

    private static Weighted read(String option, DecoderShape shape) {
        int at = option.lastIndexOf('=');
        if (at < 0 || Files.isDirectory(Path.of(option))) {
            Path folder = Path.of(option);
            return new Weighted(folder, PeftFolder.read(folder, shape), 1);
        }
        float weight;
        try {
            weight = Float.parseFloat(option.substring(at + 1));
        } catch (NumberFormatException e) {
            weight = Float.NaN;
        }
        if (!Float.isFinite(weight)) {
            throw new UserException("--adapter " + option + ": the weight " + option.substring(at + 1)
                    + " is no number; give DIR=WEIGHT, such as " + option.substring(0, at) + "=0.5");
        }
        Path folder = Path.of(option.substring(0, at));
        return new Weighted(folder, PeftFolder.read(folder, shape), weight);
    }
}
