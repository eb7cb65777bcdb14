package dev.prag.documents;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.base.UserException;
import java.io.ByteArrayInputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DocumentReaderTest {
    @Test
    void jsonLines() {
        String lines = "\uFEFF{\"id\":7,\"title\":\"T\",\"text\":\"One.\",\"metadata\":{\"a\":[1]},\"other\":0}\n\n"
                + "{\"id\":null,\"title\":null,\"text\":\"Zwei ß.\",\"metadata\":null}\r\n";
        assertEquals(
                List.of(
                        new DocumentInput("7", "T", "One.", Map.of("a", List.of(1)), null),
                        new DocumentInput(null, "", "Zwei ß.", Map.of(), null)),
                read(lines));
        List<DocumentInput> streamed = new ArrayList<>();
        new DocumentFiles(1000, streamed::add)
                .lines(new ByteArrayInputStream(lines.getBytes(StandardCharsets.UTF_8)), "standard input");
        assertEquals(read(lines), streamed);
    }

    @Test
    void noFieldMeansNoTitle() {
        assertEquals("", read("{\"text\":\"a\"}").getFirst().title());
        assertNull(read("{\"text\":\"a\"}").getFirst().id());
    }

    @ParameterizedTest
    @CsvSource({
        "7, 7",
        "123456789.0, 123456789.0",
        "1.10, 1.10",
        "12345678901234567890123, 12345678901234567890123",
        "0.1234567890123456789, 0.1234567890123456789",
        "1e-3, 0.001",
        "-3, -3"
    })
    void anIdThatIsANumberIsWrittenAsTheNumber(String number, String id) {
        assertEquals(
                id, read("{\"text\":\"a\",\"id\":" + number + "}").getFirst().id());
    }

    @Test
    void numbersOfMetadataKeepTheirDigits() {
        Map<String, Object> metadata =
                read("{\"text\":\"a\",\"metadata\":{\"fine\":0.1234567890123456789,\"price\":1.10,"
                                + "\"many\":123456789012345678901234567890,\"list\":[2.50]}}")
                        .getFirst()
                        .metadata();
        assertEquals(new BigDecimal("0.1234567890123456789"), metadata.get("fine"));
        assertEquals(new BigDecimal("1.10"), metadata.get("price"));
        assertEquals(new BigInteger("123456789012345678901234567890"), metadata.get("many"));
        assertEquals(List.of(new BigDecimal("2.50")), metadata.get("list"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"text\":\"a\"                  | not JSON",
                "{\"text\":\"a\"} {\"text\":\"b\"} | not JSON",
                "{\"text\":\"a\",\"text\":\"b\"}  | Duplicate field",
                "{\"text\":\"a\",\"metadata\":{\"k\":1,\"k\":2}} | Duplicate field",
                "{\"text\":\"a\",\"metadata\":{\"k\":NaN}} | NaN",
                "\"text\"                         | not a JSON object",
                "{\"title\":\"a\"}                | no text",
                "{\"text\":null}                  | not a string",
                "{\"text\":\"a\",\"title\":1}     | title",
                "{\"text\":\"a\",\"id\":[]}       | id",
                "{\"text\":\"a\",\"id\":1e400}    | exponent",
                "{\"text\":\"a\",\"id\":1E5}      | exponent",
                "{\"text\":\"a\",\"id\":\" \"}    | empty id",
                "{\"text\":\"a\",\"id\":\" a\"}   | white space",
                "{\"text\":\"a\",\"id\":\"a\\u00a0\"} | white space",
                "{\"text\":\"a\",\"id\":\"a\\nb\"} | U+000A",
                "{\"text\":\"a\",\"id\":\"a\\u0000b\"} | U+0000",
                "{\"text\":\"a\",\"id\":\"a\\ud800\"} | surrogate",
                "{\"text\":\"a\",\"id\":\"..\"}   | segment ..",
                "{\"text\":\"a\",\"id\":\"a/../b\"} | segment ..",
                "{\"text\":\"a\",\"id\":\"./b\"}  | segment .",
                "{\"text\":\"a\",\"metadata\":[]} | metadata"
            })
    void aMistakeIsNamedWithItsLine(String line, String cause) {
        UserException e = assertThrows(UserException.class, () -> read("{\"text\":\"good\"}\n" + line));
        assertTrue(e.getMessage().contains("x line 2"), e.getMessage());
        assertTrue(e.getMessage().contains(cause), e.getMessage());
    }

    @Test
    void anIdMayHaveAThousandBytes() {
        String longest = "ü".repeat(500);
        assertEquals(
                longest,
                read("{\"text\":\"a\",\"id\":\"" + longest + "\"}").getFirst().id());
        assertThrows(UserException.class, () -> read("{\"text\":\"a\",\"id\":\"" + longest + "u\"}"));
    }

    private static List<DocumentInput> read(String lines) {
        return DocumentReader.readLines(lines.getBytes(StandardCharsets.UTF_8), "x");
    }
}
