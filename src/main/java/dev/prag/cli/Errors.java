package dev.prag.cli;

import dev.prag.base.UserException;
import dev.prag.database.DatabaseTrouble;
import dev.prag.tensor.DeviceLostException;
import java.io.PrintWriter;
import java.lang.reflect.InvocationTargetException;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.ParseResult;

/** How errors look on the command line: a sentence on standard error, and an exit code that says whose fault it is. */
public final class Errors {
    /** The input was at fault: what {@link UserException.Kind} says but ENVIRONMENT, and what picocli refuses. */
    static final int INPUT = ExitCode.USAGE;

    /** Something else was. */
    static final int OTHER = ExitCode.SOFTWARE;

    private Errors() {}

    /** Makes a command line report its errors so. */
    public static CommandLine install(CommandLine line) {
        return line.setExecutionExceptionHandler((e, command, parsed) -> report(command.getErr(), e, isVerbose(parsed)))
                .setParameterExceptionHandler((e, args) -> {
                    CommandLine command = e.getCommandLine();
                    command.getErr().println("prag: " + e.getMessage());
                    CommandLine.UnmatchedArgumentException.printSuggestions(e, command.getErr());
                    Arrays.stream(args)
                            .filter(arg -> isUnknownOption(arg, command))
                            .findFirst()
                            .ifPresent(arg -> command.getErr()
                                    .println("prag: " + arg + " is no option; what begins with - and is none comes"
                                            + " after a lone --"));
                    command.getErr()
                            .println("prag: `" + command.getCommandSpec().qualifiedName() + " --help` says more");
                    command.getErr().flush();
                    return INPUT;
                });
    }

    private static boolean isUnknownOption(String arg, CommandLine command) {
        String name = arg.indexOf('=') < 0 ? arg : arg.substring(0, arg.indexOf('='));
        return arg.length() > 1
                && arg.startsWith("-")
                && !arg.equals("--")
                && !command.getCommandSpec().optionsMap().containsKey(name);
    }

    /** Whether the command that was called, or one above it, was told to be. */
    private static boolean isVerbose(ParseResult parsed) {
        ParseResult last = parsed;
        while (last.hasSubcommand() && !last.hasMatchedOption("--verbose")) {
            last = last.subcommand();
        }
        return last.hasMatchedOption("--verbose");
    }

    /**
     * Reports an error.
     *
     * @param verbose whether to show where it came from
     * @return the exit code
     */
    static int report(PrintWriter err, Throwable e, boolean verbose) {
        UserException user = find(e, UserException.class);
        if (verbose) {
            e.printStackTrace(err);
        }
        int code = OTHER;
        Optional<DeviceLostException> lost = DeviceLostException.in(e);
        if (lost.isPresent()) {
            err.println("prag: " + lost.get().getMessage() + "; what was done so far is kept");
        } else if (user != null) {
            err.println("prag: " + user.getMessage());
            code = user.kind() == UserException.Kind.ENVIRONMENT ? OTHER : INPUT;
        } else if (find(e, CancellationException.class) != null) {
            err.println("prag: interrupted; what was done so far is kept");
        } else if (DatabaseTrouble.isGone(e)) {
            err.println("prag: the database went away while it was used: "
                    + DatabaseTrouble.reason(e)
                    + "; what was done so far is kept, try again once it is back");
        } else {
            Throwable cause = root(e);
            err.println("prag: something went wrong: " + cause + (verbose ? "" : " (--verbose shows where)"));
        }
        err.flush();
        return code;
    }

    private static <T extends Throwable> T find(Throwable e, Class<T> type) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return type.cast(cause);
            }
        }
        return null;
    }

    private static Throwable root(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null
                && (root instanceof InvocationTargetException
                        || root.getClass() == RuntimeException.class
                        || root.getClass() == IllegalStateException.class)) {
            root = root.getCause();
        }
        return root;
    }
}
