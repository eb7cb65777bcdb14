package dev.prag.cli;

import dev.prag.answering.AnswerService;
import dev.prag.base.UserException;
import dev.prag.corpus.EncodingCounts;
import dev.prag.corpus.EncodingQueue;
import dev.prag.corpus.LeasedPassage;
import dev.prag.corpus.StoreClaim;
import dev.prag.corpus.Targets;
import dev.prag.corpus.TextSelection;
import dev.prag.corpus.Upkeep;
import dev.prag.parameterization.Encoder;
import dev.prag.parameterization.EncodingBudget;
import dev.prag.parameterization.EncodingListener;
import dev.prag.parameterization.EncodingLoop;
import dev.prag.parameterization.EncodingProgress;
import dev.prag.parameterization.EncodingSummary;
import dev.prag.parameterization.PassageFailure;
import dev.prag.parameterization.Recipes;
import dev.prag.parameterization.StoreCheck;
import dev.prag.rest.ProcessRole;
import dev.prag.runtime.ModelRuntime;
import io.quarkus.arc.Unremovable;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code prag encode}. */
@Command(
        name = "encode",
        mixinStandardHelpOptions = true,
        description = {
            "Turn every pending passage into an adapter.",
            "",
            "Each passage is rewritten and questioned by a language model (augmentation); what comes of it trains a "
                    + "small LoRA adapter over the frozen base model: the passage's parametric representation. Ends "
                    + "when nothing is left to take. Interrupted at any point and started again, it goes on where it was; "
                    + "several encoders may share one external database.",
            "",
            "A passage that can't be encoded is tried again and then given up; the exit code is 1 then. What is wrong with"
                    + " the model, the recipe, the endpoint or the machine ends the run at once and costs no passage a"
                    + " try.",
            ""
        })
@Dependent
@Unremovable
public class EncodeCommand implements ServiceCommand {
    @Mixin
    ServiceOptions options;

    @Option(
            names = "--batch",
            paramLabel = "N",
            description =
                    "Passages that are taken and trained together, while as many are augmented. Where training them"
                            + " takes longer than prag.encoder.portion, they are trained in portions. Default: 16.")
    Integer batch;

    @Option(
            names = "--budget",
            paramLabel = "N|TIME",
            description = "Take at most N passages, or what can be begun within a time such as 20m: first those that"
                    + " questions retrieve most. Passages without an adapter stand in the prompt.")
    String budget;

    @Option(names = "--retry-failed", description = "Try passages again that were given up after several attempts.")
    boolean retryFailed;

    @Option(
            names = "--repair",
            description =
                    "Look for every adapter that the database knows, and train those again that the store lacks, even"
                            + " if it lacks them all.")
    boolean repair;

    @Option(
            names = "--watch",
            description =
                    "Wait for more when nothing is left to take. A SIGTERM ends it with exit code 0: what is being"
                            + " trained is finished if it takes no longer than prag.encoder.grace, all else is given back.")
    boolean watch;

    @Mixin
    ForQuestions forQuestions = new ForQuestions();

    @Mixin
    WatchOptions watching = new WatchOptions();

    @Spec
    CommandSpec spec;

    @Inject
    Encoder encoder;

    @Inject
    StoreCheck storeCheck;

    @Inject
    EncodingQueue queue;

    @Inject
    EncodingLoop loop;

    @Inject
    Upkeep upkeep;

    @Inject
    StoreClaim claim;

    @Inject
    Targets targets;

    @ConfigProperty(name = "prag.encoder.grace", defaultValue = "20s")
    Duration grace;

    @Inject
    Recipes recipes;

    @Inject
    ModelRuntime runtime;

    @Inject
    AnswerService answers;

    @Override
    public boolean writesIndex() {
        return forQuestions.isGiven();
    }

    @Override
    public ServiceOptions options() {
        return options;
    }

    @Override
    public void check() {
        if (!watch && watching.servesHttp()) {
            throw new UserException("--port is for an encoder that stays; give --watch, too, or leave it out");
        }
        forQuestions.check();
        if (watch && forQuestions.isGiven()) {
            throw new UserException(
                    "--for-questions ends when its passages are encoded and --watch goes on for ever; leave one of them"
                            + " out");
        }
        if (budget != null) {
            EncodingBudget.of(budget);
            if (watch) {
                throw new UserException("--budget ends a run and --watch goes on for ever; leave one of them out");
            }
        }
    }

    @Override
    public boolean servesHttp() {
        return watching.servesHttp();
    }

