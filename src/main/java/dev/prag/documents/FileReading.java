package dev.prag.documents;

import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import dev.prag.base.Utf8;
import dev.prag.documents.PassedOver.Kind;
import dev.prag.extraction.Extracted;
import dev.prag.extraction.Extractor;
import dev.prag.extraction.Format;
import dev.prag.extraction.RefusedException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Reads the documents of one file, whatever kind it is. Each is handed over as it is read: memory holds one at a time.
 */
public final class FileReading {
    /** A byte order mark. */
    private static final char MARK = '\uFEFF';

    private final FileLimits limits;
    private final Extractor extractor;
    private final Consumer<DocumentInput> each;
    private final Consumer<PassedOver> passedOver;
    private final Progress progress;

    /** Hears how far the reading of a file of many documents is. */
    @FunctionalInterface
    public interface Progress {
        /** @param bytes of the file that were read, of so many */
        void read(NamedFile file, long bytes, long of);

        /** Hears nothing. */
        Progress NONE = (file, bytes, of) -> {};
    }

    /**
     * @param passedOver takes what of an archive isn't read
     */
    public FileReading(
            FileLimits limits, Extractor extractor, Consumer<DocumentInput> each, Consumer<PassedOver> passedOver) {
        this(limits, extractor, each, passedOver, Progress.NONE);
    }

    FileReading(
            FileLimits limits,
            Extractor extractor,
            Consumer<DocumentInput> each,
            Consumer<PassedOver> passedOver,
            Progress progress) {
        this.limits = limits;
        this.extractor = extractor;
        this.each = each;
        this.passedOver = passedOver;
        this.progress = progress;
    }

    /** Whether a file of that name is of a kind that is read. */
    public static boolean reads(Path name) {
        return FileKinds.isOne(name);
    }

    /** The kinds that are read, by the endings of names, as part of a sentence. */
    public static String kinds() {
        return FileKinds.words();
    }

    /**
     * Reads a file.
     *
     * @return why it isn't read, else null; the reason follows the name in a sentence
     * @throws UserException naming the line of a mistake in JSON lines
     */
    public PassedOver read(NamedFile file) {
        try {
            BasicFileAttributes before = Files.readAttributes(file.content(), BasicFileAttributes.class);
            PassedOver problem = content(file, before);
            if (problem != null) {
                return problem;
            }
            return isSame(before, Files.readAttributes(file.content(), BasicFileAttributes.class))
                    ? null
                    : changed(file);
        } catch (NoSuchFileException e) {
            return new PassedOver(file.name(), Kind.CHANGED, "is gone");
        } catch (IOException e) {
            return new PassedOver(file.name(), Kind.UNREADABLE, IoReason.of(e));
        }
    }

    private PassedOver content(NamedFile file, BasicFileAttributes attributes) throws IOException {
        if (FileKinds.isArchive(file.file())) {
            return new Archive(file, limits, passedOver).read(this::read);
        }
        if (FileKinds.isTable(file.file())) {
            PassageTable table = new PassageTable(file, limits.document());
            if (table.isOne()) {
                table.read(each, progress);
                return null;
            }
        }
        if (FileKinds.isPacked(file.file())) {
            return Unpacked.read(file, limits, this::read);
        }
        if (FileKinds.isLines(file.file())) {
            return lines(file);
        }
        return FileKinds.isText(file.file()) ? whole(file, attributes) : extracted(file);
    }

    private static boolean isSame(BasicFileAttributes before, BasicFileAttributes after) {
        return after.size() == before.size() && after.lastModifiedTime().equals(before.lastModifiedTime());
    }

    private static PassedOver changed(NamedFile file) {
        return new PassedOver(file.name(), Kind.CHANGED, "changed while it was read; ingest it again");
    }

