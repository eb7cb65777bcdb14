package dev.prag.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.prag.base.UserException;
import dev.prag.evaluation.AnswersFile;
import dev.prag.evaluation.Evaluator;
import dev.prag.evaluation.Question;
import dev.prag.evaluation.Report;
import dev.prag.evaluation.Row;
import dev.prag.retrieval.FilterText;
import io.quarkus.arc.Unremovable;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
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

    @Option(
            names = "--compose",
            paramLabel = "METHOD:CHOICES",
            description = "Another row of the table: a method with choices of its own, such as"
                    + " combined:strength=0.25,weights=mean,scope=answer (also topK, scoreTemperature, cutOff). May be"
                    + " given several times.")
    List<String> compose = List.of();

    @Mixin
    ComposingOptions composing = new ComposingOptions();

    @Option(
            names = "--probes",
            paramLabel = "N",
            defaultValue = "16",
            description = "Of so many questions, spread over the file, measure what their compositions do to"
                    + " log-probabilities; 0 for none. Default: ${DEFAULT-VALUE}.")
    int probes;

    @Option(names = "--filter", paramLabel = "CONDITION", description = AskCommand.FILTER)
    List<String> filter = List.of();

    @Option(names = "--json", description = "Print one line of JSON in place of the table.")
    boolean json;

    @Option(
            names = "--each",
            description = "With --json: each answer of each row, too, with its scores and the seconds of its steps.")
    boolean each;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description =
                    "Write every answer, with its scores, passages and notes, as a line of JSON. Where the file is"
                            + " there, its answers count and aren't asked for again: started again, an evaluation goes on.")
    Path answers;

    @Option(
            names = "--concurrency",
            paramLabel = "N",
            defaultValue = "1",
            description = "Ask N questions at once, which the engine computes together; the seconds are then no longer"
                    + " those of a lone question. Default: ${DEFAULT-VALUE}.")
    int concurrency;

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
        requireJsonForEach();
        Question.read(questions, limit);
        rows();
        choices();
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
        requireJsonForEach();
        Evaluator.Choices choices = choices();
        List<Row> rows = rows();
        evaluator.check(rows, choices);
        Report report;
        try (AnswersFile file = answers == null ? null : AnswersFile.open(answers, questions);
                ProgressReport progress = ProgressReport.open(spec.commandLine().getErr(), "evaluate")) {
            if (file != null && file.size() > 0) {
                spec.commandLine()
                        .getErr()
                        .println("evaluate: " + answers + " holds " + file.size()
                                + " answers; those of this evaluation aren't asked for again");
            }
            report = evaluator.evaluate(asked, rows, choices, file, showing(progress, asked.size() * rows.size()));
        }
        if (json) {
            out.println(mapper.writeValueAsString(each ? report.toJsonWithEach() : report.toJson()));
        } else {
            out.print(report.toTable());
        }
        out.flush();
        return 0;
    }

    private void requireJsonForEach() {
        if (each && !json) {
            throw new UserException("each adds every answer to the JSON, and none is asked for; give --json with it");
        }
    }

    private Evaluator.Choices choices() {
        return new Evaluator.Choices(composing.composing(), FilterText.parse(filter), probes, concurrency);
    }

    /** The methods, and the rows that were asked for beside them. */
    private List<Row> rows() {
        return Stream.concat(
                        methods.stream().filter(name -> !name.isBlank()).map(Row::of),
                        compose.stream().map(Row::parse))
                .toList();
    }

    /** Shows how many of so many answers have come. */
    static Evaluator.Progress showing(ProgressReport report, int total) {
        AtomicInteger done = new AtomicInteger();
        return (row, question, score) -> {
            int now = done.incrementAndGet();
            report.update((double) now / total, now + " of " + total + " answers, " + row.name(), Optional.empty());
        };
    }
}
