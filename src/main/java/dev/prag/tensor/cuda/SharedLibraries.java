package dev.prag.tensor.cuda;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Which shared libraries Linux has, and which this process has loaded. */
final class SharedLibraries {
    /** What ld.so knows: names and paths as texts that end with a zero. */
    private static final Path CACHE = Path.of("/etc/ld.so.cache");

    private static final Path LOADED = Path.of("/proc/self/maps");

    /** Where ld.so looks by itself, and where runtimes of containers and of WSL put a driver. */
    private static final List<String> FOLDERS = List.of(
            "/lib/x86_64-linux-gnu",
            "/usr/lib/x86_64-linux-gnu",
            "/lib64",
            "/usr/lib64",
            "/usr/local/nvidia/lib64",
            "/usr/lib/wsl/lib");

    private SharedLibraries() {}

    /** Where a library is that ld.so would find by its name. */
    static Optional<Path> find(String name) {
        return find(name, System.getenv("LD_LIBRARY_PATH"), CACHE);
    }

    static Optional<Path> find(String name, String searched, Path cache) {
        List<String> folders = new ArrayList<>();
        if (searched != null) {
            folders.addAll(List.of(searched.split(File.pathSeparator)));
        }
        folders.addAll(FOLDERS);
        Optional<Path> inFolders = folders.stream()
                .filter(folder -> !folder.isBlank())
                .flatMap(folder -> path(folder, name).stream())
                .filter(Files::exists)
                .findFirst();
        return inFolders.isPresent() ? inFolders : cached(name, cache);
    }

    private static Optional<Path> path(String folder, String name) {
        try {
            return Optional.of(Path.of(folder, name));
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    private static Optional<Path> cached(String name, Path cache) {
        try {
            String all = new String(Files.readAllBytes(cache), StandardCharsets.ISO_8859_1);
            Matcher found =
                    Pattern.compile("\0(/[^\0]*/" + Pattern.quote(name) + ")\0").matcher(all);
            return found.find() ? Optional.of(Path.of(found.group(1))).filter(Files::exists) : Optional.empty();
        } catch (IOException e) {
            // Systems without it have none.
            return Optional.empty();
        }
    }

    /**
     * The version of a loaded library by the name of its file: {@code libcuda.so.560.35.03} for {@code libcuda.so.1}.
     *
     * @param name with its major version
     */
    static Optional<String> loadedVersion(String name) {
        try (Stream<String> lines = Files.lines(LOADED)) {
            return version(name, lines);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    static Optional<String> version(String name, Stream<String> maps) {
        String stem = name.substring(0, name.indexOf(".so.") + ".so.".length());
        return maps.filter(line -> line.contains("/" + stem))
                .map(line -> line.substring(line.lastIndexOf("/" + stem) + 1 + stem.length()))
                .map(version -> version.replace(" (deleted)", ""))
                .findFirst();
    }
}
