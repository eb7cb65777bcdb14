package dev.prag.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.prag.answering.Answer;
import dev.prag.answering.AnswerRequest;
import dev.prag.answering.AnswerService;
import dev.prag.answering.Retrieval;
import dev.prag.retrieval.FilterText;
import io.quarkus.arc.Unremovable;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Answers one question. */
@Command(
        name = "ask",
        mixinStandardHelpOptions = true,
        description = {
            "Answers a question from the documents that were ingested.",
            "",
            "Methods: closed-book (the model alone), in-context (passages in the prompt), parametric (passages in the"
                    + " weights), combined (both), doc-augmented (passages in the prompt, with what was made of them);"
                    + " and those that retrieve in rounds: flare, flare-sentence, dragin, ircot and adaptive, with"
                    + " passages in the prompt, or with +adapters, +both or +augmented behind the name."
        })
@Dependent
@Unremovable
public class AskCommand implements ServiceCommand {
    static final String FILTER =
            "Search only documents of which this holds: key=value, key>=value, key>value, key<=value"
                    + " or key<value, with a path of their metadata or @document (an id) as key. Several have to hold all, but"
                    + " of several key=value with the same key one suffices.";

    @Mixin
    ServiceOptions options = new ServiceOptions();

    @Parameters(paramLabel = "QUESTION", description = "The question; quote it.")
    String question;

    @Option(
            names = "--method",
            paramLabel = "NAME",
            description = "How to answer. Default: the recipe's; parametric where it names none.")
    String method;

    @Mixin
    ComposingOptions composing = new ComposingOptions();

    @Option(names = "--max-tokens", paramLabel = "N", description = "Bound on the answer. Default: the recipe's.")
    Integer maxTokens;

    @Option(names = "--temperature", paramLabel = "T", description = "0 is greedy, which is the default.")
    Double temperature;

    @Option(names = "--seed", paramLabel = "N", description = "Decides what is sampled.")
    Long seed;

    @Option(names = "--filter", paramLabel = "CONDITION", description = FILTER)
    List<String> filter = List.of();

    @Option(
            names = "--trace",
            description = "Show each retrieval: what was searched for and why, what was found, and what was written"
                    + " then.")
    boolean trace;

    @Option(names = "--json", description = "Print the whole answer as one line of JSON.")
    boolean json;

    @Spec
    CommandSpec spec;

    @Inject
    AnswerService answers;

    @Inject
    ObjectMapper mapper;

    @Override
    public ServiceOptions options() {
        return options;
    }

    @Override
    public void check() {
        request();
    }

    private AnswerRequest request() {
        return AnswerRequest.of(question, method, composing.composing(), FilterText.parse(filter))
                .with(maxTokens, temperature, seed)
                .traced(trace);
    }

    @Override
    public boolean writesIndex() {
        return true;
    }

    @Override
    public Integer call() throws JsonProcessingException {
        PrintWriter out = spec.commandLine().getOut();
        Answer answer = answers.answer(request());
        if (json) {
            out.println(mapper.writeValueAsString(answer));
        } else {
            print(out, answer);
        }
        out.flush();
        return 0;
    }

    private static void print(PrintWriter out, Answer answer) {
        out.println(answer.answer());
        out.println();
        for (Answer.Used passage : answer.passages()) {
            String share = passage.weight() == null
                    ? "in the prompt"
                    : String.format(Locale.ROOT, "adapter, weight %.2f", passage.weight());
            out.printf(
                    Locale.ROOT,
                    "  %-24s score %6.2f  %s%n",
                    share,
                    passage.score(),
                    StatusCommand.titled(passage.title()));
        }
        Answer.Timings timings = answer.timings();
        out.printf(
                Locale.ROOT,
                "  %s: retrieve %.1f ms, compose %.1f ms, first token %.1f ms, %d tokens in %.1f ms%n",
                answer.method(),
                timings.retrieve(),
                timings.compose(),
                timings.firstToken(),
                answer.tokens(),
                timings.generate());
        answer.notes().forEach(note -> out.println("  note: " + note));
        if (answer.trace() != null) {
            trace(out, answer.trace());
        }
    }

    private static void trace(PrintWriter out, List<Retrieval> retrievals) {
        for (int i = 0; i < retrievals.size(); i++) {
            Retrieval retrieval = retrievals.get(i);
            out.println();
            out.println("  retrieval " + (i + 1) + ", " + retrieval.trigger()
                    + (retrieval.detail() == null ? "" : ": " + retrieval.detail()));
            out.println("    query  " + retrieval.query());
            retrieval
                    .passages()
                    .forEach(found -> out.printf(
                            Locale.ROOT, "    %8.2f  %s%n", found.score(), StatusCommand.titled(found.title())));
            out.println("    text   " + retrieval.text().strip());
        }
        if (retrievals.isEmpty()) {
            out.println();
            out.println("  nothing was retrieved");
        }
    }
}
