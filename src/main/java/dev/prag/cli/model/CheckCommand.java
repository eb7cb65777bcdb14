package dev.prag.cli.model;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.base.UserException;
import dev.prag.cli.model.Finding.Level;
import dev.prag.llm.ModelConfig;
import dev.prag.llm.ModelFolder;
import dev.prag.llm.TensorSource;
import dev.prag.parameterization.Recipe;
import dev.prag.parameterization.Recipes;
import dev.prag.tensor.DType;
import dev.prag.tensor.Device;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code prag model check}. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        description = {
            "Tell whether a model works here: its files, tokenizer and chat template, an answer to a simple question,"
                    + " the memory that answering and encoding need, and the recipe that passages would be encoded"
                    + " by. A line for each; the exit code is 1 if one is a fault.",
            ""
        },
        footer = {"", "Example:", "  prag model check smollm2-135m-q8_0.gguf"})
final class CheckCommand implements Callable<Integer> {
    private static final String FILES = "files";

    /** Tokens of a sequence in the service, where nobody says how many. */
    private static final int SERVICE_CONTEXT = 4096;

    @Parameters(
            arity = "0..1",
            paramLabel = "MODEL",
            description = "A Hugging Face folder or a GGUF file. Default: that of --model.")
    private Path path;

    @Mixin
    private ModelOptions options;

    @Option(names = "--json", description = "One JSON object instead of lines.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    private final List<Finding> findings = new ArrayList<>();

    @Override
    public Integer call() {
        Path model = path == null ? options.folder() : path;
        DType compute = options.dtype();
        ObjectNode answer = LineCommand.JSON.createObjectNode();
        answer.put("model", model.toString());
        try {
            check(ModelFolder.open(model), compute, answer);
        } catch (UserException e) {
            add(Finding.fault(FILES, e.getMessage()));
        }
        boolean works = findings.stream().noneMatch(finding -> finding.level() == Level.FAULT);
        if (json) {
            answer.put("works", works);
            ArrayNode all = answer.putArray("checks");
            findings.forEach(finding -> add(all.addObject(), finding));
            LineCommand.write(spec.commandLine().getOut(), answer);
        }
        return works ? 0 : 1;
    }

    private void check(ModelFolder folder, DType compute, ObjectNode answer) {
        ModelConfig config = folder.config();
        TensorSource weights = folder.weights();
        String types = InspectCommand.storedTypes(weights, config);
        add(Finding.ok(
                FILES,
                String.format(
                        Locale.ROOT,
                        "%s, %,.1f million parameters in %s, %,d positions",
                        config.modelType(),
                        config.parameters() / 1e6,
                        types,
                        config.maxPositions())));
        add(TextChecks.tokenizer(folder));
        template(folder);
        boolean inPlace = types.equals(compute.name().toLowerCase(Locale.ROOT));
        MemoryCheck memory = memory(config, compute, inPlace);
        Finding answering = memory.finding("answering", memory.answering());
        Finding encoding = memory.finding("encoding", memory.encoding());
        boolean sound = findings.stream().noneMatch(finding -> finding.level() == Level.FAULT);
        if (sound && answering.level() != Level.FAULT) {
            answer(folder);
        }
        add(answering);
        add(encoding);
        ObjectNode bytes = answer.putObject("memory");
        bytes.put("machine", memory.machine().total());
        bytes.set("answering", LineCommand.JSON.valueToTree(memory.answering()));
        bytes.set("encoding", LineCommand.JSON.valueToTree(memory.encoding()));
        recipe(folder, answer);
    }

    /** Against the memory of the device, or the machine's where the device has none of its own. */
    private MemoryCheck memory(ModelConfig config, DType compute, boolean inPlace) {
        try (Device device = options.openDevice()) {
            DType cache = device.cacheTypes().getFirst();
            OptionalLong room = device.room();
            return room.isPresent()
                    ? new MemoryCheck(
                            config,
                            compute,
                            false,
                            context(config),
                            cache,
                            new Machine(room.getAsLong(), room.getAsLong()),
                            true)
                    : new MemoryCheck(config, compute, inPlace, context(config), cache, Machine.here(), false);
        }
    }

    /** Tokens of a sequence, as the service bounds them where nobody says. */
    private int context(ModelConfig config) {
        return options.hasContext()
                ? options.context(config)
                : (int) Math.min(config.maxPositions(), Settings.positive("prag.context", SERVICE_CONTEXT));
    }

    private void template(ModelFolder folder) {
        try {
            add(TextChecks.template(folder, folder.chatTemplate().at(options.templateTime())));
        } catch (UserException e) {
            add(Finding.fault("template", e.getMessage()));
        }
    }

    private void answer(ModelFolder folder) {
        try (OpenModel open = OpenModel.open(folder, options, List.of())) {
            add(AnswerCheck.of(open.model()));
        } catch (UserException e) {
            add(Finding.fault("answer", e.getMessage()));
        }
    }

    private void recipe(ModelFolder folder, ObjectNode answer) {
        try {
            String named = Settings.text("prag.recipe").orElse(null);
            Recipe recipe = Recipe.load(named == null ? Recipes.standard(isDemo(folder)) : named);
            answer.put("recipe", recipe.name());
            add(Finding.ok(
                    "recipe",
                    recipe.name() + (named == null ? ", which suits this model" : ", which prag.recipe names")));
        } catch (UserException e) {
            add(Finding.fault("recipe", e.getMessage()));
        }
    }

    /** Whether the model is the one that comes with the program, or a copy of it. */
    private static boolean isDemo(ModelFolder folder) {
        Path demo = ModelOptions.demoFolder();
        if (!Files.isDirectory(demo) || !Files.isDirectory(folder.path())) {
            return false;
        }
        ModelFolder own = ModelFolder.open(demo);
        return own.config().equals(folder.config()) && own.fingerprint().equals(folder.fingerprint());
    }

    private void add(Finding finding) {
        findings.add(finding);
        if (!json) {
            PrintWriter out = spec.commandLine().getOut();
            out.printf(
                    "%-8s %-10s %s%n",
                    finding.level().name().toLowerCase(Locale.ROOT), finding.check(), finding.text());
            if (!finding.remedy().isEmpty()) {
                out.printf("%-8s %-10s → %s%n", "", "", finding.remedy());
            }
            out.flush();
        }
    }

    private static void add(ObjectNode node, Finding finding) {
        node.put("check", finding.check());
        node.put("level", finding.level().name().toLowerCase(Locale.ROOT));
        node.put("text", finding.text());
        if (!finding.remedy().isEmpty()) {
            node.put("remedy", finding.remedy());
        }
    }
}
