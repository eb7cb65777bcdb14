package dev.prag.cli;

import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import dev.prag.devices.DeviceChoice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The run that the JVM's AOT cache is made from. The cache keeps the classes that a run loaded and the profiles of the
 * methods that it called, so this one does what commands begin with: it looks into the demo model, scores and continues
 * a text, and starts the service on a home of its own. The launcher asks for it with {@code -Dprag.rehearsal=DIR}, an
 * empty folder.
 */
final class Rehearsal {
    private static final String FOLDER = "prag.rehearsal";

    /** Long enough for the second JIT to have compiled the kernels, and so to know them at the next start. */
    private static final String LINES = """
            {"messages":[{"role":"user","content":"Who directed The Anchor of Raeclaint?"}],"max_new_tokens":8}
            {"text":"The answer is","max_new_tokens":64,"ignore_eos":true}
            """;

    private Rehearsal() {}

    /** Whether the launcher asked for it. */
    static boolean isOn() {
        return System.getProperty(FOLDER) != null;
    }

    /** Runs it. A cache without the service is worth having, too, so what fails is left out. */
    static int run() {
        Path folder = Path.of(System.getProperty(FOLDER));
        Path lines = folder.resolve("lines.jsonl");
        try {
            Files.writeString(lines, LINES);
        } catch (IOException e) {
            throw new UserException(
                    UserException.Kind.ENVIRONMENT,
                    lines + " can't be written: " + IoReason.of(e) + "; check the disk's free space and permissions",
                    e);
        }
        // On every machine alike, whatever GPU builds it.
        System.setProperty("prag.device", DeviceChoice.CPU);
        Main.start("--version");
        Main.start("model", "inspect");
        for (String tool : new String[] {"tokenize", "score", "generate"}) {
            Main.start("model", tool, "--in", lines.toString());
        }
        Main.start("status", "--home", folder.resolve("home").toString());
        return 0;
    }
}
