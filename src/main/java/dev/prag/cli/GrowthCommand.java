package dev.prag.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.bench.GrowthPart;
import dev.prag.bench.GrowthProbe;
import io.quarkus.arc.Unremovable;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import java.io.PrintWriter;
import java.util.Map;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The part of {@code prag bench --part growth} that has a home open. */
@Command(
        name = GrowthPart.COMMAND,
        hidden = true,
        mixinStandardHelpOptions = true,
        description = "What prag bench --part growth starts to make a made-up corpus and to measure on it.")
@Dependent
@Unremovable
public class GrowthCommand implements ServiceCommand {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @Mixin
    ServiceOptions options = new ServiceOptions();

    @ArgGroup(multiplicity = "1")
    Task task;

    @Spec
    CommandSpec spec;

    @Inject
    GrowthProbe probe;

    /** One of the two. */
    static final class Task {
        @Option(names = "--ingest", paramLabel = "N", description = "Make the corpus as large as this.")
        Long ingest;

        @Option(names = "--measure", description = "Measure on it.")
        boolean measure;
    }

    @Override
    public ServiceOptions options() {
        return options;
    }

    @Override
    public boolean writesIndex() {
        return true;
    }

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        if (task.ingest != null) {
            GrowthProbe.Ingest ingest = probe.ingest(task.ingest);
            out.println(
                    JSON.valueToTree(Map.of("perSecond", ingest.perSecond(), "heapMegabytes", ingest.heapMegabytes())));
        } else {
            probe.open();
            out.println(GrowthPart.READY);
            out.flush();
            GrowthProbe.Times times = probe.measure();
            out.println(JSON.valueToTree(
                    Map.of("statusMs", times.statusMs(), "takeMs", times.takeMs(), "searchMs", times.searchMs())));
        }
        out.flush();
        return 0;
    }
}
