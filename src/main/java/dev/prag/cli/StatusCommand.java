package dev.prag.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.base.Home;
import dev.prag.corpus.EncodingCounts;
import dev.prag.corpus.EncodingQueue;
import dev.prag.corpus.FailedPassage;
import dev.prag.parameterization.Recipe;
import dev.prag.parameterization.Recipes;
import dev.prag.runtime.ModelRuntime;
import io.quarkus.arc.Unremovable;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import java.io.PrintWriter;
import java.util.List;
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
public class StatusCommand implements ServiceCommand {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int SHOWN_FAILURES = 10;

    @Mixin
    ServiceOptions options;

    @Option(names = "--json", description = "End with one line of JSON.")
    boolean json;

    @Spec
    CommandSpec spec;

    @Inject
    Home home;

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
        Recipe recipe = recipes.current();
        queue.ensure(runtime.modelId(), recipe.hash());
        EncodingCounts counts = queue.counts(runtime.modelId(), recipe.hash());
        List<FailedPassage> failures = queue.failures(runtime.modelId(), recipe.hash(), SHOWN_FAILURES);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            ObjectNode status = JSON.createObjectNode();
            status.put("documents", counts.documents());
            status.putObject("passages")
                    .put("pending", counts.pending())
                    .put("ready", counts.ready())
                    .put("failed", counts.failed());
            status.put("home", home.toString());
            status.put("model", runtime.modelId());
            status.put("recipe", recipe.name());
            status.put("recipeHash", recipe.hash());
            ArrayNode failed = status.putArray("failures");
            failures.forEach(
                    failure -> failed.addObject().put("title", failure.title()).put("error", failure.error()));
            out.println(status);
        } else {
            out.println("Home       " + home);
            out.println("Model      " + runtime.folder().path() + " (" + shortened(runtime.modelId()) + ")");
            out.println("Recipe     " + recipe.name() + " (" + shortened(recipe.hash()) + ")");
            out.println("Documents  " + counts.documents());
            out.println("Passages   " + counts.passages() + ": " + counts.ready() + " encoded, " + counts.pending()
                    + " pending, " + counts.failed() + " failed");
            failures.forEach(
                    failure -> out.println("Failed     \"" + titled(failure.title()) + "\": " + failure.error()));
            if (counts.failed() > 0) {
                out.println("Run `prag encode --retry-failed` to try what failed again.");
            }
            if (counts.pending() > 0) {
                out.println("Run `prag encode` to encode what is pending.");
            }
        }
        out.flush();
        return 0;
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
