package dev.prag.documents;

import dev.prag.base.IoReason;
import dev.prag.documents.PassedOver.Kind;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The files below a folder that hold documents by their extension. Links are followed once everything else is known, so
 * that what lies below the folder keeps its own path; what was met before is not read again, and circles end so. Nothing
 * is opened but folders.
 */
final class FolderWalk {
    private final Predicate<Path> counts;
    private final List<Path> files = new ArrayList<>();
    private final List<PassedOver> passedOver = new ArrayList<>();
    /** Keys of the folders and files that were met: device and inode. */
    private final Set<Object> met = new HashSet<>();

    private final Deque<Path> folders = new ArrayDeque<>();
    private List<Path> links = new ArrayList<>();

    private FolderWalk(Predicate<Path> counts) {
        this.counts = counts;
    }

    /** What was found: files in the order of their paths, and what was passed over. */
    record Found(List<Path> files, List<PassedOver> passedOver) {}

    /**
     * Walks the folder, which may be a link.
     *
     * @param counts whether a file of that name is read
     * @throws IOException if it can't be listed itself
     */
    static Found walk(Path root, Predicate<Path> counts) throws IOException {
        FolderWalk walk = new FolderWalk(counts);
        walk.met.add(key(root, Files.readAttributes(root, BasicFileAttributes.class)));
        walk.list(root);
        walk.drain();
        while (!walk.links.isEmpty()) {
            List<Path> next = walk.links;
            walk.links = new ArrayList<>();
            Collections.sort(next);
            next.forEach(walk::follow);
        }
        Collections.sort(walk.files);
        return new Found(walk.files, walk.passedOver);
    }

    private void drain() {
        while (!folders.isEmpty()) {
            Path folder = folders.pop();
            try {
                list(folder);
            } catch (IOException e) {
                pass(folder, Kind.UNREADABLE, IoReason.of(e));
            }
        }
    }

    private void list(Path folder) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                meet(entry);
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    private void meet(Path entry) {
        if (FileNames.isHidden(entry)) {
            pass(entry, Kind.HIDDEN, null);
            return;
        }
        try {
            BasicFileAttributes attributes =
                    Files.readAttributes(entry, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (attributes.isSymbolicLink()) {
                links.add(entry);
            } else {
                take(entry, attributes);
            }
        } catch (IOException e) {
            pass(entry, Kind.UNREADABLE, IoReason.of(e));
        }
    }

    private void follow(Path link) {
        BasicFileAttributes target;
        try {
            target = Files.readAttributes(link, BasicFileAttributes.class);
        } catch (IOException e) {
            pass(link, Kind.LINK_AGAIN, IoReason.of(e));
            return;
        }
        boolean isRead = target.isDirectory() || counts.test(link);
        if (isRead && met.contains(key(link, target))) {
            pass(link, Kind.LINK_AGAIN, null);
        } else {
            take(link, target);
            drain();
        }
    }

    private void take(Path entry, BasicFileAttributes attributes) {
        if (attributes.isDirectory()) {
            if (met.add(key(entry, attributes))) {
                folders.push(entry);
            }
        } else if (!attributes.isRegularFile()) {
            pass(entry, Kind.SPECIAL, null);
        } else if (!counts.test(entry)) {
            pass(entry, Kind.OTHER_EXTENSION, null);
        } else {
            // A file with two names is two files.
            met.add(key(entry, attributes));
            files.add(entry);
        }
    }

    private static Object key(Path path, BasicFileAttributes attributes) {
        return attributes.fileKey() != null
                ? attributes.fileKey()
                : path.toAbsolutePath().normalize();
    }

    private void pass(Path path, Kind kind, String reason) {
        passedOver.add(new PassedOver(FileNames.text(path), kind, reason));
    }
}
