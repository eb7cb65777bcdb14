package dev.prag.cli;

import dev.prag.base.UserException;
import dev.prag.evaluation.Question;
import dev.prag.evaluation.WarmUp;
import io.quarkus.arc.Unremovable;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code prag warmup}. */
@Command(
        name = "warmup",
        mixinStandardHelpOptions = true,
        description = {
            "Train one adapter on questions and answers, for the adapters of all passages to begin with.",
            "",
            "The folder that it writes is what training.init of a recipe names, or the id that it prints:"
                    + " the store keeps the adapter, too. Rank, alpha, targets, seed and prompts are"
                    + " those of the recipe in force. Questions that it was trained on are not evaluated with adapters"
                    + " that began with it. Interrupted, it goes on where it was when it is called again.",
            ""
        })
@Dependent
@Unremovable
public class WarmUpCommand implements ServiceCommand {
    @Mixin
    ServiceOptions options = new ServiceOptions();

    @Option(
            names = "--questions",
            required = true,
            paramLabel = "FILE",
            description = "Questions with their answers, as prag evaluate reads them; with steps, full_answer, too.")
    Path questions;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "DIR",
            description = "The PEFT folder to write. Where it holds the same adapter already, nothing is done.")
    Path out;

    @Option(names = "--limit", paramLabel = "N", description = "Only the first N questions. Default: all.")
    int limit = Integer.MAX_VALUE;

    @Option(
            names = "--steps",
            negatable = true,
            description = "Whether the answers reason first. Default: as the recipe's.")
    Boolean steps;

    @Option(names = "--epochs", paramLabel = "N", defaultValue = "1", description = "Default: ${DEFAULT-VALUE}.")
    int epochs;

    @Option(
            names = "--learning-rate",
            paramLabel = "X",
            defaultValue = "3e-4",
            description = "Constant. Default: ${DEFAULT-VALUE}.")
    float learningRate;

    @Spec
    CommandSpec spec;

    @Inject
    WarmUp warmUp;

    @Override
    public ServiceOptions options() {
        return options;
    }

    @Override
    public void check() {
        Question.read(questions, limit);
        Path above = out.toAbsolutePath().normalize().getParent();
        if (above == null || !Files.isDirectory(above)) {
            throw new UserException(
                    UserException.Kind.NOT_FOUND,
                    "out: " + above + " is no directory; make it, or name a folder elsewhere");
        }
    }

    @Override
    public Integer call() {
        List<Question> asked = Question.read(questions, limit);
        WarmUp.Made made;
        try (ProgressReport report = ProgressReport.open(spec.commandLine().getErr(), "warmup")) {
            made = EncodeCommand.withinMemory(() -> warmUp.train(
                    asked,
                    new WarmUp.How(steps, epochs, learningRate),
                    out,
                    questions.getFileName().toString(),
                    done -> report.update(done, asked.size() + " questions", Optional.empty())));
        }
        PrintWriter lines = spec.commandLine().getOut();
        if (made.from() > 0) {
            lines.println("Went on at step " + (made.from() + 1) + ", where it had been interrupted.");
        }
        lines.println(
                made.wasThere()
                        ? out + " holds this adapter already."
                        : String.format(
                                Locale.ROOT,
                                "Wrote %s, trained on %d questions; loss %.3f at first, %.3f at last.",
                                out,
                                made.samples(),
                                made.firstLoss(),
                                made.lastLoss()));
        lines.println("Adapters begin with it where a recipe's training says \"init\": \""
                + out.toAbsolutePath().normalize() + "\",");
        lines.println("or, wherever this store is used, \"init\": \"" + made.id() + "\".");
        lines.flush();
        return 0;
    }
}
