package dev.prag.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.base.UserException;
import dev.prag.devices.DeviceChoice;
import dev.prag.devices.DeviceSettings;
import dev.prag.llm.ComputeType;
import dev.prag.llm.DevicePlan;
import dev.prag.llm.MemoryNeeds;
import dev.prag.llm.ModelFolder;
import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** Runs the parts that were asked for and prints each figure as soon as its part is through. */
public final class Bench {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** How long a service is under each load. */
    private static final Duration LOADED = Duration.ofSeconds(10);

    private static final int SEARCHES = 2000;
    private static final int RETRIEVAL_PASSAGES = 20_000;
    private static final List<Integer> GROWTH_PASSAGES = List.of(10_000, 100_000);

    private enum Part {
        CEILINGS,
        DECODE,
        SCHEMA,
        PREFILL,
        COMPOSE,
        ENCODE,
        BESIDE,
        LOAD,
        START,
        SERVE,
        RETRIEVAL,
        TIERS,
        ADAPTERS,
        GROWTH;

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final Set<Part> COMPUTING = EnumSet.of(
            Part.CEILINGS,
            Part.DECODE,
            Part.SCHEMA,
            Part.PREFILL,
            Part.COMPOSE,
            Part.ENCODE,
            Part.BESIDE,
            Part.LOAD,
            Part.ADAPTERS);

    /**
     * What to measure.
     *
     * @param model folder, or null for the demo model; not with a shape
     * @param shape name of a {@link ModelShape}, or null
     * @param parts names; empty for all but start, serve and growth
     * @param runs counted runs, at least one
     * @param tokens of a decoding run
     * @param passages of the corpora of retrieval, which takes the largest, and of growth; empty for what they take then
     * @param encodePassages most passages encoded at once
     * @param rows tokens trained on at once
     * @param dtype of the products: f32 or bf16
     * @param weights full or int8
     * @param device as {@link DeviceChoice} takes it
     * @param threads of the processor; null for one for each core
     * @param settings of the device
     * @param programs that the part start measures; empty for this one
     */
    public record Options(
            Path model,
            String shape,
            List<String> parts,
            int runs,
            int tokens,
            List<Integer> passages,
            int encodePassages,
            int rows,
            String dtype,
            String weights,
            String device,
            Integer threads,
            DeviceSettings settings,
            List<Path> programs) {}

    private Bench() {}

    /** @throws UserException for options that can't be, or a shape that doesn't fit the memory */
    public static void run(Options options, boolean json, PrintWriter out, PrintWriter err) throws Exception {
        Set<Part> parts = parts(options.parts());
        DeviceChoice.check("--device", options.device());
        atLeast("--runs", options.runs(), 1);
        atLeast("--tokens", options.tokens(), 8);
        atLeast("--rows", options.rows(), 512);
        DType dtype = ComputeType.of("--", options.dtype(), options.weights());
        options.passages().forEach(passages -> atLeast("--passages", passages, 1));
        Output output = new Output(json, out);
        ModelShape shape = shape(options);
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        if (parts.contains(Part.LOAD)) {
            // Before this process has the model open itself, whose mapped files stay in the page cache.
            Path model = shape == null ? folder(options.model()) : null;
            output.print(LoadPart.run(
                    model, modelOptions(options), 1, options.runs(), note -> err.println("prag: " + note)));
        }
        if (parts.contains(Part.START)) {
            output.print(StartPart.run(
                    options.programs(),
                    shape == null ? folder(options.model()) : null,
                    modelOptions(options),
                    options.runs(),
                    temporary,
                    note -> {
                        err.println("prag: " + note);
                        err.flush();
                    }));
        }
        if (parts.contains(Part.SERVE)) {
            output.print(ServePart.run(
                    shape == null ? folder(options.model()) : null,
                    modelOptions(options),
                    options.runs(),
                    LOADED,
                    temporary,
                    said -> {
                        err.println("prag: " + said);
                        err.flush();
                    }));
        }
        if (parts.stream().anyMatch(COMPUTING::contains)) {
            try (Device device = DeviceChoice.open(
                    options.device(), options.threads(), options.settings(), note -> err.println("prag: " + note))) {
                compute(parts, options, dtype, device, output, err);
            }
        }
        if (parts.contains(Part.TIERS)) {
            try (TemporaryFolder folder = new TemporaryFolder(temporary)) {
                output.print(TiersPart.run(folder.path()));
            }
        }
        if (parts.contains(Part.RETRIEVAL)) {
            int passages = options.passages().stream().mapToInt(n -> n).max().orElse(RETRIEVAL_PASSAGES);
            output.print(RetrievalPart.run(passages, SEARCHES, SEARCHES / 10, temporary));
        }
        if (parts.contains(Part.GROWTH)) {
            List<Integer> sizes = options.passages().isEmpty() ? GROWTH_PASSAGES : options.passages();
            output.growth(GrowthPart.run(sizes, temporary, said -> {
                err.println("prag: " + said);
                err.flush();
            }));
        }
    }

