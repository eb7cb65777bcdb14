package dev.prag.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.base.Home;
import dev.prag.base.UserException;
import dev.prag.corpus.Corpus;
import dev.prag.corpus.Demand;
import dev.prag.corpus.EncodingCounts;
import dev.prag.corpus.EncodingQueue;
import dev.prag.corpus.FailedPassage;
import dev.prag.corpus.TargetView;
import dev.prag.corpus.Targets;
import dev.prag.parameterization.AugmentationFiles;
import dev.prag.parameterization.ModelCheck;
import dev.prag.parameterization.Recipe;
import dev.prag.parameterization.Recipes;
import dev.prag.runtime.ModelRuntime;
import io.quarkus.arc.Unremovable;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code prag status}. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description = {
            "Show what the home holds: documents, and how many of their passages are encoded.",
            "",
            "A passage is encoded anew for every model and recipe, so the counts are those of the model and recipe in "
                    + "force.",
            ""
        })
@Dependent
@Unremovable
public class StatusCommand implements SharingCommand {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int SHOWN_FAILURES = 10;
    private static final int DEMAND_DAYS = 30;

    @Mixin
    ServiceOptions options;

    @Option(names = "--json", description = "End with one line of JSON.")
    boolean json;

    @Option(
            names = "--failed",
            description = "Show every passage that was given up, and what the model wrote that was no use.")
    boolean failed;

    @Spec
    CommandSpec spec;

    @Inject
    Home home;

    @Inject
    Corpus corpus;

    @Inject
    EncodingQueue queue;

    @Inject
    Targets targets;

    @Inject
    Demand demand;

    @Inject
    AugmentationFiles augmentations;

    @Inject
    ModelCheck modelCheck;

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
        Optional<String> fault = modelCheck.fault();
        Optional<Encoded> encoded = fault.isEmpty() ? Optional.of(encoded()) : encodedIfKnown();
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(toJson(fault, encoded));
        } else {
            print(out, fault, encoded);
        }
        out.flush();
        return 0;
    }

    /** What is known under the model and recipe in force. */
    private record Encoded(
            String model,
            Recipe recipe,
            EncodingCounts counts,
            List<FailedPassage> failures,
            Map<String, Long> augmentation,
            List<TargetView> others,
            Demand.Retrieved retrieved) {}

    private Encoded encoded() {
        Recipe recipe = recipes.current();
        String model = runtime.modelId();
        List<TargetView> others = targets.list().stream()
                .filter(view -> !view.target().model().equals(model)
                        || !view.target().recipe().equals(recipe.hash()))
                .toList();
        return new Encoded(
                model,
                recipe,
                queue.counts(model, recipe.hash()),
                queue.failures(model, recipe.hash(), failed ? Integer.MAX_VALUE : SHOWN_FAILURES),
                augmentations.figures(),
                others,
                demand.retrieved(model, recipe.hash(), DEMAND_DAYS));
    }

    private Optional<Encoded> encodedIfKnown() {
        try {
            return Optional.of(encoded());
        } catch (UserException e) {
            // It is told already that the model can't be used.
            return Optional.empty();
        }
    }

    private ObjectNode toJson(Optional<String> fault, Optional<Encoded> encoded) {
        ObjectNode status = JSON.createObjectNode();
        status.put("documents", corpus.documents());
        encoded.ifPresent(known -> status.putObject("passages")
                .put("pending", known.counts().pending())
                .put("ready", known.counts().ready())
                .put("withheld", known.counts().withheld())
                .put("failed", known.counts().failed()));
        status.put("home", home.toString());
        fault.ifPresent(reason -> status.put("modelFault", reason));
        encoded.ifPresent(known -> {
            status.put("model", known.model());
            status.put("recipe", known.recipe().name());
            status.put("recipeHash", known.recipe().hash());
            ArrayNode list = status.putArray("failures");
            known.failures().forEach(failure -> list.add(toJson(failure)));
            ObjectNode augmentation = status.putObject("augmentation");
            known.augmentation().forEach(augmentation::put);
            status.set("otherTargets", TargetCommand.toJson(known.others()));
            status.putObject("retrieved")
                    .put("days", DEMAND_DAYS)
                    .put("passages", known.retrieved().passages())
                    .put("adapters", known.retrieved().adapters());
        });
        return status;
    }

    private ObjectNode toJson(FailedPassage failure) {
        ObjectNode node = JSON.createObjectNode()
                .put("document", failure.documentId())
                .put("title", failure.title())
                .put("passage", failure.passageId())
                .put("position", failure.position())
                .put("text", failed ? failure.text() : FailureText.beginning(failure.text()))
                .put("error", failure.error());
        return failed ? node.put("detail", failure.detail()) : node;
    }

    private void print(PrintWriter out, Optional<String> fault, Optional<Encoded> encoded) {
        out.println("Home       " + home);
        fault.ifPresent(reason -> out.println("Model      can't be used: " + reason));
        if (encoded.isEmpty()) {
            out.println("Documents  " + corpus.documents());
            out.println("How many of their passages are encoded can be told with a usable model only.");
            return;
        }
        Encoded known = encoded.get();
        EncodingCounts counts = known.counts();
        if (fault.isEmpty()) {
            out.println("Model      " + runtime.folder().path() + " (" + shortened(known.model()) + ")");
        }
        out.println("Recipe     " + known.recipe().name() + " ("
                + shortened(known.recipe().hash()) + ")");
        out.println("Documents  " + counts.documents());
        out.println("Passages   " + counts.passages() + ": " + counts.ready() + " encoded, " + counts.pending()
                + " pending" + withheld(counts.withheld()) + ", " + counts.failed() + " failed");
        Demand.Retrieved retrieved = known.retrieved();
        if (retrieved.passages() > 0) {
            out.printf(
                    Locale.ROOT,
                    "Retrieved  %,d passages by questions in %d days, %.0f%% of them with an adapter%n",
                    retrieved.passages(),
                    DEMAND_DAYS,
                    100.0 * retrieved.adapters() / retrieved.passages());
        }
        AugmentationText.line(
                        known.augmentation(), known.recipe().augmentation().asksForPairs())
                .ifPresent(line -> out.println("Augmented  " + line));
        for (TargetView other : known.others()) {
            out.println("Also       " + TargetCommand.named(other.target()) + ": " + other.ready() + " encoded, "
                    + other.pending() + " pending");
        }
        for (FailedPassage failure : known.failures()) {
            out.println("Failed     "
                    + FailureText.passage(failure.documentId(), failure.title(), failure.position(), failure.text())
                    + ": " + failure.error());
            if (failed && failure.detail() != null) {
                out.println(FailureText.indented(failure.detail()));
            }
        }
        if (counts.failed() > 0) {
            out.println((failed ? "" : "Run `prag status --failed` to see all of it and what the model wrote. ")
                    + "Run `prag encode --retry-failed` to try what failed again.");
        }
        if (counts.withheld() > 0) {
            out.println("Run `prag adapter report` to see which adapters were withheld, and why.");
        }
        if (counts.pending() > 0) {
            out.println("Run `prag encode` to encode what is pending.");
        }
    }

    /** Part of a list of counts; nothing where none are withheld. */
    static String withheld(long count) {
        return count == 0 ? "" : ", " + count + " withheld";
    }

    /** A title for people; documents may have none. */
    static String titled(String title) {
        return title == null ? "(untitled)" : title;
    }

    /** The beginning of a hash, which is enough for people and for commands that take one. */
    static String shortened(String hash) {
        return hash.substring(0, Math.min(12, hash.length()));
    }
}
