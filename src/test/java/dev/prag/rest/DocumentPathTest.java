package dev.prag.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.base.UserException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DocumentPathTest {
    @ParameterizedTest
    @CsvSource(textBlock = """
                    /documents/report, report
                    /documents/report;v=2, report;v=2
                    /documents/report%3Bv=2, report;v=2
                    /documents/a/b//c/, a/b//c/
                    /documents//home/me/a.txt, /home/me/a.txt
                    /documents/%2Fhome%2Fme, /home/me
                    /documents/a/../b, a/../b
                    /documents/%2e%2e, ..
                    /documents/a+b, a+b
                    /documents/100%25, 100%
                    /documents/a%2520b, a%20b
                    /documents/%C3%A9?x=1, é
                    /documents/a%3Fb%23c?id=other, a?b#c
                    /documents/a#b, a
                    http://host:8080/documents/a?b, a
                    """)
    void isWhatWasSentDecodedOnce(String uri, String id) {
        assertEquals(id, DocumentPath.id(uri));
    }

    @ParameterizedTest
    @ValueSource(strings = {"%", "%4", "%zz", "a%C3", "%C0%AF", "%ED%A0%80", "%FF"})
    void whatIsNotPercentEncodedUtf8IsRefused(String id) {
        UserException e = assertThrows(UserException.class, () -> DocumentPath.id("/documents/" + id));
        assertTrue(e.getMessage().contains(id), e.getMessage());
    }

    @Test
    void pathsThatOnlyNormaliseToADocumentAreNone() {
        assertThrows(UserException.class, () -> DocumentPath.id("/x/../documents/a"));
        assertThrows(UserException.class, () -> DocumentPath.id("//documents/a"));
    }
}
