package dev.prag.base;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/** Folders that nobody else may look into, where the file system knows permissions. */
final class PrivateFolder {
    private static final Set<PosixFilePermission> OTHERS = PosixFilePermissions.fromString("------rwx");
    private static final Set<PosixFilePermission> GROUP = PosixFilePermissions.fromString("---rwx---");

    private PrivateFolder() {}

    /** Makes the folder for its user alone, and what is above it as usual. */
    static void make(Path folder) throws IOException {
        Files.createDirectories(folder.getParent());
        if (isPosix(folder.getParent())) {
            Files.createDirectory(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } else {
            Files.createDirectory(folder);
        }
    }

    /** Closes the folder to others; its group keeps what it had. One of somebody else's is left as it is. */
    static void close(Path folder) throws IOException {
        if (isPosix(folder)) {
            Set<PosixFilePermission> now = Files.getPosixFilePermissions(folder);
            Set<PosixFilePermission> closed = EnumSet.noneOf(PosixFilePermission.class);
            closed.addAll(now);
            closed.removeAll(OTHERS);
            if (!closed.equals(now) && isOurs(folder)) {
                Files.setPosixFilePermissions(folder, closed);
            }
        }
    }

    /** Makes a folder within another, or closes it: open to the group as far as the outer one is, and to nobody else. */
    static void within(Path outer, String name) throws IOException {
        Path folder = outer.resolve(name);
        if (Files.exists(folder)) {
            close(folder);
            return;
        }
        make(folder);
        if (isPosix(outer)) {
            Set<PosixFilePermission> group = EnumSet.noneOf(PosixFilePermission.class);
            group.addAll(Files.getPosixFilePermissions(outer));
            group.retainAll(GROUP);
            group.addAll(PosixFilePermissions.fromString("rwx------"));
            Files.setPosixFilePermissions(folder, group);
        }
    }

    static boolean isEmpty(Path folder) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            return !entries.iterator().hasNext();
        }
    }

    private static boolean isPosix(Path path) throws IOException {
        return Files.getFileStore(path).supportsFileAttributeView(PosixFileAttributeView.class);
    }

    private static boolean isOurs(Path folder) throws IOException {
        return Files.getOwner(folder).getName().equals(System.getProperty("user.name"));
    }
}
