package dev.prag.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.prag.evaluation.AnswersFile;
import dev.prag.evaluation.Evaluator;
import dev.prag.evaluation.Question;
import dev.prag.evaluation.Report;
import dev.prag.retrieval.FilterText;
import io.quarkus.arc.Unremovable;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Asks a whole data set. */
@Command(
        name = "evaluate",
        mixinStandardHelpOptions = true,
        description = {
            "Answers the questions of a file with several methods and scores them: exact match, F1, precision and"
                    + " recall, by type of question and in total, and how often retrieval finds the right documents.",
            "",
            "Each line of the file is a JSON object with question, answer (or answers, a list), type, and optionally"
                    + " gold, the titles of the documents that hold the answer."
        })
@Dependent
@Unremovable
public class EvaluateCommand implements ServiceCommand {
    @Mixin
    ServiceOptions options = new ServiceOptions();

    @Option(names = "--questions", required = true, paramLabel = "FILE", description = "The questions, as JSON lines.")
    Path questions;

    @Option(
            names = "--methods",
            split = ",",
            defaultValue = "closed-book,in-context,parametric,combined",
            paramLabel = "NAME",
            description = "Methods, separated by commas. Default: ${DEFAULT-VALUE}.")
    List<String> methods;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "2147483647",
            showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER,
            description = "Only the first N questions.")
    int limit;

    @Option(names = "--top-k", paramLabel = "K", description = "Passages to retrieve. Default: the recipe's.")
    Integer topK;

    @Option(
            names = "--weighting",
            paramLabel = "RULE",
            description = "How adapters are weighted: sum, mean or score. Default: the recipe's.")
    String weighting;

    @Option(names = "--filter", paramLabel = "CONDITION", description = AskCommand.FILTER)
    List<String> filter = List.of();

    @Option(names = "--json", description = "Print one line of JSON in place of the table.")
    boolean json;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Write every answer, with its scores, passages and notes, as a line of JSON. What the file"
                    + " held before is replaced.")
    Path answers;

    @Spec
    CommandSpec spec;

    @Inject
    Evaluator evaluator;

    @Inject
    ObjectMapper mapper;

    @Override
    public ServiceOptions options() {
        return options;
    }

    @Override
    public void check() {
        Question.read(questions, limit);
        FilterText.parse(filter);
        if (answers != null) {
            AnswersFile.check(answers, questions);
        }
    }

    @Override
    public boolean writesIndex() {
        return true;
    }

    @Override
    public Integer call() throws JsonProcessingException {
        PrintWriter out = spec.commandLine().getOut();
        List<Question> asked = Question.read(questions, limit);
        Evaluator.Choices choices = new Evaluator.Choices(topK, weighting, FilterText.parse(filter));
        evaluator.check(methods, choices);
        Report report;
        try (AnswersFile file = answers == null ? null : AnswersFile.open(answers, questions);
                ProgressReport progress = ProgressReport.open(spec.commandLine().getErr(), "evaluate")) {
            Evaluator.Progress shown = showing(progress, asked.size() * methods.size());
            report = evaluator.evaluate(asked, methods, choices, (method, question, answer, score) -> {
                if (file != null) {
                    file.add(question, answer, score);
                }
                shown.answered(method, question, answer, score);
            });
        }
        if (json) {
            out.println(mapper.writeValueAsString(report.toJson()));
        } else {
            out.print(report.toTable());
        }
        out.flush();
        return 0;
    }

    /** Shows how many of so many answers have come. */
    static Evaluator.Progress showing(ProgressReport report, int total) {
        AtomicInteger done = new AtomicInteger();
        return (method, question, answer, score) -> {
            int now = done.incrementAndGet();
            report.update((double) now / total, now + " of " + total + " answers, " + method, Optional.empty());
        };
    }
}
