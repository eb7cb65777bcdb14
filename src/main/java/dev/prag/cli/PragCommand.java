package dev.prag.cli;

import dev.prag.bench.GrowthPart;
import dev.prag.cli.model.ModelCommand;
import dev.prag.cli.model.Subcommands;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/** The top of the command line. */
@Command(
        name = "prag",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = {
            "Parametric RAG: puts your documents into the weights of a language model, as one small LoRA adapter a"
                    + " passage, and answers questions with the adapters of the passages it retrieves.",
            ""
        },
        footer = {
            "",
            "First steps:",
            "  prag demo                           see it work on a small made-up encyclopedia",
            "  prag ingest notes/ && prag encode   read your own documents, then train their adapters",
            "  prag ask \"Who founded it?\"          answer a question from them",
            "  prag serve                          the same over HTTP, on 127.0.0.1:8080",
            "",
            "Without --model (or PRAG_MODEL) every command uses the small demo model, which knows nothing but its own"
                    + " made-up world. Exit code 2 means that the input was at fault, 1 that something else was."
        })
public final class PragCommand {
    private static final String ASK = "ask";

    /** The commands by their names, in the order of the help. */
    private static final Map<String, Class<?>> COMMANDS = commands();

    private static Map<String, Class<?>> commands() {
        Map<String, Class<?>> commands = new LinkedHashMap<>();
        commands.put("demo", DemoCommand.class);
        commands.put("ingest", IngestCommand.class);
        commands.put("document", DocumentCommand.class);
        commands.put("augment", AugmentCommand.class);
        commands.put("tune", TuneCommand.class);
        commands.put("warmup", WarmUpCommand.class);
        commands.put("encode", EncodeCommand.class);
        commands.put(ASK, AskCommand.class);
        commands.put("evaluate", EvaluateCommand.class);
        commands.put("adaptive", AdaptiveCommand.class);
        commands.put("dataset", DatasetCommand.class);
        commands.put("prompts", PromptsCommand.class);
        commands.put("reproduce", ReproduceCommand.class);
        commands.put("status", StatusCommand.class);
        commands.put("serve", ServeCommand.class);
        commands.put("index", IndexCommand.class);
        commands.put("adapter", AdapterCommand.class);
        commands.put("target", TargetCommand.class);
        commands.put("key", KeyCommand.class);
        commands.put(ModelCommand.NAME, ModelCommand.class);
        commands.put("device", DeviceCommand.class);
        commands.put("bench", BenchCommand.class);
        commands.put(GrowthPart.COMMAND, GrowthCommand.class);
        commands.put("help", HelpCommand.class);
        return commands;
    }

    /** The command line for these arguments; see {@link Subcommands}. */
    static CommandLine commandLine(CommandLine.IFactory factory, List<String> args) {
        CommandLine line = new CommandLine(PragCommand.class, factory);
        Subcommands.add(line, COMMANDS, args);
        CommandLine model = line.getSubcommands().get(ModelCommand.NAME);
        if (model != null) {
            ModelCommand.addTools(model, args.isEmpty() ? args : args.subList(1, args.size()));
        }
        // A question is what was typed: no file of arguments (@who), no options out of its letters (-Vera).
        line.setExpandAtFiles(false).setPosixClusteredShortOptionsAllowed(false);
        CommandLine ask = line.getSubcommands().get(ASK);
        if (ask != null && args.stream().anyMatch(PragCommand::isSentence)) {
            ask.setUnmatchedOptionsArePositionalParams(true);
        }
        return line;
    }

    /** Whether it is no option, although it begins like one. */
    private static boolean isSentence(String arg) {
        return arg.startsWith("-") && arg.strip().indexOf(' ') > 0;
    }
}
