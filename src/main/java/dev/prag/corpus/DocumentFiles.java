package dev.prag.corpus;

import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import dev.prag.base.Utf8;
import dev.prag.corpus.PassedOver.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads documents from files and folders: JSON lines, plain text and Markdown. What is named has to be readable; what
 * lies below a folder that was named is passed over where it isn't, and reported. Everything is read before anything is
 * kept.
 */
public final class DocumentFiles {
    private static final Set<String> EXTENSIONS = Set.of("jsonl", "ndjson", "txt", "md", "markdown");
    private static final String KINDS = "jsonl, ndjson, txt, md or markdown";
    /** A file is read as a whole. */
    private static final long LARGEST_FILE = 1L << 30;
    /** A text is in memory several times until it is kept. */
    private static final int COPIES = 8;

    private final long largestDocument;
    private final long mostBytes;
    private final List<DocumentInput> documents = new ArrayList<>();
    private final List<PassedOver> passedOver = new ArrayList<>();
    private long bytes;

    /** @param largestDocument bytes of UTF-8 that the text of a document may have */
    public DocumentFiles(long largestDocument) {
        this(largestDocument, Runtime.getRuntime().maxMemory() / COPIES);
    }

    DocumentFiles(long largestDocument, long mostBytes) {
        this.largestDocument = largestDocument;
        this.mostBytes = mostBytes;
    }

    /** The documents of one file of any size. */
    public static List<DocumentInput> of(Path file) {
        DocumentFiles files = new DocumentFiles(LARGEST_FILE);
        files.read(file.toString());
        return files.documents();
    }

    /** What was read so far, in its order. */
    public List<DocumentInput> documents() {
        return documents;
    }

    /** What lay below folders and was not read. */
    public List<PassedOver> passedOver() {
        return passedOver;
    }

    /** Adds documents that came otherwise. */
    public void add(List<DocumentInput> others) {
        documents.addAll(others);
    }

