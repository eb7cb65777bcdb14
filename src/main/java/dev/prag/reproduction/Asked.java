package dev.prag.reproduction;

import java.nio.file.Path;
import java.util.List;

/**
 * Questions of a set that are asked.
 *
 * @param sample as in {@link Series}
 * @param file that they are in, once {@code needs} have run
 * @param inputs the file, where nothing has to run for it
 */
record Asked(String set, String sample, Path file, List<Path> inputs, List<Run> needs) {
    static final String TYPES = "types";
    static final String TOTAL = "total";
}
