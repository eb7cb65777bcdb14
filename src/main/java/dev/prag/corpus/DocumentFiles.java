package dev.prag.corpus;

import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import dev.prag.base.Utf8;
import dev.prag.corpus.PassedOver.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Reads documents from files and folders: JSON lines, plain text and Markdown. What is named has to be readable; what
 * lies below a folder that was named is passed over where it isn't, and reported. Each document is handed over as it is
 * read: memory holds one at a time.
 */
public final class DocumentFiles {
    private static final Set<String> EXTENSIONS = Set.of("jsonl", "ndjson", "txt", "md", "markdown");
    private static final String KINDS = "jsonl, ndjson, txt, md or markdown";
    /** A file that is one document is read as a whole. */
    private static final long LARGEST_FILE = 1L << 30;

    /** A byte order mark. */
    private static final char MARK = '\uFEFF';

    private final long largestDocument;
    private final Consumer<DocumentInput> each;
    private final List<PassedOver> passedOver = new ArrayList<>();
    private long documents;

    /**
     * @param largestDocument bytes of UTF-8 that the text of a document may have
     * @param each takes the documents in their order
     */
    public DocumentFiles(long largestDocument, Consumer<DocumentInput> each) {
        this.largestDocument = largestDocument;
        this.each = each;
    }

    /** The documents of one file of any size. */
    public static List<DocumentInput> of(Path file) {
        List<DocumentInput> documents = new ArrayList<>();
        new DocumentFiles(LARGEST_FILE, documents::add).read(file.toString());
        return documents;
    }

    /** What lay below folders and was not read. */
    public List<PassedOver> passedOver() {
        return passedOver;
    }

    private void hand(DocumentInput document) {
        documents++;
        each.accept(document);
    }

    /** Reads JSON lines that come otherwise. */
    public void lines(InputStream in, String origin) {
        try {
            new JsonLines(in, origin, largestDocument).read(this::hand);
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
        if (attributes(name).isDirectory()) {
            folder(Path.of(name));
        } else {
            named(Path.of(name));
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
            found = FolderWalk.walk(folder, EXTENSIONS);
        } catch (IOException e) {
            throw new UserException(
                    UserException.Kind.BAD_INPUT,
                    "folder " + FileNames.text(folder) + " can't be read: " + IoReason.of(e) + "; check it",
                    e);
        }
        found.passedOver().stream()
                .filter(passed -> passed.kind() != Kind.OTHER_EXTENSION
                        || !PairFiles.isOne(Path.of(passed.path()))
                        || !PairFiles.hasDocument(Path.of(passed.path()), found.files()))
                .forEach(passedOver::add);
        for (Path file : found.files()) {
            PassedOver problem = PairFiles.isOne(file) ? pairs(file, found.files()) : file(file);
            if (problem != null) {
                passedOver.add(problem);
            }
        }
        if (documents == before) {
            throw new UserException("folder " + FileNames.text(folder) + " holds no " + KINDS + " file that can be read"
                    + (passedOver.isEmpty() ? "" : " (" + PassedOverReport.brief(passedOver) + ")")
                    + "; name one that does");
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

    /** Reads a file; returns why it isn't read, else null. Its reason follows the name in a sentence. */
    private PassedOver file(Path file) {
        String name = FileNames.text(file);
        try {
            BasicFileAttributes before = Files.readAttributes(file, BasicFileAttributes.class);
            PassedOver problem = isLines(file) ? lines(file, name) : whole(file, name, before);
            if (problem != null) {
                return problem;
            }
            return isSame(before, Files.readAttributes(file, BasicFileAttributes.class)) ? null : changed(name);
        } catch (NoSuchFileException e) {
            return new PassedOver(name, Kind.CHANGED, "is gone");
        } catch (IOException e) {
            return new PassedOver(name, Kind.UNREADABLE, IoReason.of(e));
        }
    }

    private static boolean isSame(BasicFileAttributes before, BasicFileAttributes after) {
        return after.size() == before.size() && after.lastModifiedTime().equals(before.lastModifiedTime());
    }

    private static PassedOver changed(String name) {
        return new PassedOver(name, Kind.CHANGED, "changed while it was read; ingest it again");
    }

    /** Twice, and the first time only to see whether it is text: a folder may hold anything under such a name. */
    private PassedOver lines(Path file, String name) throws IOException {
        boolean blank = true;
        try (Reader reader = new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8.newDecoder())) {
            char[] some = new char[1 << 16];
            for (int read = reader.read(some); read >= 0; read = reader.read(some)) {
                for (int i = 0; i < read; i++) {
                    if (some[i] == 0) {
                        return binary(name);
                    }
                    blank &= Character.isWhitespace(some[i]) || some[i] == MARK;
                }
            }
        } catch (CharacterCodingException e) {
            return noText(name);
        }
        if (blank) {
            return new PassedOver(name, Kind.EMPTY, "holds no document; each line is a JSON object with a field text");
        }
        try (InputStream in = Files.newInputStream(file)) {
            new JsonLines(in, name, largestDocument).read(this::hand);
        }
        return null;
    }

    private static PassedOver binary(String name) {
        return new PassedOver(name, Kind.NOT_TEXT, "contains the character U+0000; is it a binary file?");
    }

    private static PassedOver noText(String name) {
        return new PassedOver(name, Kind.NOT_TEXT, "is not UTF-8 text; convert it to UTF-8 first");
    }

    private PassedOver whole(Path file, String name, BasicFileAttributes attributes) throws IOException {
        long most = Math.min(LARGEST_FILE, largestDocument);
        if (attributes.size() > most) {
            return new PassedOver(
                    name,
                    Kind.TOO_LARGE,
                    "is too large: " + attributes.size() + " bytes, where the limit is " + most
                            + "; cut it, or raise prag.corpus.max-document-bytes");
        }
        byte[] read = Files.readAllBytes(file);
        if (read.length != attributes.size()
                || !isSame(attributes, Files.readAttributes(file, BasicFileAttributes.class))) {
            return changed(name);
        }
        String content;
        try {
            content = Utf8.decode(read, "document " + name);
        } catch (UserException e) {
            return noText(name);
        }
        return content.indexOf('\0') >= 0 ? binary(name) : document(file, name, content);
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
        hand(new DocumentInput(null, title, text, metadata, source, PairFiles.beside(file)));
        return null;
    }

    /** The absolute path; what lies behind .. is what the system says, where links make that another folder. */
    private static String source(Path file) throws IOException {
        Path absolute = file.toAbsolutePath();
        Path plain = absolute.normalize();
        boolean same = plain.equals(absolute) || Files.exists(plain) && Files.isSameFile(plain, absolute);
        return FileNames.text(same ? plain : absolute.toRealPath());
    }

    private static boolean isLines(Path file) {
        String extension = FileNames.extension(file);
        return extension.equals("jsonl") || extension.equals("ndjson");
    }
}
