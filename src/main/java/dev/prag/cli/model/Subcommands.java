package dev.prag.cli.model;

import java.util.List;
import java.util.Map;
import picocli.CommandLine;

/**
 * Subcommands that are made only where they may be called. Reading the annotations of all of them takes longer than many
 * a command runs, so where the first argument names one, the others are left out.
 */
public final class Subcommands {
    private Subcommands() {}

    /**
     * Adds the one that the first argument names, or all: for help, and for what is said about mistakes.
     *
     * @param commands classes by name
     */
    public static void add(CommandLine line, Map<String, Class<?>> commands, List<String> args) {
        Class<?> named = args.isEmpty() ? null : commands.get(args.getFirst());
        if (named == null || named == CommandLine.HelpCommand.class) {
            commands.forEach(line::addSubcommand);
        } else {
            line.addSubcommand(args.getFirst(), named);
        }
    }
}
