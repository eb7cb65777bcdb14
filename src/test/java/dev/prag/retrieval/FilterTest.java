package dev.prag.retrieval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.base.UserException;
import java.math.BigDecimal;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FilterTest {
    private static String refused(Map<String, Object> filter) {
        UserException e = assertThrows(UserException.class, () -> Filter.of(filter));
        assertEquals(UserException.Kind.BAD_INPUT, e.kind());
        return e.getMessage();
    }

    @Test
    void noneIsNone() {
        assertSame(Filter.NONE, Filter.of(null));
        assertSame(Filter.NONE, Filter.of(Map.of()));
        assertEquals(Map.of(), FilterText.parse(List.of()));
    }

    @Test
    void whatIsWrongIsNamed() {
        Map<String, Object> nothing = new HashMap<>();
        nothing.put("year", null);
        assertTrue(refused(nothing).contains("\"year\" is null"));
        assertTrue(
                refused(Map.of("year", Map.of("from", 1))).contains("the bound from; there are gt, gte, lt and lte"));
        assertTrue(refused(Map.of("year", Map.of())).contains("no bounds"));
        assertTrue(refused(Map.of("year", Map.of("gt", "soon"))).contains("the bound soon"));
        assertTrue(refused(Map.of("year", Map.of("gt", "2024-02-31"))).contains("2024-02-31"), "there is no such day");
        assertTrue(refused(Map.of("year", Map.of("gt", 1, "lt", "2024-01-01"))).contains("a number and a date"));
        assertTrue(refused(Map.of("year", Map.of("gt", 1, "gte", 2))).contains("two bounds"));
        assertTrue(refused(Map.of("year", List.of())).contains("empty list"));
        assertTrue(refused(Map.of("year", List.of(List.of(1)))).contains("no string, number"));
        assertTrue(refused(Map.of("year", Collections.singletonList(null))).contains("no string, number"));
        assertTrue(refused(Map.of("@document", Map.of("gt", 1))).contains("has bounds"));
        assertTrue(refused(Map.of("year", Collections.nCopies(1001, 1))).contains("1001 values"));
        assertTrue(refused(IntStream.range(0, 101).boxed().collect(Collectors.toMap(i -> "k" + i, i -> i)))
                .contains("101 keys"));
    }

    @Test
    void whatIsTypedMeansWhatItLooksLike() {
        assertEquals(
                Map.of("year", List.of("1993", new BigDecimal("1993")), "lang", List.of("en", "de")),
                FilterText.parse(List.of("year=1993", "lang=en", "lang=de")));
        assertEquals(Map.of("open", List.of("true", true)), FilterText.parse(List.of("open=true")));
        assertEquals(Map.of("url", List.of("a=b>c")), FilterText.parse(List.of("url = a=b>c")));
        assertEquals(Map.of("note", List.of("")), FilterText.parse(List.of("note=")));
        assertEquals(
                Map.of("year", Map.of("gte", new BigDecimal("1990"), "lt", new BigDecimal("2000"))),
                FilterText.parse(List.of("year>=1990", "year<2000")));
        assertEquals(
                Map.of("date", Map.of("gt", "2024-01-01", "lte", "2024-05-31T12:00Z")),
                FilterText.parse(List.of("date>2024-01-01", "date<=2024-05-31T12:00Z")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"year", "=1993", "", " >1", "year>x"})
    void whatIsTypedWrongIsRefused(String condition) {
        UserException e = assertThrows(UserException.class, () -> FilterText.parse(List.of(condition)));
        assertTrue(e.getMessage().contains("filter"), e.getMessage());
    }

    @Test
    void aValueAndBoundsOfOneKeyAreRefused() {
        for (List<String> conditions :
                List.of(List.of("year=1", "year>2"), List.of("year>1", "year>2"), List.of("@document>a"))) {
            assertThrows(UserException.class, () -> FilterText.parse(conditions), conditions.toString());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "2024-05-31, 1717113600000, 1717199999999",
        "2024-05-31T12:00:00Z, 1717156800000, 1717156800000",
        "2024-05-31T14:00+02:00, 1717156800000, 1717156800000",
        "2024-05-31 12:00:00.5, 1717156800500, 1717156800500"
    })
    void datesAreSpansOfTime(String text, long first, long last) {
        assertEquals(new DateSpan(first, last), DateSpan.of(text).orElseThrow());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"2024", "31.05.2024", "2024-13-01", "2024-05-31T25:00", "2024-05-31Tnoon!", "9999999-01-01"})
    void whatIsNoDateIsText(String text) {
        assertTrue(DateSpan.of(text).isEmpty());
    }

    @Test
    void ofManyValuesTheFirstCount() {
        MetadataTerms terms =
                MetadataTerms.of(Map.of("n", IntStream.range(0, 5000).boxed().toList()));
        assertEquals(MetadataTerms.MOST_VALUES, terms.terms().size());
        assertEquals(MetadataTerms.MOST_VALUES, terms.ordered().size());
    }
}
