package dev.prag.reproduction;

import java.nio.file.Path;
import java.util.List;

/**
 * One call of this program.
 *
 * @param name of its files in the folder of results
 * @param arguments of the program
 * @param inputs files and folders whose content decides what comes of it
 * @param outputs files that it writes; empty where what it writes isn't looked for
 * @param needs what has to be there before it
 */
record Run(String name, Kind kind, List<String> arguments, List<Path> inputs, List<Path> outputs, List<Run> needs) {
    /** What a run does, which decides when it isn't repeated. */
    enum Kind {
        /** Makes files of questions; not repeated while they are there. */
        IMPORT,
        /** Fills the corpus; not repeated while the home is the same. */
        INGEST,
        /** Trains adapters, or the one that all begin with; sees for itself what is there already. */
        TRAIN,
        /** Answers questions; its result is kept. */
        EVALUATE
    }

    Run {
        arguments = List.copyOf(arguments);
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        needs = List.copyOf(needs);
    }

    /** The command line for people, to repeat it by hand. */
    String commandLine() {
        StringBuilder line = new StringBuilder("prag");
        arguments.forEach(argument -> line.append(' ').append(quoted(argument)));
        return line.toString();
    }

    /** As a shell takes it for one word. */
    private static String quoted(String argument) {
        return argument.matches("[A-Za-z0-9_@%+=:,./-]+") ? argument : "'" + argument.replace("'", "'\\''") + "'";
    }
}
