package dev.prag.base;

import java.io.BufferedReader;
import java.io.FilterReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import org.apache.commons.csv.CSVException;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * Tab-separated values of any size below a head, as spreadsheets and data frames write them: a field that begins with a
 * double quote ends with one, may hold tabs and ends of lines, and has its own quotes doubled. No more than a row is in
 * memory.
 */
public final class TsvRows implements AutoCloseable {
    /** What a parser reads ahead, beyond the row that it is at. */
    private static final int AHEAD = 1 << 16;

    /** A byte order mark. */
    private static final char MARK = '\uFEFF';

    private static final CSVFormat FORMAT = CSVFormat.DEFAULT
            .builder()
            .setDelimiter('\t')
            .setIgnoreEmptyLines(true)
            .get();

    private final String origin;
    private final Bound bound;
    private final CSVParser parser;
    private final Iterator<CSVRecord> records;
    private final List<String> head;

    /**
     * A row.
     *
     * @param line on which it begins, from 1
     * @param fields as many as the head has
     */
    public record Row(long line, List<String> fields) {}

    private TsvRows(InputStream in, String origin, int mostCharacters) throws IOException {
        this.origin = origin;
        BufferedReader text = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()), AHEAD);
        text.mark(1);
        if (text.read() != MARK) {
            text.reset();
        }
        bound = new Bound(text, mostCharacters + AHEAD);
        parser = CSVParser.builder().setReader(bound).setFormat(FORMAT).get();
        records = parser.iterator();
        Row first = read();
        if (first == null) {
            throw new UserException(origin + " is empty; it has to begin with a line that names its columns");
        }
        head = first.fields();
    }

    /**
     * Opens them and reads their head.
     *
     * @param origin what they are, for messages
     * @param mostCharacters that a row may have
     * @throws UserException if there is none
     */
    public static TsvRows open(InputStream in, String origin, int mostCharacters) throws IOException {
        try {
            return new TsvRows(in, origin, mostCharacters);
        } catch (CharacterCodingException e) {
            in.close();
            throw noText(origin + " line 1", e);
        } catch (IOException | RuntimeException e) {
            in.close();
            throw e;
        }
    }

    /** The names of the columns. */
    public List<String> head() {
        return head;
    }

    /**
     * The next row; null behind the last one.
     *
     * @throws UserException naming the line, if it has other columns than the head, or its quotes aren't right
     */
    public Row next() {
        Row row = read();
        if (row != null && row.fields().size() != head.size()) {
            throw new UserException(
                    origin + " line " + row.line() + " has "
                            + (row.fields().size() == 1
                                    ? "one column"
                                    : row.fields().size() + " columns") + " where the head has "
                            + head.size() + " (" + String.join(", ", head)
                            + "); put a tab between two columns, and a field that holds a tab or an end of line in double quotes");
        }
        return row;
    }

    private Row read() {
        bound.begin();
        long line = parser.getCurrentLineNumber() + 1;
        try {
            if (!records.hasNext()) {
                return null;
            }
            List<String> fields = records.next().toList();
            long inside = fields.stream()
                    .mapToLong(field -> field.chars().filter(c -> c == '\n').count())
                    .sum();
            // Blank lines before it aren't its own.
            return new Row(Math.max(line, parser.getCurrentLineNumber() - inside), fields);
        } catch (UncheckedIOException e) {
            throw mistake(line, e.getCause());
        }
    }

    private UserException mistake(long line, IOException e) {
        String where = origin + " line " + line;
        return switch (e) {
            case TooLongException tooLong ->
                new UserException(
                        UserException.Kind.TOO_LARGE,
                        where + " begins a row of more than " + tooLong.most
                                + " characters; a double quote is likely not closed: double those within a field",
                        e);
            case CharacterCodingException coding -> noText(where, coding);
            case CSVException quotes ->
                new UserException(
                        UserException.Kind.BAD_INPUT,
                        where + " has a field in double quotes that doesn't end with one before a tab or the end of the"
                                + " line; double the quotes within the field",
                        quotes);
            default ->
                new UserException(
                        UserException.Kind.ENVIRONMENT, where + " can't be read: " + IoReason.of(e) + "; check it", e);
        };
    }

    /** Found where it is read ahead. */
    private static UserException noText(String where, CharacterCodingException e) {
        return new UserException(
                UserException.Kind.BAD_INPUT,
                where + " or one below it is not UTF-8 text; convert it to UTF-8 first",
                e);
    }

    @Override
    public void close() throws IOException {
        parser.close();
    }

    private static final class TooLongException extends IOException {
        private static final long serialVersionUID = 1L;

        private final int most;

        TooLongException(int most) {
            this.most = most;
        }
    }

    /** Ends reading where a row becomes too long. */
    private static final class Bound extends FilterReader {
        private final int most;
        private long left;

        Bound(Reader in, int most) {
            super(in);
            this.most = most;
        }

        void begin() {
            left = most;
        }

        @Override
        public int read() throws IOException {
            int read = super.read();
            count(read < 0 ? 0 : 1);
            return read;
        }

        @Override
        public int read(char[] to, int offset, int length) throws IOException {
            int read = super.read(to, offset, length);
            count(read);
            return read;
        }

        private void count(int read) throws TooLongException {
            left -= read;
            if (left < 0) {
                throw new TooLongException(most - AHEAD);
            }
        }
    }
}
