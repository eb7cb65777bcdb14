package dev.prag.cli;

import dev.prag.answering.Complexity;
import dev.prag.evaluation.Question;
import dev.prag.tuning.ClassifierTraining;
import io.quarkus.arc.Unremovable;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code prag adaptive}. */
@Command(
        name = "adaptive",
        mixinStandardHelpOptions = true,
        description = {"The classifier of questions that the method adaptive goes by.", ""},
        subcommands = AdaptiveCommand.TrainCommand.class)
public class AdaptiveCommand {
    /** {@code prag adaptive train}. */
    @Command(
            name = "train",
            mixinStandardHelpOptions = true,
            description = {
                "Trains a classifier that tells which questions the model answers alone, which from one retrieval and"
                        + " which from several: each question is labelled by the simplest of these that answers it"
                        + " right, and by its type where none does. A fifth of the questions is held out to measure it,"
                        + " and by a fifth of the rest the learning rate and the epoch are chosen.",
                "",
                "It is kept under the model and the recipe in force, in the place of the one before.",
                ""
            })
    @Dependent
    @Unremovable
    public static class TrainCommand implements ServiceCommand {
        @Mixin
        ServiceOptions options = new ServiceOptions();

        @Option(
                names = "--questions",
                required = true,
                paramLabel = "FILE",
                description = "Questions with answers, as JSON lines, as for evaluate.")
        Path questions;

        @Option(
                names = "--limit",
                paramLabel = "N",
                defaultValue = "2147483647",
                showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER,
                description = "Only the first N questions.")
        int limit;

        @Option(
                names = "--injection",
                paramLabel = "NAME",
                defaultValue = "prompt",
                description = "Through what passages reach the model: prompt, adapters, both or augmented. Default:"
                        + " ${DEFAULT-VALUE}.")
        String injection;

        @Option(
                names = "--epochs",
                paramLabel = "N",
                defaultValue = "8",
                description = "How often the questions are seen at most. Default: ${DEFAULT-VALUE}.")
        int epochs;

        @Spec
        CommandSpec spec;

        @Inject
        ClassifierTraining training;

        @Override
        public ServiceOptions options() {
            return options;
        }

        @Override
        public void check() {
            Question.read(questions, limit);
        }

        @Override
        public boolean writesIndex() {
            return true;
        }

        @Override
        public Integer call() {
            List<Question> read = Question.read(questions, limit);
            ClassifierTraining.Outcome outcome;
            try (ProgressReport report = ProgressReport.open(spec.commandLine().getErr(), "label")) {
                outcome = training.train(
                        read,
                        injection,
                        epochs,
                        (done, all) -> report.update(
                                (double) done / all, done + " of " + all + " questions", Optional.empty()));
            }
            print(spec.commandLine().getOut(), outcome);
            return 0;
        }

        private static void print(PrintWriter out, ClassifierTraining.Outcome outcome) {
            for (Complexity complexity : Complexity.values()) {
                out.printf(
                        Locale.ROOT,
                        "%-8s %d questions%n",
                        complexity.name().toLowerCase(Locale.ROOT),
                        outcome.labels().getOrDefault(complexity, 0));
            }
            out.printf(Locale.ROOT, "%d were labelled by their type, as nothing answered them%n", outcome.byKind());
            out.printf(
                    Locale.ROOT,
                    "of %d held-out questions %.1f%% are classified right, macro-F1 %.3f; always the most frequent label:"
                            + " %.1f%%, by their words alone: %.1f%%%n",
                    outcome.heldOut(),
                    100 * outcome.accuracy(),
                    outcome.macroF1(),
                    100 * outcome.majority(),
                    100 * outcome.words());
            out.printf(Locale.ROOT, "trained at a learning rate of %.2g%n", outcome.learningRate());
            out.println("kept in " + outcome.file());
            out.flush();
        }
    }
}
