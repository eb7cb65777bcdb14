package dev.prag.cli;

import dev.prag.bench.Bench;
import dev.prag.cli.model.DeviceOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code prag bench}. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = {
            "Measures the ceilings of this machine (memory read bandwidth, matrix products) and how close decoding,"
                    + " prefill, composing, encoding, start and retrieval come to them, in one run; or how the program's steps grow with"
                    + " the corpus.",
            "",
            "Each line is a median over counted runs with its least and greatest value, and the ratio to a ceiling or"
                    + " to another figure of the same run.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  prag bench --shape llama-3.2-1b",
            "  prag bench --model DIR --part decode --part prefill --runs 5 --json",
            "  prag bench --part start --program ./prag --program target/prag-runner",
            "  prag bench --part serve",
            "  prag bench --part growth --passages 10000,100000,1000000"
        })
public final class BenchCommand implements Callable<Integer> {
    @Option(
            names = "--model",
            paramLabel = "DIR",
            description = "Model folder in Hugging Face layout, or a GGUF file. Default: $PRAG_MODEL, else the demo"
                    + " model.")
    private Path model;

    @Option(
            names = "--shape",
            paramLabel = "NAME",
            description = "Random weights in the shape of llama-3.2-1b, qwen-2.5-1.5b, llama-3-8b or demo, instead of a"
                    + " model.")
    private String shape;

    @Option(
            names = "--part",
            split = ",",
            paramLabel = "NAME",
            description =
                    "Only this part: ceilings, decode, schema, prefill, compose, encode, beside, load, start, serve, retrieval, tiers,"
                            + " adapters or growth. Can be given several times. Default: all but start, serve and growth,"
                            + " which take minutes.")
    private List<String> parts = List.of();

    @Option(names = "--runs", paramLabel = "N", defaultValue = "3", description = "Counted runs. Default: 3.")
    private int runs;

    @Option(
            names = "--tokens",
            paramLabel = "N",
            defaultValue = "32",
            description = "Tokens of a decoding run. Default: 32.")
    private int tokens;

    @Option(
            names = "--passages",
            split = ",",
            paramLabel = "N",
            description = "Passages of the made-up corpora of the parts retrieval (the largest of several) and growth."
                    + " Default: 20000; 10000,100000 for growth.")
    private List<Integer> passages = List.of();

    @Option(
            names = "--encode-passages",
            paramLabel = "N",
            defaultValue = "64",
            description = "Most passages encoded at once, of 1, 4, 16 and 64. Default: 64.")
    private int encodePassages;

    @Option(
            names = "--rows",
            paramLabel = "N",
            defaultValue = "4096",
            description = "Tokens trained on at once. Default: 4096.")
    private int rows;

    @Option(names = "--dtype", paramLabel = "f32|bf16", defaultValue = "bf16", description = "Type of the products.")
    private String dtype;

    @Option(
            names = "--weights",
            paramLabel = "full|int8",
            defaultValue = "full",
            description = "int8 quantises the weights. Default: full.")
    private String weights;

    @Mixin
    private DeviceOptions device;

    @Option(
            names = "--program",
            paramLabel = "FILE",
            description =
                    "What the part start starts, such as a native executable. Can be given several times, to compare"
                            + " them. Default: this program.")
    private List<Path> programs = List.of();

    @Option(names = "--json", description = "Lines of JSON instead of a table.")
    private boolean json;

    @Option(names = "--verbose", description = "Show where an error came from.")
    private boolean verbose;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        Bench.Options options = new Bench.Options(
                model,
                shape,
                parts,
                runs,
                tokens,
                passages,
                encodePassages,
                rows,
                dtype,
                weights,
                device.device(),
                device.threads(),
                device.settings(),
                programs);
        Bench.run(options, json, spec.commandLine().getOut(), spec.commandLine().getErr());
        return 0;
    }
}
