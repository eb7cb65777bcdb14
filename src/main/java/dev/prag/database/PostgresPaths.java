package dev.prag.database;

import dev.prag.base.Hashes;
import dev.prag.base.UserException;
import dev.prag.base.UserException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;

/**
 * The paths under which PostgreSQL's programs are run and find their data. They hand paths on to a shell between double
 * quotes, so that a home whose own path holds a character with a meaning there is reached through a link from a folder
 * beside the user's caches, where the programs then lie, too: they look for each other at their real place.
 *
 * @param pg the home's folder {@code pg}, by a name that a shell takes as it is
 * @param logs the home's folder {@code logs}, likewise
 * @param bin where the programs are unpacked
 */
record PostgresPaths(Path pg, Path logs, Path bin) {
    /** What means something to a shell between double quotes. */
    private static final String MEANINGFUL = "\"$`\\\n";

    static PostgresPaths of(Path pg, Path logs) throws IOException {
        return of(pg, logs, System.getenv());
    }

    static PostgresPaths of(Path pg, Path logs, Map<String, String> environment) throws IOException {
        if (isPlain(pg) && isPlain(logs)) {
            return new PostgresPaths(pg, logs, pg.resolve("bin"));
        }
        Path caches = caches(environment);
        Path aside =
                caches.resolve("homes").resolve(Hashes.sha256(pg.toString()).substring(0, 16));
        if (!isPlain(aside)) {
            throw new UserException(
                    Kind.BAD_INPUT,
                    "home " + pg.getParent() + ": its path may not hold \", $, ` or \\ where that of the cache folder "
                            + aside.getParent() + " does, too; use another home, or name a folder in XDG_CACHE_HOME");
        }
        Files.createDirectories(
                aside, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        return new PostgresPaths(
                link(aside.resolve("pg"), pg), link(aside.resolve("logs"), logs), caches.resolve("postgresql"));
    }

    private static boolean isPlain(Path path) {
        return path.toString().chars().noneMatch(c -> MEANINGFUL.indexOf(c) >= 0);
    }

    private static Path caches(Map<String, String> environment) {
        String named = environment.get("XDG_CACHE_HOME");
        return named != null && !named.isBlank() && Path.of(named).isAbsolute()
                ? Path.of(named, "prag")
                : Path.of(System.getProperty("user.home", "."), ".cache", "prag")
                        .toAbsolutePath();
    }

    private static Path link(Path link, Path target) throws IOException {
        if (!Files.isSymbolicLink(link) || !Files.readSymbolicLink(link).equals(target)) {
            if (Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
                Files.delete(link);
            }
            Files.createSymbolicLink(link, target);
        }
        return link;
    }
}
