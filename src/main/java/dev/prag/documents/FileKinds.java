package dev.prag.documents;

import dev.prag.extraction.Format;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Which files hold documents, by the endings of their names. */
final class FileKinds {
    private static final List<String> LINES = List.of("jsonl", "ndjson");
    private static final List<String> TEXTS = List.of("txt", "md", "markdown");
    private static final String ARCHIVE = "zip";
    private static final String PACKED = "gz";
    private static final String TABLE = "tsv";
    private static final Set<String> SINGLE = Set.copyOf(single());

    private FileKinds() {}

    private static List<String> single() {
        List<String> all = new ArrayList<>(LINES);
        all.addAll(TEXTS);
        all.addAll(Format.extensions());
        return all;
    }

    /** All of them, as part of a sentence. */
    static String words() {
        return String.join(", ", single()) + ", " + ARCHIVE + ", or one of these as ." + PACKED;
    }

    /** Whether a file of that name is read; one with pairs is read with its document. */
    static boolean isOne(Path file) {
        return isSingle(file) || isArchive(file) || isPacked(file);
    }

    /** Whether it is no archive, and not packed. */
    static boolean isSingle(Path file) {
        return SINGLE.contains(FileNames.extension(file));
    }

    static boolean isLines(Path file) {
        return LINES.contains(FileNames.extension(file));
    }

    /** Whether it may be a table of passages, packed or not. */
    static boolean isTable(Path file) {
        return TABLE.equals(FileNames.extension(isPacked(file) ? unpacked(file) : file));
    }

    static boolean isText(Path file) {
        return TEXTS.contains(FileNames.extension(file));
    }

    static boolean isArchive(Path file) {
        return ARCHIVE.equals(FileNames.extension(file));
    }

    /** Whether it is one that was packed, such as {@code report.pdf.gz}. */
    static boolean isPacked(Path file) {
        return PACKED.equals(FileNames.extension(file)) && isSingle(unpacked(file));
    }

    /** The name of what is packed in it. */
    static Path unpacked(Path file) {
        String name = file.getFileName().toString();
        return Path.of(name.substring(0, name.length() - PACKED.length() - 1));
    }
}
