package dev.prag.cli;

import dev.prag.corpus.EncodingCounts;
import dev.prag.corpus.EncodingQueue;
import dev.prag.parameterization.Encoder;
import dev.prag.parameterization.EncodingListener;
import dev.prag.parameterization.EncodingProgress;
import dev.prag.parameterization.EncodingSummary;
import dev.prag.parameterization.Recipes;
import dev.prag.runtime.ModelRuntime;
import io.quarkus.arc.Unremovable;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Optional;
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
                    + "when nothing is pending. Interrupted at any point and started again, it goes on where it was; "
                    + "several encoders may share one external database.",
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
            description = "Passages that are trained together, while as many are augmented: more keep the processor "
                    + "busier, fewer lose less when interrupted. Default: 16.")
    Integer batch;

    @Option(names = "--retry-failed", description = "Try passages again that were given up after several attempts.")
    boolean retryFailed;

    @Spec
    CommandSpec spec;

    @Inject
    Encoder encoder;

    @Inject
    EncodingQueue queue;

    @Inject
    Recipes recipes;

    @Inject
    ModelRuntime runtime;

    @Override
    public ServiceOptions options() {
        return options;
    }

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        String model = runtime.modelId();
        String recipe = recipes.current().hash();
        if (retryFailed) {
            queue.ensure(model, recipe);
            err.println(queue.retryFailed(model, recipe) + " failed passages are pending again");
        }
        EncodingSummary summary;
        try (ProgressReport report = ProgressReport.open(err, "encode")) {
            Told told = new Told(report);
            summary = batch == null ? encoder.run(told) : encoder.run(batch, told);
        }
        EncodingCounts counts = queue.counts(model, recipe);
        PrintWriter out = spec.commandLine().getOut();
        out.println(sentence(summary));
        if (counts.failed() > 0) {
            out.println(counts.failed() + " passages failed; `prag status` shows why, and `prag encode "
                    + "--retry-failed` tries them again");
        }
        out.flush();
        return 0;
    }

    /** What a run did, for people. */
    static String sentence(EncodingSummary summary) {
        if (summary.trained() + summary.reused() == 0) {
            return "Nothing is left to encode.";
        }
        double seconds = summary.took().toMillis() / 1000.0;
        return String.format(
                        Locale.ROOT,
                        "Encoded %d passages in %.1f s (%,d tokens trained on).",
                        summary.trained() + summary.reused(),
                        seconds,
                        summary.tokens())
                + (summary.reused() > 0 ? " Of these, " + summary.reused() + " had their adapter already." : "")
                + (summary.incomplete() > 0
                        ? " Of " + summary.incomplete() + " some augmentations couldn't be had."
                        : "");
    }

    /** Puts an encoder's progress into words. */
    static final class Told implements EncodingListener {
        private final ProgressReport report;

        Told(ProgressReport report) {
            this.report = report;
        }

        @Override
        public void onProgress(EncodingProgress progress) {
            String passages = progress.done() + " of " + progress.total() + " passages";
            switch (progress.phase()) {
                case AUGMENTING ->
                    report.update(progress.fraction(), passages + ", augmenting the next", progress.left());
                case TRAINING ->
                    report.update(
                            progress.fraction(),
                            passages
                                    + String.format(
                                            Locale.ROOT, ", training %,.0f tokens/s", progress.tokensPerSecond()),
                            progress.left());
                case WAITING ->
                    report.update(
                            progress.fraction(), passages + ", waiting for another encoder's leases", Optional.empty());
            }
        }

        @Override
        public void onFailed(String title, String reason) {
            report.line("encode: a passage of \"" + StatusCommand.titled(title) + "\" failed: " + reason);
        }
    }
}
