package dev.prag.documents;

import dev.prag.base.IoReason;
import dev.prag.documents.PassedOver.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.zip.ZipException;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;

/**
 * A zip of files, read as a folder is: what can't be a document is passed over and told. Each file is unpacked alone, and
 * its name is the archive's with its own behind it; nothing is ever written under a name that the archive gives.
 */
final class Archive {
    private final NamedFile file;
    private final FileLimits limits;
    private final Consumer<PassedOver> passedOver;
    private final Set<String> names = new HashSet<>();
    private long unpacked;
    private int read;

    Archive(NamedFile file, FileLimits limits, Consumer<PassedOver> passedOver) {
        this.file = file;
        this.limits = limits;
        this.passedOver = passedOver;
    }

    /** Reads its files; returns why the archive as a whole isn't read, else null. */
    PassedOver read(Function<NamedFile, PassedOver> each) throws IOException {
        try (ZipFile zip = ZipFile.builder().setPath(file.content()).get()) {
            List<ZipArchiveEntry> entries = Collections.list(zip.getEntriesInPhysicalOrder());
            if (entries.size() > limits.files()) {
                return new PassedOver(
                        file.name(),
                        Kind.TOO_LARGE,
                        "has " + entries.size() + " files, where the limit is " + limits.files()
                                + "; cut it, or raise prag.extraction.max-archive-files");
            }
            for (ZipArchiveEntry entry : entries) {
                if (!entry.isDirectory()) {
                    PassedOver problem = entry(zip, entry, each);
                    if (problem != null) {
                        passedOver.accept(problem);
                    }
                }
            }
        } catch (ZipException e) {
            return new PassedOver(file.name(), Kind.BROKEN, "is damaged, or no zip; pack it again");
        }
        return read > 0 ? null : new PassedOver(file.name(), Kind.EMPTY, "holds no file that can be read");
    }

    private PassedOver entry(ZipFile zip, ZipArchiveEntry entry, Function<NamedFile, PassedOver> each)
            throws IOException {
        String name = file.name() + "/" + entry.getName();
        Path path;
        try {
            path = Path.of(entry.getName());
        } catch (InvalidPathException e) {
            return new PassedOver(name, Kind.NAME, "has a name that is no path");
        }
        if (isHidden(path)) {
            return new PassedOver(name, Kind.HIDDEN, null);
        }
        if (!FileKinds.isSingle(path) && !FileKinds.isPacked(path)) {
            return new PassedOver(name, Kind.OTHER_EXTENSION, null);
        }
        if (!names.add(entry.getName())) {
            return new PassedOver(name, Kind.NAME, "is in its archive twice; pack it again");
        }
        if (entry.getGeneralPurposeBit().usesEncryption()) {
            return new PassedOver(name, Kind.ENCRYPTED, "is encrypted; pack it without a password");
        }
        if (!zip.canReadEntryData(entry)) {
            return new PassedOver(name, Kind.BROKEN, "is packed in a way that isn't read; pack it again");
        }
        Path plain = Files.createTempFile("prag-unpacked-", null);
        try {
            PassedOver problem = unpack(zip, entry, name, plain);
            if (problem == null) {
                problem = each.apply(new NamedFile(plain, name, path, file.id() + "/" + entry.getName(), null));
            }
            read += problem == null ? 1 : 0;
            return problem;
        } finally {
            Files.delete(plain);
        }
    }

    private static boolean isHidden(Path path) {
        for (Path part : path) {
            if (FileNames.isHidden(part) && !part.toString().equals("..")
                    || part.toString().equals("__MACOSX")) {
                return true;
            }
        }
        return false;
    }

    private PassedOver unpack(ZipFile zip, ZipArchiveEntry entry, String name, Path to) {
        long most = Math.min(limits.file(), limits.archive() - unpacked);
        try (InputStream in = zip.getInputStream(entry)) {
            unpacked += Unpacked.copy(in, to, most);
            return null;
        } catch (Unpacked.TooMuchException e) {
            if (most == limits.file()) {
                return Unpacked.tooLarge(name, most);
            }
            // Nothing that follows fits either.
            unpacked = limits.archive();
            return new PassedOver(
                    name,
                    Kind.TOO_LARGE,
                    "is behind what is read of its archive, " + limits.archive()
                            + " bytes unpacked; cut it, or raise prag.extraction.max-archive-mib");
        } catch (IOException e) {
            return new PassedOver(name, Kind.BROKEN, "is damaged (" + IoReason.of(e) + "); pack it again");
        }
    }
}
