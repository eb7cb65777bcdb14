package dev.prag.extraction;

import dev.prag.extraction.RefusedException.Reason;
import java.io.IOException;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.apache.tika.io.TikaInputStream;
import org.apache.tika.metadata.Metadata;
import org.apache.tika.parser.txt.UniversalEncodingDetector;

/** Reads values with commas, semicolons, tabs or bars between them, in UTF-8 or what the bytes look like. */
final class CsvReader {
    private static final char[] DELIMITERS = {',', ';', '\t', '|'};
    /** Lines that tell the delimiter. */
    private static final int LOOKED_AT = 20;

    private CsvReader() {}

    /** @param most characters that the text may have */
    static Extracted read(Path file, int most) throws RefusedException {
        try {
            String text = decoded(file);
            if (text.indexOf('\0') >= 0) {
                throw new RefusedException(
                        Reason.BROKEN, "is not CSV as its name says, but binary; name it by what it is");
            }
            MarkdownTable table = new MarkdownTable(true);
            CSVFormat format = CSVFormat.DEFAULT
                    .builder()
                    .setDelimiter(delimiter(text))
                    .setIgnoreEmptyLines(true)
                    .setTrailingData(true)
                    .setLenientEof(true)
                    .get();
            try (var records = format.parse(Reader.of(text))) {
                for (CSVRecord record : records) {
                    table.startRow();
                    record.forEach(table::cell);
                    table.endRow();
                }
            }
            String lines = String.join("\n", table.lines()).strip();
            if (lines.isBlank()) {
                throw new RefusedException(Reason.NO_TEXT, "is empty: it has no values; give it some");
            }
            if (lines.length() > most) {
                throw new RefusedException(Reason.TOO_LARGE, new MarkdownHandler.TooLongException(most).getMessage());
            }
            return new Extracted(lines, null, Map.of("format", "csv"), List.of(), List.of());
        } catch (IOException | RuntimeException e) {
            throw new RefusedException(
                    Reason.BROKEN, "is damaged, or no CSV that can be read; open it and save it again");
        }
    }

    private static String decoded(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            try (TikaInputStream in = TikaInputStream.get(bytes)) {
                Charset charset = new UniversalEncodingDetector().detect(in, new Metadata());
                return new String(bytes, charset == null ? Charset.forName("windows-1252") : charset);
            }
        }
    }

    /** The character that most lines have equally often, outside of quotes; of several the one they have most. */
    private static char delimiter(String text) {
        List<String> lines =
                text.lines().filter(line -> !line.isBlank()).limit(LOOKED_AT).toList();
        char best = ',';
        long bestScore = 0;
        for (char delimiter : DELIMITERS) {
            long first = lines.isEmpty() ? 0 : count(lines.getFirst(), delimiter);
            long score = first == 0
                    ? 0
                    : 100
                                    * lines.stream()
                                            .filter(line -> count(line, delimiter) == first)
                                            .count()
                            + first;
            if (score > bestScore) {
                best = delimiter;
                bestScore = score;
            }
        }
        return best;
    }

    private static long count(String line, char delimiter) {
        boolean quoted = false;
        long count = 0;
        for (int i = 0; i < line.length(); i++) {
            quoted ^= line.charAt(i) == '"';
            count += !quoted && line.charAt(i) == delimiter ? 1 : 0;
        }
        return count;
    }
}
