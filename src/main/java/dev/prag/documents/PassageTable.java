package dev.prag.documents;

import dev.prag.base.TsvRows;
import dev.prag.base.UserException;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Passages that were cut elsewhere, a row each, in the format of DPR's Wikipedia (psgs_w100.tsv, Karpukhin et al., 2020):
 * tab-separated values with the columns id, text and title. Read as a stream, packed by gzip or not.
 */
final class PassageTable {
    private static final List<String> HEAD = List.of("id", "text", "title");
    private static final byte[] LINE = String.join("\t", HEAD).getBytes(StandardCharsets.UTF_8);
    private static final byte[] MARK = "\uFEFF".getBytes(StandardCharsets.UTF_8);
    private static final int BUFFER = 1 << 16;
    /** For the columns beside the text. */
    private static final int BESIDE = 1 << 20;

    private final NamedFile file;
    private final boolean packed;
    private final int longest;

    /** @param largestDocument bytes of UTF-8 that the text of a document may have */
    PassageTable(NamedFile file, long largestDocument) {
        this.file = file;
        this.packed = FileKinds.isPacked(file.file());
        // A quote in it is two.
        this.longest = (int) Math.min(Integer.MAX_VALUE / 2, 2 * largestDocument + BESIDE);
    }

    /** Whether the first line names the columns of such a table; any other table is a document. */
    boolean isOne() throws IOException {
        try (FileChannel channel = FileChannel.open(file.content());
                InputStream in = unpacked(channel)) {
            byte[] begin = in.readNBytes(MARK.length + LINE.length + 1);
            int from = startsWith(begin, MARK, 0) ? MARK.length : 0;
            int end = from + LINE.length;
            return startsWith(begin, LINE, from) && (begin.length == end || begin[end] == '\n' || begin[end] == '\r');
        } catch (ZipException | EOFException e) {
            // Whoever unpacks it says so.
            return false;
        }
    }

    private static boolean startsWith(byte[] bytes, byte[] with, int from) {
        return bytes.length >= from + with.length
                && Arrays.equals(bytes, from, from + with.length, with, 0, with.length);
    }

    /**
     * Hands over a document a row.
     *
     * @throws UserException naming the line and what is wrong with it, or if there is no row at all
     */
    void read(Consumer<DocumentInput> each, FileReading.Progress progress) throws IOException {
        try (FileChannel channel = FileChannel.open(file.content());
                TsvRows rows = TsvRows.open(unpacked(channel), file.name(), longest)) {
            long size = channel.size();
            TsvRows.Row row = rows.next();
            if (row == null) {
                throw new UserException(file.name() + " holds no passage; below its head each line is one: id, text and"
                        + " title with tabs between");
            }
            for (; row != null; row = rows.next()) {
                progress.read(file, FileReading.position(channel), size);
                each.accept(document(row));
            }
        }
    }

    private DocumentInput document(TsvRows.Row row) {
        String id = row.fields().getFirst();
        String text = row.fields().get(1);
        String title = row.fields().getLast();
        String where = file.name() + " line " + row.line();
        if (text.isBlank()) {
            throw new UserException(where + " has no text; the second column is a passage's text");
        }
        String problem = id.isBlank() ? "is empty" : DocumentId.problem(id);
        if (problem != null) {
            throw new UserException(
                    where + " has an id that isn't one: it " + problem + "; the first column is a passage's id");
        }
        return DocumentInput.passage(id, title, text);
    }

    private InputStream unpacked(FileChannel channel) throws IOException {
        InputStream in = new BufferedInputStream(Channels.newInputStream(channel), BUFFER);
        return packed ? new GZIPInputStream(in, BUFFER) : in;
    }
}
