package dev.prag.cli;

import dev.prag.evaluation.dataset.DataSet;
import dev.prag.evaluation.dataset.Import;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code prag dataset}. */
@Command(
        name = "dataset",
        mixinStandardHelpOptions = true,
        description = {"Published data sets of questions.", ""},
        subcommands = DatasetCommand.ImportCommand.class)
public final class DatasetCommand {
    /** {@code prag dataset import}. */
    @Command(
            name = "import",
            mixinStandardHelpOptions = true,
            description = {
                "Make a file of questions for prag evaluate of a published data set.",
                "",
                "2wiki: dev.json of 2WikiMultihopQA, and id_aliases.json beside it for other names of answers. hotpotqa:"
                        + " hotpot_dev_distractor_v1.json. popqa: popQA.tsv. cwq: ComplexWebQuestions_dev.json. Other"
                        + " files of the same formats may be named in place of the folder.",
                ""
            })
    static final class ImportCommand implements Callable<Integer> {
        @Parameters(index = "0", paramLabel = "SET", description = "2wiki, hotpotqa, popqa or cwq.")
        private String set;

        @Parameters(index = "1", paramLabel = "DIR", description = "The folder with the set's files, or its file.")
        private Path place;

        @Option(
                names = "--out",
                required = true,
                paramLabel = "FILE",
                description = "The file of questions to write, as JSON lines. What it held before is replaced.")
        private Path out;

        @Option(
                names = "--sample",
                defaultValue = "paper",
                paramLabel = "paper|total|all",
                description =
                        "paper: the first 300 of each type of 2wiki and hotpotqa, and of popqa and cwq the first 300."
                                + " total: the first 300 of the set. all: all. Default: ${DEFAULT-VALUE}.")
        private String sample;

        @Option(
                names = "--limit",
                paramLabel = "N",
                description = "Take the first N, of each type or of the set, in place of 300.")
        private Integer limit;

        @Option(
                names = "--type",
                paramLabel = "TYPE",
                description = "Only questions of this type, as the set calls it.")
        private String type;

        @Option(
                names = "--passages",
                paramLabel = "FILE",
                description =
                        "Write the paragraphs that come with the questions, of 2wiki and hotpotqa, as documents for"
                                + " prag ingest.")
        private Path passages;

        @Spec
        private CommandSpec spec;

        @Override
        public Integer call() {
            Import.Imported imported = new Import(DataSet.of(set), sample, type, limit).read(place, out, passages);
            PrintWriter lines = spec.commandLine().getOut();
            lines.println(imported.questions() + " questions: "
                    + imported.types().entrySet().stream()
                            .map(each -> each.getValue() + " " + each.getKey())
                            .collect(Collectors.joining(", "))
                    + (passages == null ? "" : "; " + imported.passages() + " passages"));
            lines.flush();
            PrintWriter err = spec.commandLine().getErr();
            imported.notes().forEach(note -> err.println("note: " + note));
            err.flush();
            return 0;
        }
    }
}
