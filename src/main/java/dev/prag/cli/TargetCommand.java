package dev.prag.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import dev.prag.corpus.Target;
import dev.prag.corpus.TargetView;
import dev.prag.corpus.Targets;
import io.quarkus.arc.Unremovable;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code prag target}. */
@Command(
        name = "target",
        mixinStandardHelpOptions = true,
        description = {
            "The models and recipes that passages are encoded under.",
            "",
            "A target is registered when an encoder or a service is started with its model and recipe; from then on every"
                    + " passage that comes is to be encoded under it, until the target is removed.",
            ""
        },
        subcommands = {TargetCommand.ListCommand.class, TargetCommand.RemoveCommand.class})
public class TargetCommand {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** Its recipe and its model, in words. */
    static String named(Target target) {
        return target.recipeName() == null
                ? "recipe " + StatusCommand.shortened(target.recipe()) + " on model "
                        + StatusCommand.shortened(target.model())
                : "recipe " + target.recipeName() + " (" + StatusCommand.shortened(target.recipe()) + ") on model "
                        + target.modelName() + " (" + StatusCommand.shortened(target.model()) + ")";
    }

    static ArrayNode toJson(List<TargetView> targets) {
        ArrayNode list = JSON.createArrayNode();
        for (TargetView view : targets) {
            ObjectNode node = list.addObject();
            node.put("model", view.target().model()).put("recipe", view.target().recipe());
            node.put("modelName", view.target().modelName())
                    .put("recipeName", view.target().recipeName());
            node.put(
                    "registeredAt",
                    view.registeredAt() == null ? null : view.registeredAt().toString());
            node.put("removing", view.removing());
            node.put("pending", view.pending()).put("ready", view.ready());
            node.put("withheld", view.withheld()).put("failed", view.failed());
        }
        return list;
    }

    /** {@code prag target list}. */
    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = {"List the targets, and how many passages are encoded under each.", ""})
    @Dependent
    @Unremovable
    public static class ListCommand implements SharingCommand {
        @Mixin
        ServiceOptions options = new ServiceOptions();

        @Option(names = "--json", description = "As one line of JSON.")
        boolean json;

        @Spec
        CommandSpec spec;

        @Inject
        Targets targets;

        @Override
        public ServiceOptions options() {
            return options;
        }

        @Override
        public Integer call() {
            List<TargetView> all = targets.list();
            PrintWriter out = spec.commandLine().getOut();
            if (json) {
                out.println(JSON.createObjectNode().set("targets", toJson(all)));
            } else {
                all.forEach(view -> out.printf(
                        Locale.ROOT,
                        "%s: %d encoded, %d pending%s, %d failed%s%n",
                        named(view.target()),
                        view.ready(),
                        view.pending(),
                        StatusCommand.withheld(view.withheld()),
                        view.failed(),
                        view.removing()
                                ? "; its removal was interrupted, remove it again"
                                : view.registeredAt() == null ? "; not registered" : ""));
                out.println(all.size() == 1 ? "1 target" : all.size() + " targets");
            }
            out.flush();
            return 0;
        }
    }

    /** {@code prag target remove}. */
    @Command(
            name = "remove",
            mixinStandardHelpOptions = true,
            description = {
                "Encode no more under a target: passages that are pending or were given up under it are so no more. Its"
                        + " adapters stay, unless --adapters is given. An encoder or a service that is started with its"
                        + " model and recipe registers it again.",
                ""
            })
    @Dependent
    @Unremovable
    public static class RemoveCommand implements ServiceCommand {
        @Mixin
        ServiceOptions options = new ServiceOptions();

        @Parameters(
                index = "0",
                paramLabel = "RECIPE",
                description = "The recipe's hash, or as much of it as tells it apart; or its name.")
        String recipe;

        @Parameters(
                index = "1",
                arity = "0..1",
                paramLabel = "MODEL",
                description = "The model's hash or the beginning of it, or its name; where several have that recipe.")
        String model;

        @Option(names = "--adapters", description = "Delete its adapters, too.")
        boolean adapters;

        @Option(names = "--yes", description = "Don't ask.")
        boolean yes;

        @Spec
        CommandSpec spec;

        @Inject
        Targets targets;

        @Override
        public ServiceOptions options() {
            return options;
        }

        @Override
        public Integer call() {
            TargetView view = chosen();
            Target target = view.target();
            long open = view.pending() + view.withheld() + view.failed();
            PrintWriter out = spec.commandLine().getOut();
            out.println("The target " + named(target) + " goes, and with it what is noted of " + open
                    + " passages that aren't encoded"
                    + (adapters
                            ? ", and the adapters of " + view.ready() + " passages."
                            : view.ready() > 0
                                    ? "; the adapters of " + view.ready() + " passages stay (--adapters deletes them)."
                                    : "."));
            out.flush();
            if (!yes && !isConfirmed()) {
                throw new UserException("nothing was changed; answer y, or give --yes");
            }
            targets.remove(target.model(), target.recipe(), adapters);
            out.println("Removed.");
            out.flush();
            return 0;
        }

        private boolean isConfirmed() {
            PrintWriter err = spec.commandLine().getErr();
            err.print("Remove it? [y/N] ");
            err.flush();
            try {
                String line = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
                return line != null && List.of("y", "yes").contains(line.strip().toLowerCase(Locale.ROOT));
            } catch (IOException e) {
                throw new UserException(
                        UserException.Kind.BAD_INPUT, "standard input can't be read: " + IoReason.of(e), e);
            }
        }

        private TargetView chosen() {
            List<TargetView> found = targets.list().stream()
                    .filter(view ->
                            is(recipe, view.target().recipe(), view.target().recipeName()))
                    .filter(view -> model == null
                            || is(model, view.target().model(), view.target().modelName()))
                    .toList();
            if (found.size() != 1) {
                throw new UserException(
                        found.isEmpty() ? UserException.Kind.NOT_FOUND : UserException.Kind.BAD_INPUT,
                        "target " + recipe + (model == null ? "" : " " + model) + ": "
                                + (found.isEmpty() ? "there is none" : "there are several")
                                + "; `prag target list --json` shows the hashes of all, give the recipe's and the model's");
            }
            return found.getFirst();
        }

        private static boolean is(String given, String hash, String name) {
            return !given.isBlank() && hash.startsWith(given) || given.equals(name);
        }
    }
}
