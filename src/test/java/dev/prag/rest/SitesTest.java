package dev.prag.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SitesTest {
    private static final Sites LAPTOP = new Sites("127.0.0.1", Optional.empty(), Optional.empty());
    private static final Sites CLUSTER = new Sites("0.0.0.0", Optional.empty(), Optional.empty());
    private static final Sites NAMED =
            new Sites("0.0.0.0", Optional.of(List.of("Rag.Example ")), Optional.of(List.of("https://portal.example")));

    @ParameterizedTest
    @CsvSource(textBlock = """
                    localhost:8080, true
                    LOCALHOST, true
                    localhost.:8080, true
                    app.localhost:8080, true
                    127.0.0.1:8080, true
                    192.168.1.7:8080, true
                    [::1]:8080, true
                    evil.example, false
                    evil.example:8080, false
                    127.0.0.1.evil.example, false
                    localhost.evil.example:8080, false
                    '', false
                    """)
    void aLaptopIsAskedByItsOwnNamesOnly(String host, boolean allowed) {
        assertEquals(
                allowed, LAPTOP.refusal(request("GET", host, null, null, null)).isEmpty());
        assertEquals(
                true, CLUSTER.refusal(request("GET", host, null, null, null)).isEmpty());
    }

    @ParameterizedTest
    @CsvSource({"rag.example, true", "RAG.example:8080, true", "10.0.0.7:8080, true", "other.example, false"})
    void namesThatAreSetAreTheOnlyOnes(String host, boolean allowed) {
        assertEquals(
                allowed, NAMED.refusal(request("GET", host, null, null, null)).isEmpty());
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
                    http://localhost:8080, true
                    HTTP://LOCALHOST:8080, true
                    http://localhost:3000, false
                    http://evil.example, false
                    null, false
                    file://, false
                    chrome-extension://abc, false
                    """)
    void onlyItsOwnPagesMayAsk(String origin, boolean allowed) {
        for (String method : List.of("GET", "POST", "DELETE", "OPTIONS")) {
            assertEquals(
                    allowed,
                    LAPTOP.refusal(request(method, "localhost:8080", origin, null, null))
                            .isEmpty(),
                    method);
        }
    }

    @ParameterizedTest
    @CsvSource({"https://portal.example, true", "https://rag.example, true", "https://evil.example, false"})
    void originsThatAreSetMayAsk(String origin, boolean allowed) {
        assertEquals(
                allowed,
                NAMED.refusal(request("POST", "rag.example", origin, "cross-site", "cors"))
                        .isEmpty());
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
                    GET, cross-site, no-cors, false
                    GET, same-site, no-cors, false
                    GET, cross-site, navigate, true
                    POST, cross-site, navigate, false
                    GET, same-origin, cors, true
                    GET, none, navigate, true
                    """)
    void whatAPageEmbedsIsRefusedAndWhatAPersonOpensIsNot(String method, String site, String mode, boolean allowed) {
        assertEquals(
                allowed,
                LAPTOP.refusal(request(method, "localhost:8080", null, site, mode))
                        .isEmpty());
    }

    private static Sites.Request request(String method, String host, String origin, String site, String mode) {
        return new Sites.Request(method, host, origin, site, mode);
    }
}