    /** The parts that need a device. */
    private static void compute(
            Set<Part> parts, Options options, DType dtype, Device device, Output output, PrintWriter err)
            throws Exception {
        ModelShape shape = shape(options);
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        boolean own = device.room().isPresent();
        if (shape != null) {
            // Before anything is measured.
            requireRoom(shape, dtype, device, own);
        }
        try (MappedWeights mapped =
                        shape != null && own ? new MappedWeights(temporary, shape.largestTensorBytes()) : null;
                Ceilings ceilings = new Ceilings(DeviceChoice.ceilings(device), options.runs())) {
            if (parts.contains(Part.CEILINGS)) {
                err.println("prag: measuring the ceilings");
                output.print(ceilings.figures());
            }
            if (own && parts.contains(Part.LOAD)) {
                output.print(UploadPart.run(origin(options, mapped), dtype, device, options.runs()));
            }
            if (parts.stream().anyMatch(EnumSet.range(Part.DECODE, Part.BESIDE)::contains)) {
                try (Subject subject = new Subject(origin(options, mapped), dtype, device)) {
                    output.subject(subject);
                    if (parts.contains(Part.DECODE)) {
                        output.print(DecodePart.run(subject, ceilings, options.runs(), options.tokens()));
                    }
                    if (parts.contains(Part.SCHEMA)) {
                        if (shape == null) {
                            ModelFolder folder = ModelFolder.open(folder(options.model()));
                            output.print(SchemaPart.run(subject, folder.tokenizer(), options.runs()));
                        } else {
                            err.println("prag: a shape has no tokenizer, so the part schema is left out");
                        }
                    }
                    if (parts.contains(Part.PREFILL)) {
                        output.print(PrefillPart.run(subject, ceilings, options.runs()));
                    }
                    if (parts.contains(Part.COMPOSE)) {
                        try (TemporaryFolder folder = new TemporaryFolder(temporary)) {
                            output.print(ComposePart.run(subject, options.runs(), folder.path()));
                        }
                    }
                    if (parts.contains(Part.ENCODE)) {
                        output.print(EncodePart.run(
                                subject, ceilings, options.runs(), options.rows(), options.encodePassages()));
                    }
                    if (parts.contains(Part.BESIDE)) {
                        output.print(BesidePart.run(subject, options.runs(), options.tokens(), options.rows()));
                    }
                }
            }
        }
        if (parts.contains(Part.ADAPTERS)) {
            output.print(AdaptersPart.run(demo(), dtype, device));
        }
    }

    /** The options of a command that opens a model as this bench does. */
    private static List<String> modelOptions(Options options) {
        List<String> given = new ArrayList<>(
                List.of("--dtype", options.dtype(), "--weights", options.weights(), "--device", options.device()));
        if (options.threads() != null) {
            given.addAll(List.of("--threads", options.threads().toString()));
        }
        return given;
    }

    /** @param mapped random weights for a device with memory of its own; null for others */
    private static Subject.Origin origin(Options options, MappedWeights mapped) {
        ModelShape shape = shape(options);
        return shape == null
                ? Subject.Origin.of(ModelFolder.open(folder(options.model())))
                : Subject.Origin.of(shape, mapped == null ? new RandomWeights() : mapped);
    }

    private static void requireRoom(ModelShape shape, DType dtype, Device device, boolean own) {
        if (own) {
            new DevicePlan()
                    .with("weights", MemoryNeeds.weightsOnce(shape.config(), dtype))
                    .require(device, "--shape " + shape.label(), "choose a smaller shape, --weights int8");
        } else {
            Subject.requireRoom(shape, dtype);
        }
    }

