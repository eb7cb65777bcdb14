package dev.prag.documents;

import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import dev.prag.documents.PassedOver.Kind;
import dev.prag.extraction.Extractor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Reads documents from files and folders. What is named has to be readable; what lies below a folder that was named is
 * passed over where it isn't, and reported. Each document is handed over as it is read: memory holds one at a time.
 */
public final class DocumentFiles {
    private static final String KINDS = FileKinds.words();
    private static final long LARGEST_TEXT = 1L << 30;

    private final FileLimits limits;
    private final FileReading reading;
    private final Consumer<DocumentInput> each;
    private final Consumer<UserException> mistakes;
    private final List<PassedOver> passedOver = new ArrayList<>();
    private long documents;
    /** Whether a document is being taken: what goes wrong then isn't the file's. */
    private boolean handing;

    /**
     * Reads only what needs no extraction.
     *
     * @param largestDocument bytes of UTF-8 that the text of a document may have
     * @param each takes the documents in their order
     */
    public DocumentFiles(long largestDocument, Consumer<DocumentInput> each) {
        this(FileLimits.ofText(largestDocument), Extractor.NONE, each, mistake -> {
            throw mistake;
        });
    }

    /**
     * @param each takes the documents in their order
     * @param mistakes takes what is wrong with a file that has to be readable, or a line of one; what it doesn't throw
     *     is passed over
     */
    public DocumentFiles(
            FileLimits limits, Extractor extractor, Consumer<DocumentInput> each, Consumer<UserException> mistakes) {
        this(limits, extractor, each, mistakes, FileReading.Progress.NONE);
    }

    /** The same with somebody who hears how far the reading of a file of many documents is. */
    public DocumentFiles(
            FileLimits limits,
            Extractor extractor,
            Consumer<DocumentInput> each,
            Consumer<UserException> mistakes,
            FileReading.Progress progress) {
        this.limits = limits;
        this.each = each;
        this.mistakes = mistakes;
        this.reading = new FileReading(limits, extractor, this::hand, passedOver::add, progress);
    }

    /** The documents of one file of any size. */
    public static List<DocumentInput> of(Path file) {
        List<DocumentInput> documents = new ArrayList<>();
        new DocumentFiles(LARGEST_TEXT, documents::add).read(file.toString());
        return documents;
    }

    /** What lay below folders and was not read. */
    public List<PassedOver> passedOver() {
        return passedOver;
    }

    private void hand(DocumentInput document) {
        documents++;
        handing = true;
        each.accept(document);
        handing = false;
    }

    /** Reads JSON lines that come otherwise. */
    public void lines(InputStream in, String origin) {
        try {
            new JsonLines(in, origin, limits.document()).read(this::hand);
        } catch (IOException e) {
            throw new UserException(UserException.Kind.BAD_INPUT, origin + " cannot be read: " + IoReason.of(e), e);
        }
    }

    /**
     * Refuses what can be seen to be wrong with a name before anything is read.
     *
     * @param name the path as the user gave it
     * @throws UserException naming it and what is wrong with it
     */
    public static void check(String name) {
        BasicFileAttributes attributes = attributes(name);
        if (!attributes.isDirectory()) {
            requireKind(Path.of(name), attributes);
        }
    }

    /**
     * Reads a file, or all files of these kinds below a folder in the order of their paths.
     *
     * @param name the path as the user gave it
     * @throws UserException naming the file, the line and what is wrong with it
     */
    public void read(String name) {
        attempt(() -> {
            if (attributes(name).isDirectory()) {
                folder(Path.of(name));
            } else {
                named(Path.of(name));
            }
        });
    }

    private void attempt(Runnable reading) {
        try {
            reading.run();
        } catch (UserException e) {
            if (handing || e.kind() == UserException.Kind.ENVIRONMENT) {
                throw e;
            }
            mistakes.accept(e);
        }
    }

    private static BasicFileAttributes attributes(String name) {
        if (name.isBlank()) {
            throw new UserException("a path is empty; name a file (" + KINDS + "), a folder, or - for standard input");
        }
        try {
            return Files.readAttributes(Path.of(name), BasicFileAttributes.class);
        } catch (IOException e) {
            throw missing(name, e);
        }
    }

