package dev.prag.reproduction;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Runs this program. */
@FunctionalInterface
interface Program {
    /**
     * Runs it to its end.
     *
     * @param out file that its standard output goes to
     * @param log file that what it says goes to, after what is there
     * @return its exit code
     */
    int run(List<String> arguments, Path out, Path log) throws IOException, InterruptedException;
}