    /** The shape asked for; null for a model's folder. */
    private static ModelShape shape(Options options) {
        if (options.shape() == null) {
            return null;
        }
        if (options.model() != null) {
            throw new UserException("--shape and --model exclude each other; give one of them");
        }
        return ModelShape.named(options.shape());
    }

    private static Path folder(Path model) {
        if (model != null) {
            return model;
        }
        String variable = System.getenv("PRAG_MODEL");
        return variable != null && !variable.isBlank() ? Path.of(variable) : demo().resolve("model");
    }

    private static Path demo() {
        return Path.of(System.getProperty("prag.demo", "src/main/demo"));
    }

    private static Set<Part> parts(List<String> names) {
        if (names.isEmpty()) {
            // They take minutes and measure no ceiling.
            return EnumSet.complementOf(EnumSet.of(Part.START, Part.SERVE, Part.GROWTH));
        }
        Set<Part> parts = EnumSet.noneOf(Part.class);
        for (String name : names) {
            parts.add(Arrays.stream(Part.values())
                    .filter(part -> part.label().equals(name.toLowerCase(Locale.ROOT)))
                    .findFirst()
                    .orElseThrow(() -> new UserException("--part " + name + ": there is no such part; choose "
                            + Arrays.stream(Part.values()).map(Part::label).collect(Collectors.joining(", ")))));
        }
        return parts;
    }

    private static void atLeast(String option, int value, int least) {
        if (value < least) {
            throw new UserException(option + " " + value + ": has to be at least " + least);
        }
    }

    /** A table for people, or a line of JSON a figure. */
    private record Output(boolean json, PrintWriter out) {
        void subject(Subject subject) {
            if (!json) {
                out.printf(
                        "%s, %s, %s%n",
                        subject.name(),
                        ComputeType.name(subject.dtype()),
                        subject.device().name());
                out.flush();
            }
        }

        void print(List<Figure> figures) throws Exception {
            for (Figure figure : figures) {
                out.println(json ? JSON.writeValueAsString(toJson(figure)) : toLine(figure));
            }
            out.flush();
        }

        void growth(List<GrowthPart.Row> rows) {
            if (json) {
                ObjectNode node = JSON.createObjectNode();
                ArrayNode list = node.putArray("growth");
                rows.forEach(row -> list.addObject()
                        .put("passages", row.passages())
                        .put("ingestPerSecond", row.ingestPerSecond())
                        .put("statusMs", row.statusMs())
                        .put("takeMs", row.takeMs())
                        .put("startMs", row.startMs())
                        .put("searchMs", row.searchMs()));
                out.println(node);
            } else {
                out.println("  passages  ingest, a second  heap, MB  status, ms  take, ms  start, ms  search, ms");
                rows.forEach(row -> out.printf(
                        Locale.ROOT,
                        "%10d %17.0f %9.0f %11.2f %9.2f %10.0f %11.2f%n",
                        row.passages(),
                        row.ingestPerSecond(),
                        row.heapMegabytes(),
                        row.statusMs(),
                        row.takeMs(),
                        row.startMs(),
                        row.searchMs()));
            }
            out.flush();
        }

        private static String toLine(Figure figure) {
            Spread s = figure.spread();
            String line = String.format(
                    Locale.ROOT,
                    "%-10s %-44s %10s %-9s (%s to %s, %d runs)",
                    figure.part(),
                    figure.name(),
                    number(s.median()),
                    figure.unit(),
                    number(s.min()),
                    number(s.max()),
                    s.runs());
            return figure.ratio() == null
                    ? line
                    : String.format(
                            Locale.ROOT,
                            "%s  %.3f of %s",
                            line,
                            figure.ratio().value(),
                            figure.ratio().of());
        }

        private static String number(double value) {
            return String.format(Locale.ROOT, value >= 100 ? "%.0f" : value >= 1 ? "%.2f" : "%.4f", value);
        }

        private static ObjectNode toJson(Figure figure) {
            ObjectNode node = JSON.createObjectNode();
            node.put("part", figure.part()).put("name", figure.name()).put("unit", figure.unit());
            Spread s = figure.spread();
            node.put("median", s.median())
                    .put("min", s.min())
                    .put("max", s.max())
                    .put("runs", s.runs());
            if (figure.ratio() != null) {
                node.put("ratio", figure.ratio().value())
                        .put("of", figure.ratio().of());
            }
            return node;
        }
    }
}
