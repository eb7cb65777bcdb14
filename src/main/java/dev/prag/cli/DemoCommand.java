package dev.prag.cli;

import dev.prag.answering.Answer;
import dev.prag.answering.AnswerRequest;
import dev.prag.answering.AnswerService;
import dev.prag.base.Home;
import dev.prag.corpus.Corpus;
import dev.prag.documents.DocumentFiles;
import dev.prag.evaluation.Evaluator;
import dev.prag.evaluation.Question;
import dev.prag.evaluation.Report;
import dev.prag.evaluation.Row;
import dev.prag.evaluation.Score;
import dev.prag.parameterization.Encoder;
import dev.prag.parameterization.EncodingSummary;
import io.quarkus.arc.Unremovable;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The whole way on the small encyclopedia that comes with the program. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = {
            "Shows the whole way on a small made-up encyclopedia that the demo model never saw: ingest, augment and"
                    + " encode 63 passages, answer questions closed-book and parametrically side by side, and compare"
                    + " four methods by type of question.",
            "",
            "It has a home of its own unless you name one. Run again, it reuses what is there."
        })
@Dependent
@Unremovable
public class DemoCommand implements ServiceCommand {
    private static final List<String> METHODS = List.of("closed-book", "in-context", "parametric", "combined");
    private static final int SHOWN = 6;

    @Mixin
    ServiceOptions options = new ServiceOptions();

    @Spec
    CommandSpec spec;

    @ConfigProperty(name = "prag.demo", defaultValue = "src/main/demo")
    Path demo;

    @Inject
    Corpus corpus;

    @Inject
    Encoder encoder;

    @Inject
    AnswerService answers;

    @Inject
    Evaluator evaluator;

    @Override
    public ServiceOptions options() {
        return options;
    }

    @Override
    public boolean writesIndex() {
        return true;
    }

    @Override
    public Path standardHome() {
        return Home.standardFolder("demo");
    }

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        Path encyclopedia = demo.resolve("small");
        heading(out, "1. Ingest: " + encyclopedia.resolve("passages.jsonl"));
        out.println(IngestCommand.summary(corpus.ingest(DocumentFiles.of(encyclopedia.resolve("passages.jsonl")))));

        heading(out, "2. Encode: every passage becomes a LoRA adapter");
        EncodingSummary summary;
        try (ProgressReport report = ProgressReport.open(err, "encode")) {
            EncodeCommand.Told told = new EncodeCommand.Told(report, options.verbose);
            summary = EncodeCommand.withinMemory(() -> encoder.run(told));
        }
        out.println(EncodeCommand.sentence(summary, summary.givenUp()));

        List<Question> questions = Question.read(encyclopedia.resolve("questions.jsonl"), Integer.MAX_VALUE);
        heading(out, "3. Ask: the model alone, and with the adapters of the passages that retrieval finds");
        questions.stream()
                .filter(question -> question.type().equals("single"))
                .limit(SHOWN)
                .forEach(question -> {
                    show(out, question);
                    out.flush();
                });

        heading(out, "4. Compare: " + questions.size() + " questions, four methods");
        Report table;
        try (ProgressReport report = ProgressReport.open(err, "evaluate")) {
            table = evaluator.evaluate(
                    questions,
                    METHODS.stream().map(Row::of).toList(),
                    Evaluator.Choices.DEFAULT,
                    EvaluateCommand.showing(report, questions.size() * METHODS.size()));
        }
        out.print(table.toTable());
        out.flush();
        return summary.givenUp() > 0 ? 1 : 0;
    }

    private static void heading(PrintWriter out, String text) {
        out.println();
        out.println(text);
        out.flush();
    }

    private void show(PrintWriter out, Question question) {
        Answer closed = answers.answer(AnswerRequest.of(question.question(), "closed-book"));
        Answer parametric = answers.answer(AnswerRequest.of(question.question(), "parametric"));
        out.println();
        out.println("  " + question.question());
        out.printf("    closed-book  %s%n", marked(closed, question));
        out.printf("    parametric   %s%n", marked(parametric, question));
        for (Answer.Used passage : parametric.passages()) {
            out.printf(
                    Locale.ROOT,
                    "                 %s%s%n",
                    passage.title(),
                    passage.weight() == null
                            ? " (in the prompt)"
                            : String.format(Locale.ROOT, " (adapter, weight %.2f)", passage.weight()));
        }
        Answer.Timings timings = parametric.timings();
        out.printf(
                Locale.ROOT,
                "                 retrieve %.1f ms, compose %.1f ms, generate %.1f ms%n",
                timings.retrieve(),
                timings.compose(),
                timings.generate());
    }

    private static String marked(Answer answer, Question question) {
        boolean right = Score.best(answer.answer(), question.answers()).exactMatch() == 1;
        return (right ? "✓ " : "✗ ")
                + answer.answer()
                + (right ? "" : "   (right: " + question.answers().getFirst() + ")");
    }
}