    /** Twice, and the first time only to see whether it is text: a folder may hold anything under such a name. */
    private PassedOver lines(NamedFile file) throws IOException {
        boolean blank = true;
        try (Reader reader =
                new InputStreamReader(Files.newInputStream(file.content()), StandardCharsets.UTF_8.newDecoder())) {
            char[] some = new char[1 << 16];
            for (int read = reader.read(some); read >= 0; read = reader.read(some)) {
                for (int i = 0; i < read; i++) {
                    if (some[i] == 0) {
                        return binary(file);
                    }
                    blank &= Character.isWhitespace(some[i]) || some[i] == MARK;
                }
            }
        } catch (CharacterCodingException e) {
            return noText(file);
        }
        if (blank) {
            return new PassedOver(
                    file.name(), Kind.EMPTY, "holds no document; each line is a JSON object with a field text");
        }
        try (FileChannel channel = FileChannel.open(file.content())) {
            long size = channel.size();
            new JsonLines(Channels.newInputStream(channel), file.name(), limits.document()).read(document -> {
                progress.read(file, position(channel), size);
                each.accept(document);
            });
        }
        return null;
    }

    /** How much was read of a file that is open. */
    static long position(FileChannel channel) {
        try {
            return channel.position();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static PassedOver binary(NamedFile file) {
        return new PassedOver(file.name(), Kind.NOT_TEXT, "contains the character U+0000; is it a binary file?");
    }

    private static PassedOver noText(NamedFile file) {
        return new PassedOver(file.name(), Kind.NOT_TEXT, "is not UTF-8 text; convert it to UTF-8 first");
    }

    private PassedOver whole(NamedFile file, BasicFileAttributes attributes) throws IOException {
        long most = Math.min(limits.file(), limits.document());
        if (attributes.size() > most) {
            return new PassedOver(
                    file.name(),
                    Kind.TOO_LARGE,
                    "is too large: " + attributes.size() + " bytes, where the limit is " + most
                            + "; cut it, or raise prag.corpus.max-document-bytes");
        }
        byte[] read = Files.readAllBytes(file.content());
        if (read.length != attributes.size()
                || !isSame(attributes, Files.readAttributes(file.content(), BasicFileAttributes.class))) {
            return changed(file);
        }
        String content;
        try {
            content = Utf8.decode(read, "document " + file.name());
        } catch (UserException e) {
            return noText(file);
        }
        if (content.indexOf('\0') >= 0) {
            return binary(file);
        }
        if ("txt".equals(FileNames.extension(file.file()))) {
            return hand(file, new Extracted(content, null, Map.of(), List.of(), List.of()));
        }
        MarkdownFile markdown = MarkdownFile.of(content);
        return hand(file, new Extracted(markdown.text(), markdown.title(), markdown.metadata(), List.of(), List.of()));
    }

    private PassedOver extracted(NamedFile file) {
        try {
            Format format = Format.of(FileNames.extension(file.file())).orElseThrow();
            return hand(file, extractor.extract(file.content(), format));
        } catch (RefusedException e) {
            return new PassedOver(file.name(), kind(e.reason()), e.getMessage());
        }
    }

    private static Kind kind(RefusedException.Reason reason) {
        return switch (reason) {
            case ENCRYPTED -> Kind.ENCRYPTED;
            case BROKEN -> Kind.BROKEN;
            case NO_TEXT -> Kind.EMPTY;
            case TOO_LARGE -> Kind.TOO_LARGE;
            case TOO_HARD -> Kind.TOO_HARD;
            case UNSUPPORTED -> Kind.UNSUPPORTED;
        };
    }

    private PassedOver hand(NamedFile file, Extracted extracted) {
        if (ReadableText.of(extracted.text()).isBlank()) {
            return new PassedOver(file.name(), Kind.EMPTY, "is empty: it has no text; give it one");
        }
        String problem = DocumentId.problem(file.id());
        if (problem != null) {
            return new PassedOver(file.name(), Kind.NAME, "has a path that can't be an id: it " + problem);
        }
        Path stem = FileKinds.isPacked(file.file()) ? FileKinds.unpacked(file.file()) : file.file();
        each.accept(new DocumentInput(
                null,
                extracted.title() == null ? FileNames.stem(stem) : extracted.title(),
                extracted.text(),
                extracted.metadata(),
                file.id(),
                file.pairs() == null ? List.of() : PairFiles.beside(file.pairs()),
                extracted.pages(),
                extracted.notes()));
        return null;
    }
}
