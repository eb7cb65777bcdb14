package dev.prag.reproduction;

import dev.prag.base.Hashes;
import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import dev.prag.base.UserException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What the result of a run is known by: its arguments, what it reads, the settings that it inherits, and the same of the
 * runs before it. A file above {@link #WHOLE_BYTES} counts with its size and time alone.
 */
final class Fingerprints {
    /** Files as large as a table of passages or a model's weights are too many bytes to be read at each call. */
    private static final long WHOLE_BYTES = 1 << 24;
    /** Settings of where and how the program runs, which decide no answer. */
    private static final List<String> OF_NO_ACCOUNT =
            List.of("prag.home", "prag.model", "prag.recipe", "prag.launcher", "prag.stderr.", "prag.java.opts");

    private final String settings;
    private final Map<Path, String> contents = new HashMap<>();

    /** @param settings of this process, by the names of properties */
    Fingerprints(Map<String, String> settings) {
        Map<String, String> decisive = new TreeMap<>(settings);
        decisive.keySet().removeIf(name -> OF_NO_ACCOUNT.stream().anyMatch(name::startsWith));
        this.settings = decisive.toString();
    }

    /** Those of this process, which the program passes on to its children. */
    static Fingerprints ofThisProcess() {
        Map<String, String> settings = new TreeMap<>();
        System.getenv().forEach((name, value) -> {
            if (name.startsWith("PRAG_")) {
                settings.put(name.toLowerCase(Locale.ROOT).replace('_', '.'), value);
            }
        });
        System.getProperties().stringPropertyNames().stream()
                .filter(name -> name.startsWith("prag."))
                .forEach(name -> settings.put(name, System.getProperty(name)));
        return new Fingerprints(settings);
    }

    String of(Run run) {
        Hashes.Builder hash = Hashes.builder().add(settings);
        run.arguments().forEach(hash::add);
        run.inputs().forEach(input -> hash.add(content(input)));
        run.needs().forEach(need -> hash.add(of(need)));
        return hash.hex();
    }

    private String content(Path place) {
        String known = contents.get(place);
        if (known == null) {
            try {
                known = Files.isDirectory(place) ? folder(place) : file(place);
            } catch (IOException e) {
                throw new UserException(
                        Kind.ENVIRONMENT, place + " can't be read (" + IoReason.of(e) + "); check it", e);
            }
            contents.put(place, known);
        }
        return known;
    }

    private static String folder(Path folder) throws IOException {
        Hashes.Builder hash = Hashes.builder();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                hash.add(file.getFileName().toString()).add(file(file));
            }
        }
        return hash.hex();
    }

    private static String file(Path file) throws IOException {
        long size = Files.size(file);
        if (size > WHOLE_BYTES) {
            return size + " " + Files.getLastModifiedTime(file).toMillis();
        }
        try (InputStream in = Files.newInputStream(file)) {
            return Hashes.sha256(in);
        }
    }
}
