package dev.prag.cli;

import dev.prag.answering.Methods;
import dev.prag.base.UserException;
import dev.prag.parameterization.Recipe;
import dev.prag.reproduction.Reproduction;
import dev.prag.reproduction.RunFailedException;
import dev.prag.reproduction.Settings;
import dev.prag.reproduction.Twin;
import dev.prag.reproduction.table.Table;
import dev.prag.reproduction.table.TableFiles;
import dev.prag.reproduction.table.Tables;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code prag reproduce}. It opens no home: what it runs does. */
@Command(
        name = "reproduce",
        mixinStandardHelpOptions = true,
        description = {
            "Make twins of the tables of the paper (Su et al., Parametric Retrieval Augmented Generation, 2025): run what"
                    + " they need and print each in the paper's layout, with the paper's figures beside.",
            "",
            "What is run are calls of this program, one at a time; each is printed, so that it can be repeated by hand."
                    + " What has been run is kept: interrupted at any point and started again, it goes on where it was.",
            ""
        })
public final class ReproduceCommand implements Callable<Integer> {
    private static final String ALL = "all";

    @Parameters(
            index = "0",
            arity = "1",
            split = ",",
            paramLabel = "TWIN",
            description = "table1, table2, table3, table4, figure3, several with commas between them, or all.")
    private List<String> twins;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description =
                    "Folder with the published sets in folders 2wiki, hotpotqa, popqa and cwq, any of them, and DPR's"
                            + " passages, psgs_w100.tsv.gz. Default: the small encyclopedia of the demo and its questions.")
    private Path data;

    @Option(
            names = "--models",
            split = ",",
            paramLabel = "DIR",
            description = "Models that answer, folders or GGUF files. Default: $PRAG_MODEL, else the demo model.")
    private List<String> models = List.of();

    @Option(
            names = "--limit",
            paramLabel = "N",
            description =
                    "Ask the first N questions of each type, or of a set. Default: 300, as the paper; of the demo's"
                            + " fewer.")
    private Integer limit;

    @Option(
            names = "--recipe",
            paramLabel = "NAME|FILE",
            description = "The recipe, of which the variants are made. Default: demo for the demo model, else paper.")
    private String recipe;

    @Option(
            names = "--methods",
            split = ",",
            paramLabel = "NAME",
            description = "Methods of table1 and table4. Default: those of the paper, and in table1 others besides.")
    private List<String> methods = List.of();

    @Option(
            names = "--augmenters",
            split = ",",
            paramLabel = "DIR[:int8]",
            description = "Models that augment passages in table3. Default: those of --models.")
    private List<String> augmenters = List.of();

    @Option(
            names = "--warmup-questions",
            paramLabel = "FILE",
            description =
                    "Questions that the warm-up of table2 is trained on, as prag evaluate reads them. Default: of each"
                            + " set the file in its folder with train in its name.")
    private Path warmUpQuestions;

    @Option(
            names = "--home",
            paramLabel = "DIR",
            description = "The home that all runs work on. Default: the folder home in --out.")
    private Path home;

    @Option(
            names = "--concurrency",
            paramLabel = "N",
            defaultValue = "16",
            description = "Ask N questions at once, but in table4, which measures seconds. Default: ${DEFAULT-VALUE}.")
    private int concurrency;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "DIR",
            description =
                    "Folder of the tables and of all that they are made of. Where something is there already, it is"
                            + " gone on with.")
    private Path out;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter lines = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        Settings settings = settings();
        try {
            new Reproduction(settings)
                    .make(
                            (twin, series, notes) -> {
                                Table table = Tables.of(twin, series, notes);
                                lines.println(table.toText());
                                TableFiles.write(settings.out(), table).forEach(file -> lines.println("wrote " + file));
                                lines.println();
                                lines.flush();
                            },
                            line -> {
                                err.println(line);
                                err.flush();
                            });
        } catch (RunFailedException e) {
            err.println("prag: " + e.getMessage());
            err.println("prag: what was done is kept; the same call goes on from there");
            err.flush();
            return e.exit();
        }
        return 0;
    }

    private Settings settings() {
        methods.forEach(Methods::requireName);
        Path demo = Path.of(System.getProperty("prag.demo", "src/main/demo"))
                .toAbsolutePath()
                .normalize();
        Path results = absolute(out);
        String model = System.getProperty("prag.model", System.getenv("PRAG_MODEL"));
        List<String> given = !models.isEmpty() ? models : model == null || model.isBlank() ? List.of() : List.of(model);
        return new Settings(
                twins(),
                data == null ? null : absolute(data),
                given.isEmpty()
                        ? List.of(Settings.Named.ofDemo(demo))
                        : given.stream().map(Settings.Named::of).toList(),
                limit,
                recipe == null || Recipe.NAMES.contains(recipe)
                        ? recipe
                        : absolute(Path.of(recipe)).toString(),
                methods,
                augmenters.stream().map(Settings.Named::of).toList(),
                warmUpQuestions == null ? null : absolute(warmUpQuestions),
                home == null ? results.resolve("home") : absolute(home),
                home == null,
                concurrency,
                results,
                demo);
    }

    private static Path absolute(Path path) {
        return path.toAbsolutePath().normalize();
    }

    private List<Twin> twins() {
        List<Twin> wanted = new ArrayList<>();
        for (String name : twins) {
            if (name.strip().equals(ALL)) {
                wanted.addAll(List.of(Twin.values()));
            } else {
                wanted.add(Arrays.stream(Twin.values())
                        .filter(twin -> name(twin).equals(name.strip()))
                        .findFirst()
                        .orElseThrow(
                                () -> new UserException("\"" + name + "\" is no table or figure of the paper that has a"
                                        + " twin; choose of "
                                        + Arrays.stream(Twin.values())
                                                .map(ReproduceCommand::name)
                                                .collect(Collectors.joining(", "))
                                        + ", or all")));
            }
        }
        return wanted;
    }

    private static String name(Twin twin) {
        return twin.name().toLowerCase(Locale.ROOT);
    }
}
