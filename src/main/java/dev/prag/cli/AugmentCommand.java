package dev.prag.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.answering.AnswerService;
import dev.prag.augmentation.Augmentation;
import dev.prag.augmentation.Making;
import dev.prag.augmentation.Pair;
import dev.prag.base.UserException;
import dev.prag.corpus.Augmentations;
import dev.prag.corpus.EncodingQueue;
import dev.prag.corpus.LeasedPassage;
import dev.prag.corpus.PassageText;
import dev.prag.corpus.TextSelection;
import dev.prag.parameterization.AugmentationFiles;
import dev.prag.parameterization.AugmentationRun;
import dev.prag.parameterization.PassageAugmentations;
import dev.prag.parameterization.PassageFailure;
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
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code prag augment}. */
@Command(
        name = "augment",
        mixinStandardHelpOptions = true,
        description = {
            "Make the augmentations of pending passages and keep them, without training anything.",
            "",
            "`prag encode` does this, too, before it trains; alone it lets you look at what was made (show), mend it, and"
                    + " take it in again (export, import), before adapters are trained on it.",
            ""
        },
        subcommands = {
            AugmentCommand.ShowCommand.class,
            AugmentCommand.ExportCommand.class,
            AugmentCommand.ImportCommand.class
        })
@Dependent
@Unremovable
public class AugmentCommand implements ServiceCommand {
    @Mixin
    ServiceOptions options = new ServiceOptions();

    @Mixin
    ForQuestions forQuestions = new ForQuestions();

    @Spec
    CommandSpec spec;

    @Inject
    AugmentationRun run;

    @Inject
    AnswerService answers;

    @Inject
    EncodingQueue queue;

    @Override
    public ServiceOptions options() {
        return options;
    }

    @Override
    public void check() {
        forQuestions.check();
    }

    @Override
    public boolean writesIndex() {
        return forQuestions.isGiven();
    }

    @Override
    public Integer call() {
        TextSelection texts =
                forQuestions.texts(answers, queue, spec.commandLine().getErr(), "augment");
        AugmentationRun.Summary summary;
        try (ProgressReport report = ProgressReport.open(spec.commandLine().getErr(), "augment")) {
            summary = run.run(texts, new Told(report, options.verbose));
        }
        PrintWriter out = spec.commandLine().getOut();
        String failed = summary.failed() == 0
                ? ""
                : " " + summary.failed() + " couldn't be; `prag status --failed` shows what was given up.";
        out.println(
                summary.augmented() + summary.failed() == 0
                        ? "Nothing is left to augment."
                        : "Augmented " + summary.augmented() + " passages." + failed);
        out.flush();
        return summary.failed() > 0 ? 1 : 0;
    }

    private record Told(ProgressReport report, boolean verbose) implements AugmentationRun.Listener {
        @Override
        public void onProgress(int done, long pending) {
            report.update(
                    pending == 0 ? 0 : Math.min(1, (double) done / pending), done + " passages", Optional.empty());
        }

        @Override
        public void onFailed(PassageFailure failure, boolean givenUp) {
            LeasedPassage passage = failure.passage();
            report.line("augment: "
                    + FailureText.passage(passage.documentId(), passage.title(), passage.position(), passage.text())
                    + ", failed" + (givenUp ? " and is given up: " : ": ") + failure.reason());
            if (verbose && !failure.detail().isEmpty()) {
                report.line(FailureText.indented(failure.detail()));
            }
        }
    }

