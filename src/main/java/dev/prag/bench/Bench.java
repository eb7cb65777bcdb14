package dev.prag.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.base.UserException;
import dev.prag.llm.ComputeType;
import dev.prag.llm.ModelFolder;
import dev.prag.tensor.DType;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** Runs the parts that were asked for and prints each figure as soon as its part is through. */
public final class Bench {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final int SEARCHES = 2000;

    private enum Part {
        CEILINGS,
        DECODE,
        PREFILL,
        COMPOSE,
        ENCODE,
        LOAD,
        RETRIEVAL,
        TIERS;

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * What to measure.
     *
     * @param model folder, or null for the demo model; not with a shape
     * @param shape name of a {@link ModelShape}, or null
     * @param parts names; empty for all
     * @param runs counted runs, at least one
     * @param tokens of a decoding run
     * @param passages of the retrieval part's corpus
     * @param encodePassages most passages encoded at once
     * @param rows tokens trained on at once
     * @param dtype of the products: f32 or bf16
     * @param weights full or int8
     * @param threads null for one for each core
     */
    public record Options(
            Path model,
            String shape,
            List<String> parts,
            int runs,
            int tokens,
            int passages,
            int encodePassages,
            int rows,
            String dtype,
            String weights,
            Integer threads) {}

    private Bench() {}

    /** @throws UserException for options that can't be, or a shape that doesn't fit the memory */
    public static void run(Options options, boolean json, PrintWriter out, PrintWriter err) throws Exception {
        Set<Part> parts = parts(options.parts());
        int threads = options.threads() == null ? Runtime.getRuntime().availableProcessors() : options.threads();
        atLeast("--threads", threads, 1);
        atLeast("--runs", options.runs(), 1);
        atLeast("--tokens", options.tokens(), 8);
        atLeast("--rows", options.rows(), 512);
        DType dtype = ComputeType.of("--", options.dtype(), options.weights());
        atLeast("--passages", options.passages(), 1);
        Output output = new Output(json, out);
        // Before anything is measured.
        ModelShape shape = shape(options);
        if (shape != null) {
            Subject.requireRoom(shape, dtype);
        }
        Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
        if (parts.contains(Part.LOAD)) {
            // Before this process has the model open itself, whose mapped files stay in the page cache.
            Path model = shape == null ? folder(options.model()) : null;
            output.print(LoadPart.run(
                    model,
                    List.of(
                            "--dtype",
                            options.dtype(),
                            "--weights",
                            options.weights(),
                            "--threads",
                            Integer.toString(threads)),
                    1,
                    options.runs(),
                    note -> err.println("prag: " + note)));
        }
        try (Ceilings ceilings = new Ceilings(threads, options.runs())) {
            if (parts.contains(Part.CEILINGS)) {
                err.println("prag: measuring the ceilings");
                output.print(ceilings.figures());
            }
            if (parts.stream().anyMatch(EnumSet.range(Part.DECODE, Part.ENCODE)::contains)) {
                try (Subject subject = subject(options, dtype, threads)) {
                    output.subject(subject);
                    if (parts.contains(Part.DECODE)) {
                        output.print(DecodePart.run(subject, ceilings, options.runs(), options.tokens()));
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
                }
            }
        }
        if (parts.contains(Part.TIERS)) {
            try (TemporaryFolder folder = new TemporaryFolder(temporary)) {
                output.print(TiersPart.run(folder.path()));
            }
        }
        if (parts.contains(Part.RETRIEVAL)) {
            output.print(RetrievalPart.run(options.passages(), SEARCHES, SEARCHES / 10, temporary));
        }
    }

    private static Subject subject(Options options, DType dtype, int threads) {
        ModelShape shape = shape(options);
        return shape != null
                ? Subject.of(shape, dtype, threads)
                : Subject.of(ModelFolder.open(folder(options.model())), dtype, threads);
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
        return variable != null && !variable.isBlank()
                ? Path.of(variable)
                : Path.of(System.getProperty("prag.demo", "src/main/demo"), "model");
    }

    private static Set<Part> parts(List<String> names) {
        if (names.isEmpty()) {
            return EnumSet.allOf(Part.class);
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
