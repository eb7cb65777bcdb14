package dev.prag.cli.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/** {@code prag model}. */
@Command(
        name = ModelCommand.NAME,
        mixinStandardHelpOptions = true,
        description = {
            "Look into a model or an adapter: whether it works, tokens, probabilities, continuations, training.",
            "",
            "Each tool but check, inspect, convert and train reads lines of JSON from standard input (or --in FILE) and writes a line"
                    + " of JSON for each. A bad line stops the run: the lines before it are answered, and the exit"
                    + " code is 2.",
            ""
        },
        footer = {
            "",
            "Examples:",
            "  echo '{\"text\":\"Hello\"}' | prag model tokenize",
            "  echo '{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],\"max_new_tokens\":20}' |"
                    + " prag model generate --model DIR",
            "  prag model score --in lines.jsonl --adapter DIR=0.5"
        })
public final class ModelCommand {
    public static final String NAME = "model";

    /** The tools by their names, in the order of the help. */
    private static final Map<String, Class<?>> TOOLS = tools();

    private static Map<String, Class<?>> tools() {
        Map<String, Class<?>> tools = new LinkedHashMap<>();
        tools.put("check", CheckCommand.class);
        tools.put("inspect", InspectCommand.class);
        tools.put("convert", ConvertCommand.class);
        tools.put("tokenize", TokenizeCommand.class);
        tools.put("score", ScoreCommand.class);
        tools.put("generate", GenerateCommand.class);
        tools.put("train", TrainCommand.class);
        tools.put("help", HelpCommand.class);
        return tools;
    }

    /** Gives {@code prag model} the tools that its arguments may call; see {@link Subcommands}. */
    public static void addTools(CommandLine model, List<String> args) {
        Subcommands.add(model, TOOLS, args);
    }
}
