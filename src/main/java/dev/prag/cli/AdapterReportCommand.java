package dev.prag.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import dev.prag.corpus.AdapterMeasure;
import dev.prag.corpus.AdapterMeasures;
import dev.prag.corpus.AdapterMeasures.Distribution;
import dev.prag.corpus.AdapterMeasures.Quantity;
import dev.prag.corpus.EncodingState;
import dev.prag.corpus.MeasuredAdapter;
import dev.prag.parameterization.Recipes;
import dev.prag.runtime.ModelRuntime;
import io.quarkus.arc.Unremovable;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code prag adapter report}. */
@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        description = {
            "Show what the adapters of the model and recipe in force are worth, the worst first: how much likelier their"
                    + " passages' answers are with them than with another passage's adapter (gain), and by how much they"
                    + " make a neutral text less likely (harm), both in nats a token, measured when they were trained.",
            ""
        })
@Dependent
@Unremovable
public class AdapterReportCommand implements SharingCommand {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int BINS = 20;
    private static final int WIDTH = 50;

    @Mixin
    ServiceOptions options = new ServiceOptions();

    @Option(names = "--worst", paramLabel = "N", defaultValue = "20", description = "How many are listed. Default: 20.")
    int worst;

    @Option(names = "--json", description = "As one line of JSON.")
    boolean json;

    @Option(names = "--svg", paramLabel = "FILE", description = "Write a picture of the distributions, too.")
    Path svg;

    @Spec
    CommandSpec spec;

    @Inject
    AdapterMeasures measures;

    @Inject
    Recipes recipes;

    @Inject
    ModelRuntime runtime;

    @Override
    public ServiceOptions options() {
        return options;
    }

    @Override
    public Integer call() {
        if (worst < 0) {
            throw new UserException("--worst " + worst + ": give a number of adapters, or 0 for none");
        }
        String model = runtime.modelId();
        String recipe = recipes.current().hash();
        Distribution gain = measures.distribution(model, recipe, Quantity.GAIN, BINS);
        Distribution harm = measures.distribution(model, recipe, Quantity.NEUTRAL, BINS);
        List<MeasuredAdapter> listed = measures.worst(model, recipe, worst);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(toJson(gain, harm, listed));
        } else {
            print(out, gain, harm, listed);
        }
        out.flush();
        if (svg != null) {
            write(HistogramSvg.of(List.of("gain", "harm"), List.of(gain, harm)));
        }
        return 0;
    }

    private static ObjectNode toJson(Distribution gain, Distribution harm, List<MeasuredAdapter> listed) {
        ObjectNode report = JSON.createObjectNode().put("measured", gain.count());
        report.set("gain", toJson(gain));
        report.set("harm", toJson(harm));
        ArrayNode list = report.putArray("worst");
        for (MeasuredAdapter adapter : listed) {
            AdapterMeasure measure = adapter.measure();
            list.addObject()
                    .put("document", adapter.documentId())
                    .put("title", adapter.title())
                    .put("passage", adapter.passageId())
                    .put("position", adapter.position())
                    .put("state", adapter.state().name())
                    .put("adapter", adapter.adapterId())
                    .put("gain", measure.gain())
                    .put("harm", measure.neutral())
                    .put("own", measure.own())
                    .put("other", measure.other())
                    .put("none", measure.none())
                    .put("trainings", measure.trainings())
                    .put("learningRate", measure.learningRate())
                    .put("strength", measure.strength())
                    .put("note", adapter.note());
        }
        return report;
    }

    private static ObjectNode toJson(Distribution distribution) {
        ObjectNode node = JSON.createObjectNode()
                .put("least", distribution.least())
                .put("median", distribution.median())
                .put("most", distribution.most());
        ArrayNode counts = node.putArray("counts");
        for (long count : distribution.counts()) {
            counts.add(count);
        }
        return node;
    }

    private static void print(PrintWriter out, Distribution gain, Distribution harm, List<MeasuredAdapter> listed) {
        if (gain.count() == 0) {
            out.println("No adapter was measured under the model and recipe in force. `prag encode` measures what it"
                    + " trains, unless prag.training.measure is 0.");
            return;
        }
        out.println(gain.count() + " adapters measured");
        out.println();
        print(out, "Gain: nats a token by which answers are likelier than with another passage's adapter", gain);
        print(out, "Harm: nats a token by which a neutral text is less likely", harm);
        out.printf("%8s %8s %8s %8s %8s %8s  %s%n", "gain", "harm", "own", "other", "none", "strength", "passage");
        for (MeasuredAdapter adapter : listed) {
            AdapterMeasure measure = adapter.measure();
            out.printf(
                    Locale.ROOT,
                    "%8.3f %8.3f %8.3f %8s %8.3f %8.2f  %s%s%n",
                    measure.gain(),
                    measure.neutral(),
                    measure.own(),
                    measure.other() == null ? "-" : String.format(Locale.ROOT, "%.3f", measure.other()),
                    measure.none(),
                    measure.strength(),
                    FailureText.passage(adapter.documentId(), adapter.title(), adapter.position(), adapter.text()),
                    adapter.state() == EncodingState.WITHHELD ? "; withheld: " + adapter.note() : "");
        }
    }

    /** One line for each bin. */
    private static void print(PrintWriter out, String what, Distribution distribution) {
        out.printf(
                Locale.ROOT,
                "%s: from %.3f, median %.3f, to %.3f%n",
                what,
                distribution.least(),
                distribution.median(),
                distribution.most());
        long most = 1;
        for (long count : distribution.counts()) {
            most = Math.max(most, count);
        }
        for (int bin = 0; bin < distribution.counts().length; bin++) {
            long count = distribution.counts()[bin];
            if (count > 0) {
                int bar = (int) Math.max(1, count * WIDTH / most);
                out.printf(Locale.ROOT, "%8.3f  %s %d%n", distribution.from(bin), "█".repeat(bar), count);
            }
        }
        out.println();
    }

    private void write(String picture) {
        try {
            Files.writeString(svg, picture);
        } catch (IOException e) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT, svg + " can't be written (" + IoReason.of(e) + ")", e);
        }
    }
}