    private static UserException missing(String name, IOException e) {
        if (name.indexOf('\uFFFD') >= 0) {
            return new UserException(
                    UserException.Kind.NOT_FOUND,
                    "document " + name + ": the file's name is not UTF-8; rename it, or name the folder that it is in",
                    e);
        }
        if (e instanceof NoSuchFileException) {
            return new UserException(
                    UserException.Kind.NOT_FOUND,
                    "document " + name + " does not exist; name a file (" + KINDS
                            + "), a folder, or - for standard input",
                    e);
        }
        return new UserException(
                UserException.Kind.BAD_INPUT, "document " + name + " can't be read: " + IoReason.of(e), e);
    }

    private static void requireKind(Path file, BasicFileAttributes attributes) {
        String name = FileNames.text(file);
        String extension = FileNames.extension(file);
        if (PairFiles.isOne(file)) {
            throw new UserException("document " + name
                    + " holds pairs, which are read with their document; name that, or the folder that they are in");
        }
        if (!FileKinds.isOne(file)) {
            throw new UserException("document " + name + " is not read: "
                    + (extension.isEmpty() ? "its name has no extension" : "." + extension + " files aren't")
                    + ("json".equals(extension)
                            ? "; write one object a line into a .jsonl file (jq -c '.[]' does it for a list)"
                            : "; make it " + KINDS + (attributes.isRegularFile() ? "" : ", or - for standard input")));
        }
        if (!attributes.isRegularFile()) {
            throw new UserException(
                    "document " + name + " is neither a file nor a folder; name one, or - for standard" + " input");
        }
    }

    private void named(Path file) {
        String name = FileNames.text(file);
        requireKind(file, attributes(file.toString()));
        PassedOver problem = file(file);
        if (problem != null) {
            throw new UserException(
                    problem.kind() == Kind.TOO_LARGE ? UserException.Kind.TOO_LARGE : UserException.Kind.BAD_INPUT,
                    "document " + name + (problem.kind() == Kind.UNREADABLE ? " can't be read: " : " ")
                            + problem.reason());
        }
    }

    private void folder(Path folder) {
        long before = documents;
        FolderWalk.Found found;
        try {
            found = FolderWalk.walk(folder, FileKinds::isOne);
        } catch (IOException e) {
            throw new UserException(
                    UserException.Kind.BAD_INPUT,
                    "folder " + FileNames.text(folder) + " can't be read: " + IoReason.of(e) + "; check it",
                    e);
        }
        passedOver.addAll(found.passedOver());
        for (Path file : found.files()) {
            attempt(() -> {
                PassedOver problem = PairFiles.isOne(file) ? pairs(file, found.files()) : file(file);
                if (problem != null) {
                    passedOver.add(problem);
                }
            });
        }
        if (documents == before) {
            throw new UserException("folder " + FileNames.text(folder) + " holds no file that can be read"
                    + (passedOver.isEmpty() ? "" : " (" + PassedOverReport.brief(passedOver) + ")")
                    + "; name one that holds " + KINDS);
        }
    }

    /** Pairs are read with their document. */
    private static PassedOver pairs(Path file, List<Path> files) {
        return PairFiles.hasDocument(file, files)
                ? null
                : new PassedOver(
                        FileNames.text(file),
                        Kind.PAIRS,
                        "no document of its name lies beside it; call it like its document");
    }

    private PassedOver file(Path file) {
        String name = FileNames.text(file);
        try {
            return reading.read(new NamedFile(file, name, file, source(file), file));
        } catch (IOException e) {
            return new PassedOver(name, Kind.UNREADABLE, IoReason.of(e));
        }
    }

    /** The absolute path; what lies behind .. is what the system says, where links make that another folder. */
    private static String source(Path file) throws IOException {
        Path absolute = file.toAbsolutePath();
        Path plain = absolute.normalize();
        boolean same = plain.equals(absolute) || Files.exists(plain) && Files.isSameFile(plain, absolute);
        return FileNames.text(same ? plain : absolute.toRealPath());
    }
}
