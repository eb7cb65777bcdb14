package dev.prag;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The real model that the environment variable PRAG_TEST_MODEL names, a folder or a GGUF file. Tests that need one are
 * skipped where it names none. The same model in the other form, where a test wants both, has the same name with or
 * without {@code .gguf} beside it.
 */
public final class RealModel {
    private static final String VARIABLE = "PRAG_TEST_MODEL";
    private static final String GGUF = ".gguf";

    private RealModel() {}

    /** The model in the form that is named; skips the test where there is none. */
    public static Path path() {
        String named = System.getenv(VARIABLE);
        assumeTrue(named != null && !named.isBlank(), VARIABLE + " names no real model, a folder or a GGUF file");
        Path path = Path.of(named);
        assumeTrue(Files.exists(path), VARIABLE + " is " + path + ", which isn't there");
        return path;
    }

    /** The model as a folder of Hugging Face's layout; skips the test where there is none. */
    public static Path folder() {
        Path path = path();
        String name = path.getFileName().toString();
        Path folder =
                name.endsWith(GGUF) ? path.resolveSibling(name.substring(0, name.length() - GGUF.length())) : path;
        assumeTrue(Files.isDirectory(folder), VARIABLE + " is " + path + ", but there is no folder " + folder);
        return folder;
    }

    /** The model as a GGUF file; skips the test where there is none. */
    public static Path gguf() {
        Path path = path();
        String name = path.getFileName().toString();
        Path file = name.endsWith(GGUF) ? path : path.resolveSibling(name + GGUF);
        assumeTrue(Files.isRegularFile(file), VARIABLE + " is " + path + ", but there is no file " + file);
        return file;
    }
}
