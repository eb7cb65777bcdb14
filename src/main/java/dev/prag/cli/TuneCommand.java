package dev.prag.cli;

import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import dev.prag.parameterization.EncodingProgress;
import dev.prag.parameterization.Recipe;
import dev.prag.parameterization.Tuned;
import dev.prag.tuning.Tuning;
import dev.prag.tuning.TuningRow;
import io.quarkus.arc.Unremovable;
import io.quarkus.runtime.configuration.DurationConverter;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code prag tune}. */
@Command(
        name = "tune",
        mixinStandardHelpOptions = true,
        description = {
            "Finds a recipe that suits the model and your documents.",
            "",
            "Takes a sample of passages, asks a language model about them as encoding does, and holds some of the"
                    + " questions back. Then trains adapters of the sample in one way after the other, asks the questions"
                    + " that were held back, gives those ways that did well more passages, and chooses how adapters are"
                    + " composed for each method. The table grows as it goes; interrupted and started again, it goes on"
                    + " where it was. Nothing of the corpus changes.",
            ""
        })
@Dependent
@Unremovable
public class TuneCommand implements ServiceCommand {
    @Mixin
    ServiceOptions options = new ServiceOptions();

    @Option(
            names = "--budget",
            paramLabel = "TIME",
            defaultValue = "20m",
            description =
                    "Time for it, such as 90s or 2h; what is under way then is finished. Default: ${DEFAULT-VALUE}.")
    String budget;

    @Option(
            names = "--passages",
            paramLabel = "N",
            defaultValue = "24",
            description = "Passages of the sample. Default: ${DEFAULT-VALUE}.")
    int passages;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Decides which passages they are. Default: ${DEFAULT-VALUE}.")
    long seed;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            defaultValue = "tuned.json",
            description =
                    "Where the recipe is written. What the file held before is replaced. Default: ${DEFAULT-VALUE}.")
    Path file;

    @Spec
    CommandSpec spec;

    @Inject
    Tuning tuning;

    @Override
    public ServiceOptions options() {
        return options;
    }

    @Override
    public boolean writesIndex() {
        return true;
    }

    @Override
    public void check() {
        settings(budget);
        if (Files.isDirectory(file)) {
            throw new UserException("--out " + file + " is a folder; name a file");
        }
        Path folder = file.toAbsolutePath().getParent();
        if (!Files.isDirectory(folder)) {
            throw new UserException("--out " + file + ": there is no folder " + folder + "; make it first");
        }
    }

    private Tuning.Settings settings(String text) {
        try {
            return new Tuning.Settings(DurationConverter.parseDuration(text), passages, seed);
        } catch (IllegalArgumentException e) {
            throw new UserException(
                    UserException.Kind.BAD_INPUT, "--budget " + text + " is no time; give one such as 20m or 2h", e);
        }
    }

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        String name = file.getFileName().toString().replaceFirst("\\.json$", "");
        Recipe recipe;
        try (ProgressReport report = ProgressReport.open(spec.commandLine().getErr(), "tune")) {
            Table table = new Table(report, out);
            recipe = EncodeCommand.withinMemory(() -> tuning.tune(settings(budget), name, table));
        }
        write(recipe);
        Tuned found = recipe.tuned();
        out.printf(
                Locale.ROOT,
                "%nOn %d questions that no adapter had learned: closed-book %.3f, in-context %.3f, parametric %.3f,"
                        + " combined %.3f.%n",
                found.questions(),
                found.closedBook(),
                found.inContext(),
                found.parametric(),
                found.combined());
        if (!recipe.answering().composing("combined").composes()) {
            out.println("No adapters in force with the passages in the prompt were better than the passages alone:"
                    + " combined answers as in-context does.");
        }
        out.println("Wrote " + file + "; use it with --recipe " + file + " (encode, ask, evaluate, serve).");
        out.flush();
        return 0;
    }

    private void write(Recipe recipe) {
        try {
            Files.writeString(file, recipe.toFile());
        } catch (IOException e) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT, file + ": it can't be written (" + IoReason.of(e) + ")", e);
        }
    }

    /** Prints rows as they come. */
    private static final class Table implements Tuning.Listener {
        private static final String ROW = "%-64s %8s %10s %9s %7s %6s%n";

        private final ProgressReport report;
        private final PrintWriter out;
        private boolean begun;
        private String training = "";

        Table(ProgressReport report, PrintWriter out) {
            this.report = report;
            this.out = out;
        }

        @Override
        public void doing(String what) {
            report.line("tune: " + what);
        }

        @Override
        public void training(String what, EncodingProgress progress) {
            if (!what.equals(training)) {
                training = what;
                doing("training " + what);
            }
            report.update(progress.fraction(), EncodeCommand.Told.training(progress), progress.left());
        }

        @Override
        public void row(TuningRow row) {
            report.aside(() -> print(row));
        }

        private void print(TuningRow row) {
            if (!begun) {
                begun = true;
                out.printf(Locale.ROOT, ROW, "", "passages", "parametric", "combined", "drift", "s");
            }
            out.printf(
                    Locale.ROOT,
                    ROW,
                    row.what(),
                    row.passages(),
                    number(row.parametric()),
                    number(row.combined()),
                    number(row.drift()),
                    String.format(Locale.ROOT, "%.0f", row.seconds()));
            out.flush();
        }

        private static String number(Double value) {
            return value == null ? "" : String.format(Locale.ROOT, "%.3f", value);
        }
    }
}