    /**
     * Reads a file, or all files of these kinds below a folder in the order of their paths.
     *
     * @param name the path as the user gave it
     * @throws UserException naming the file, the line and what is wrong with it
     */
    public void read(String name) {
        if (name.isBlank()) {
            throw new UserException("a path is empty; name a file (" + KINDS + "), a folder, or - for standard input");
        }
        Path path = Path.of(name);
        BasicFileAttributes attributes;
        try {
            attributes = Files.readAttributes(path, BasicFileAttributes.class);
        } catch (IOException e) {
            throw missing(name, e);
        }
        if (attributes.isDirectory()) {
            folder(path);
        } else {
            named(path, attributes);
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

    private void named(Path file, BasicFileAttributes attributes) {
        String name = FileNames.text(file);
        String extension = FileNames.extension(file);
        if (!EXTENSIONS.contains(extension)) {
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
        PassedOver problem = file(file);
        if (problem != null) {
            throw new UserException(
                    problem.kind() == Kind.TOO_LARGE ? UserException.Kind.TOO_LARGE : UserException.Kind.BAD_INPUT,
                    "document " + name + (problem.kind() == Kind.UNREADABLE ? " can't be read: " : " ")
                            + problem.reason());
        }
    }

    private void folder(Path folder) {
        int before = documents.size();
        FolderWalk.Found found;
        try {
            found = FolderWalk.walk(folder, EXTENSIONS);
        } catch (IOException e) {
            throw new UserException(
                    UserException.Kind.BAD_INPUT,
                    "folder " + FileNames.text(folder) + " can't be read: " + IoReason.of(e) + "; check it",
                    e);
        }
        passedOver.addAll(found.passedOver());
        for (Path file : found.files()) {
            PassedOver problem = file(file);
            if (problem != null) {
                passedOver.add(problem);
            }
        }
        if (documents.size() == before) {
            throw new UserException("folder " + FileNames.text(folder) + " holds no " + KINDS + " file that can be read"
                    + (passedOver.isEmpty() ? "" : " (" + PassedOverReport.brief(passedOver) + ")")
                    + "; name one that does");
        }
    }

    /** Reads a file; returns why it isn't read, else null. Its reason follows the name in a sentence. */
    private PassedOver file(Path file) {
        String name = FileNames.text(file);
        String content;
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            boolean lines = isLines(file);
            long most = lines ? LARGEST_FILE : Math.min(LARGEST_FILE, largestDocument);
            if (attributes.size() > most) {
                return new PassedOver(
                        name,
                        Kind.TOO_LARGE,
                        "is too large: " + attributes.size()
                                + " bytes, where the limit is " + most
                                + (lines
                                        ? "; cut it into several files"
                                        : "; cut it, or raise prag.corpus.max-document-bytes"));
            }
            hold(name, attributes.size());
            byte[] read = Files.readAllBytes(file);
            BasicFileAttributes after = Files.readAttributes(file, BasicFileAttributes.class);
            if (after.size() != attributes.size()
                    || !after.lastModifiedTime().equals(attributes.lastModifiedTime())
                    || read.length != after.size()) {
                return new PassedOver(name, Kind.CHANGED, "changed while it was read; ingest it again");
            }
            content = Utf8.decode(read, "document " + name);
        } catch (NoSuchFileException e) {
            return new PassedOver(name, Kind.CHANGED, "is gone");
        } catch (IOException e) {
            return new PassedOver(name, Kind.UNREADABLE, IoReason.of(e));
        } catch (UserException e) {
            if (e.kind() == UserException.Kind.TOO_LARGE) {
                throw e;
            }
            return new PassedOver(name, Kind.NOT_TEXT, "is not UTF-8 text; convert it to UTF-8 first");
        }
        if (content.indexOf('\0') >= 0) {
            return new PassedOver(name, Kind.NOT_TEXT, "contains the character U+0000; is it a binary file?");
        }
        if (isLines(file)) {
            return lines(name, content);
        }
        return document(file, name, content);
    }

    private PassedOver lines(String name, String content) {
        if (content.isBlank()) {
            return new PassedOver(name, Kind.EMPTY, "holds no document; each line is a JSON object with a field text");
        }
        documents.addAll(DocumentReader.parseLines(content, name));
        return null;
    }

    private PassedOver document(Path file, String name, String content) {
        String title = FileNames.stem(file);
        String text = content;
        Map<String, Object> metadata = Map.of();
        if (!"txt".equals(FileNames.extension(file))) {
            MarkdownFile markdown = MarkdownFile.of(content);
            title = markdown.title() == null ? title : markdown.title();
            metadata = markdown.metadata();
            text = markdown.text();
        }
        if (ReadableText.of(text).isBlank()) {
            return new PassedOver(name, Kind.EMPTY, "is empty: it has no text; give it one");
        }
        String source;
        try {
            source = source(file);
        } catch (IOException e) {
            return new PassedOver(name, Kind.UNREADABLE, IoReason.of(e));
        }
        String problem = DocumentId.problem(source);
        if (problem != null) {
            return new PassedOver(name, Kind.NAME, "has a path that can't be an id: it " + problem);
        }
        documents.add(new DocumentInput(null, title, text, metadata, source));
        return null;
    }

    /** The absolute path; what lies behind .. is what the system says, where links make that another folder. */
    private static String source(Path file) throws IOException {
        Path absolute = file.toAbsolutePath();
        Path plain = absolute.normalize();
        boolean same = plain.equals(absolute) || Files.exists(plain) && Files.isSameFile(plain, absolute);
        return FileNames.text(same ? plain : absolute.toRealPath());
    }

    private void hold(String name, long more) {
        bytes += more;
        if (bytes > mostBytes) {
            throw new UserException(
                    UserException.Kind.TOO_LARGE,
                    "with document " + name + " the files have more than " + (mostBytes >> 20)
                            + " MiB together, which is what is read at once; ingest them in several calls, or give Java"
                            + " more memory (PRAG_JAVA_OPTS=-Xmx…)");
        }
    }

    private static boolean isLines(Path file) {
        String extension = FileNames.extension(file);
        return extension.equals("jsonl") || extension.equals("ndjson");
    }
}