    /** {@code prag augment show}. */
    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            description = {
                "Show what was made of a passage under the model and recipe in force: pairs and rewrites, what was dropped"
                        + " and why, and how the model was asked.",
                ""
            })
    @Dependent
    @Unremovable
    public static class ShowCommand implements SharingCommand {
        private static final JsonMapper JSON = JsonMapper.builder().build();

        @Mixin
        ServiceOptions options = new ServiceOptions();

        @Parameters(
                index = "0",
                paramLabel = "PASSAGE",
                description = "The passage's id, or as much of it as tells it apart; or a document's id, for all of its"
                        + " passages.")
        String passage;

        @Option(names = "--prompts", description = "Show the wording of the prompts, too.")
        boolean prompts;

        @Option(names = "--json", description = "As a line of JSON for each passage.")
        boolean json;

        @Spec
        CommandSpec spec;

        @Inject
        Augmentations augmentations;

        @Inject
        AugmentationFiles files;

        @Override
        public ServiceOptions options() {
            return options;
        }

        @Override
        public Integer call() {
            List<PassageText> found = augmentations.passages(passage);
            if (found.isEmpty()) {
                throw new UserException(
                        UserException.Kind.NOT_FOUND,
                        "passage " + passage + ": there is no passage and no document of that id, or several passages'"
                                + " begin so; `prag document list` names documents, `prag document show --json` passages");
            }
            PrintWriter out = spec.commandLine().getOut();
            boolean any = false;
            for (PassageText one : found) {
                String hash = files.hash(one.text());
                List<Pair> given = PassageAugmentations.pairs(
                        augmentations.given(List.of(hash)).getOrDefault(hash, List.of()));
                Augmentations.Kept kept = files.find(one.text()).orElse(null);
                any |= kept != null || !given.isEmpty();
                if (json) {
                    out.println(toJson(one, kept, given));
                } else {
                    print(out, one, kept, given);
                }
            }
            out.flush();
            if (!any) {
                throw new UserException(
                        UserException.Kind.NOT_FOUND,
                        passage
                                + " has no augmentation under the model and recipe in force; run `prag augment` or `prag"
                                + " encode`");
            }
            return 0;
        }

        private static String toJson(PassageText passage, Augmentations.Kept kept, List<Pair> given) {
            try {
                var node = JSON.createObjectNode()
                        .put("passage", passage.id())
                        .put("document", passage.documentId())
                        .put("text", passage.text());
                node.set("given", JSON.valueToTree(given));
                if (kept != null) {
                    node.set("augmentation", JSON.readTree(kept.body()));
                    node.set("making", kept.making() == null ? null : JSON.readTree(kept.making()));
                }
                return node.toString();
            } catch (JsonProcessingException e) {
                throw new IllegalStateException("augmentation", e);
            }
        }

        private void print(PrintWriter out, PassageText passage, Augmentations.Kept kept, List<Pair> given) {
            out.println(StatusCommand.titled(passage.title()) + ", passage " + (passage.position() + 1) + " ("
                    + StatusCommand.shortened(passage.id()) + ")");
            out.println(FailureText.indented(passage.text()));
            given.forEach(pair -> print(out, "given", pair));
            if (kept == null) {
                return;
            }
            Augmentation augmentation = PassageAugmentations.read(kept.body());
            augmentation.pairs().forEach(pair -> print(out, label(pair), pair));
            augmentation.rewrites().forEach(rewrite -> out.println("rewrite\n" + FailureText.indented(rewrite)));
            augmentation.notes().forEach(note -> out.println("note       " + note));
            if (kept.making() == null) {
                out.println("How it was made isn't known: an earlier version of the program made it.");
                return;
            }
            Making making = making(kept.making());
            for (Making.Call call : making.calls()) {
                if (!"kept".equals(call.outcome())) {
                    out.printf(
                            Locale.ROOT,
                            "dropped    %s: %s%n           %s (temperature %s, seed %d)%n",
                            call.outcome(),
                            call.wrote().replace("\n", " "),
                            call.of(),
                            call.temperature(),
                            call.seed());
                }
            }
            out.println("made by    " + making.model());
            making.figures().forEach((name, n) -> out.println("           " + name + " " + n));
            if (prompts) {
                making.prompts()
                        .forEach((name, text) -> out.println("prompt " + name + "\n" + FailureText.indented(text)));
            }
        }

        private static String label(Pair pair) {
            return pair.paraphraseOf() != null ? "in other words" : pair.kind() == null ? "pair" : pair.kind();
        }

        private static void print(PrintWriter out, String label, Pair pair) {
            out.printf(Locale.ROOT, "%-10s %s%n           %s%n", label, pair.question(), pair.answer());
        }

        private static Making making(String json) {
            try {
                return JSON.readValue(json, Making.class);
            } catch (JsonProcessingException e) {
                throw new IllegalStateException("how an augmentation was made can't be read", e);
            }
        }
    }

    /** {@code prag augment export}. */
    @Command(
            name = "export",
            mixinStandardHelpOptions = true,
            description = {
                "Write the augmentations of the model and recipe in force as JSON lines, one for each passage: text_hash,"
                        + " text, rewrites and pairs.",
                ""
            })
    @Dependent
    @Unremovable
    public static class ExportCommand implements SharingCommand {
        @Mixin
        ServiceOptions options = new ServiceOptions();

        @Parameters(
                index = "0",
                paramLabel = "FILE.jsonl",
                description = "The file; one that is there is written over.")
        Path file;

        @Spec
        CommandSpec spec;

        @Inject
        AugmentationFiles files;

        @Override
        public ServiceOptions options() {
            return options;
        }

        @Override
        public Integer call() {
            PrintWriter out = spec.commandLine().getOut();
            out.println(files.write(file) + " augmentations written");
            out.flush();
            return 0;
        }
    }

    /** {@code prag augment import}. */
    @Command(
            name = "import",
            mixinStandardHelpOptions = true,
            description = {
                "Take augmentations in that were made elsewhere or looked through by people, in place of those that are"
                        + " kept under the model and recipe in force. A line is an object with text (of a passage), pairs"
                        + " and rewrites, as export writes it. Passages that were encoded otherwise are pending again.",
                ""
            })
    @Dependent
    @Unremovable
    public static class ImportCommand implements ServiceCommand {
        @Mixin
        ServiceOptions options = new ServiceOptions();

        @Parameters(index = "0", paramLabel = "FILE.jsonl", description = "The file.")
        Path file;

        @Spec
        CommandSpec spec;

        @Inject
        AugmentationFiles files;

        @Override
        public ServiceOptions options() {
            return options;
        }

        @Override
        public Integer call() {
            AugmentationFiles.Imported imported = files.read(file);
            PrintWriter out = spec.commandLine().getOut();
            out.println(imported.kept() + " augmentations taken in, " + imported.unchanged() + " of them as they were; "
                    + imported.unknown() + " of texts that no passage has");
            out.flush();
            return 0;
        }
    }
}