    @Override
    public Map<String, String> settings() {
        Map<String, String> settings = watching.settings(ProcessRole.ENCODE);
        if (batch != null) {
            settings.put("prag.encoder.batch", batch.toString());
        }
        return settings;
    }

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        String model = runtime.modelId();
        String recipe = recipes.current().hash();
        claim.require();
        if (retryFailed) {
            err.println(queue.retryFailed(model, recipe) + " failed passages are pending again");
        }
        if (watch) {
            return watch(err);
        }
        told(err, storeCheck.repair(repair));
        TextSelection texts = forQuestions.texts(answers, queue, err, "encode");
        EncodingSummary summary;
        try (ProgressReport report = ProgressReport.open(err, "encode")) {
            Told told = new Told(report, options.verbose);
            EncodingBudget most = budget == null ? EncodingBudget.unbounded() : EncodingBudget.of(budget);
            summary = withinMemory(
                    () -> batch == null ? encoder.run(most, texts, told) : encoder.run(batch, most, texts, told));
        }
        EncodingCounts counts = queue.counts(model, recipe, texts);
        PrintWriter out = spec.commandLine().getOut();
        out.println(sentence(summary, counts.failed()));
        out.flush();
        return counts.failed() > 0 ? 1 : 0;
    }

    /** Until it is told to end, which is no failure. */
    private int watch(PrintWriter err) {
        if (repair) {
            told(err, storeCheck.repair(true));
        }
        targets.register(recipes.target());
        upkeep.start();
        Terminations.then(() -> loop.end(grace));
        err.println("encode: waiting for passages");
        err.flush();
        try (ProgressReport report = ProgressReport.open(err, "encode")) {
            Watched watched =
                    new Watched(report, options.verbose, err, spec.commandLine().getOut());
            withinMemory(() -> {
                loop.run(watched);
                return null;
            });
        }
        err.println("encode: ended; what was under way and not finished is pending");
        err.flush();
        return 0;
    }

    private static void told(PrintWriter err, StoreCheck.Found found) {
        if (found.missing() > 0) {
            err.println(
                    found.pending()
                            ? "encode: " + found.missing() + " adapters are not in the store any more; they are"
                                    + " trained again"
                            : "encode: of " + found.missing()
                                    + " adapters that the database knows none is in this store;"
                                    + " if it is the right one, `prag encode --repair` trains them again");
        }
    }

    /** Runs an encoder; where the memory doesn't suffice, in words. */
    static <T> T withinMemory(Supplier<T> run) {
        try {
            return run.get();
        } catch (OutOfMemoryError e) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT,
                    "the memory doesn't suffice for encoding; use --weights int8, a smaller --batch or --context, or less"
                            + " with prag.training.rows and prag.training.activation-mib",
                    e);
        }
    }

    /**
     * What a run did, for people.
     *
     * @param failed passages that are given up, in this run or before it
     */
    static String sentence(EncodingSummary summary, long failed) {
        long encoded = summary.trained() + summary.reused();
        StringBuilder said = new StringBuilder();
        if (encoded > 0) {
            said.append(String.format(
                    Locale.ROOT,
                    "Encoded %d passages in %.1f s (%,d tokens trained on).",
                    encoded,
                    summary.took().toMillis() / 1000.0,
                    summary.tokens()));
        } else {
            said.append(failed + summary.withheld() > 0 ? "Encoded no passage." : "Nothing is left to encode.");
        }
        add(said, summary.reused(), "Of these, %d had their adapter already.");
        add(
                said,
                summary.withheld(),
                "Adapters withheld, as they are below the recipe's bounds: %d; `prag adapter report` shows them.");
        add(said, summary.incomplete(), "Of %d some augmentations couldn't be had.");
        add(said, summary.failures() - summary.givenUp(), "Attempts that failed and were made again: %d.");
        add(
                said,
                failed,
                "Passages given up: %d; `prag status --failed` shows why, `prag encode --retry-failed` tries"
                        + " them again.");
        return said.toString();
    }

    private static void add(StringBuilder said, long count, String sentence) {
        if (count > 0) {
            said.append(' ').append(String.format(Locale.ROOT, sentence, count));
        }
    }

    /** Puts an encoder's progress into words. */
    static class Told implements EncodingListener {
        private final ProgressReport report;
        private final boolean verbose;

        /** @param verbose whether to show what a model wrote that was no use */
        Told(ProgressReport report, boolean verbose) {
            this.report = report;
            this.verbose = verbose;
        }

        @Override
        public void onProgress(EncodingProgress progress) {
            String passages = progress.done() + " of " + progress.total() + " passages";
            switch (progress.phase()) {
                case AUGMENTING ->
                    report.update(progress.fraction(), passages + ", augmenting the next", progress.left());
                case TRAINING ->
                    report.update(progress.fraction(), passages + ", " + training(progress), progress.left());
                case WAITING ->
                    report.update(
                            progress.fraction(), passages + ", waiting for another encoder's leases", Optional.empty());
            }
        }

        /** Without a rate while what comes before the first step is read. */
        static String training(EncodingProgress progress) {
            return progress.tokensPerSecond() == 0
                    ? "training"
                    : String.format(Locale.ROOT, "training %,.0f tokens/s", progress.tokensPerSecond());
        }

        @Override
        public void onFailed(PassageFailure failure, boolean givenUp) {
            LeasedPassage passage = failure.passage();
            report.line("encode: "
                    + FailureText.passage(passage.documentId(), passage.title(), passage.position(), passage.text())
                    + ", failed and is " + (givenUp ? "given up: " : "tried again: ") + failure.reason());
            if (verbose && !failure.detail().isEmpty()) {
                report.line(FailureText.indented(failure.detail()));
            }
        }
    }

    /** Says what a loop of runs does. */
    private static final class Watched extends Told implements EncodingLoop.Listener {
        private final ProgressReport report;
        private final PrintWriter err;
        private final PrintWriter out;

        Watched(ProgressReport report, boolean verbose, PrintWriter err, PrintWriter out) {
            super(report, verbose);
            this.report = report;
            this.err = err;
            this.out = out;
        }

        @Override
        public void onRun(EncodingSummary summary) {
            if (summary.trained() + summary.reused() + summary.failures() > 0) {
                out.println(sentence(summary, summary.givenUp()));
                out.flush();
            }
        }

        @Override
        public void onTrouble(RuntimeException trouble) {
            report.line("encode: stopped, and goes on in a while: "
                    + (trouble.getMessage() == null ? trouble : trouble.getMessage()));
        }

        @Override
        public void onMissing(StoreCheck.Found found) {
            told(err, found);
        }
    }
}
