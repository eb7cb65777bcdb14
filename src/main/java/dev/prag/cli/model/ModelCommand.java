package dev.prag.cli.model;

import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/** {@code prag model}. */
@Command(
        name = "model",
        mixinStandardHelpOptions = true,
        description = {
            "Look into a model or an adapter: tokens, probabilities, continuations, training.",
            "",
            "Each tool but inspect and train reads lines of JSON from standard input (or --in FILE) and writes a line"
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
        },
        subcommands = {
            InspectCommand.class,
            TokenizeCommand.class,
            ScoreCommand.class,
            GenerateCommand.class,
            TrainCommand.class,
            HelpCommand.class
        })
public final class ModelCommand {}
