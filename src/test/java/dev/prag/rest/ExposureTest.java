package dev.prag.rest;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.access.ApiKeys;
import dev.prag.base.UserException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Listening where others than this machine's users can ask. */
class ExposureTest {
    private static Exposure exposure(String host, boolean insecure, boolean provider, boolean someKeys) {
        ApiKeys keys = new ApiKeys() {
            @Override
            public boolean any() {
                return someKeys;
            }
        };
        OidcCallers oidc = new OidcCallers(provider, "groups", List.of("*"), Optional.empty(), Optional.empty());
        return new Exposure(
                host, insecure, keys, oidc, provider ? Optional.of("https://login.example") : Optional.empty());
    }

    @Test
    void aNetworkNeedsALoginOrTheWordThatItIsMeantSo() {
        UserException e = assertThrows(UserException.class, () -> exposure("0.0.0.0", false, false, false)
                .check());
        assertTrue(e.getMessage().contains("prag key create") && e.getMessage().contains("--insecure"), e.getMessage());
        assertThrows(UserException.class, () -> exposure("10.0.0.7", false, false, false)
                .check());
        assertDoesNotThrow(() -> exposure("0.0.0.0", true, false, false).check());
        assertDoesNotThrow(() -> exposure("0.0.0.0", false, true, false).check());
        assertDoesNotThrow(() -> exposure("0.0.0.0", false, false, true).check());
    }

    @Test
    void aProviderThatIsNamedIsUsed() {
        OidcCallers off = new OidcCallers(false, "groups", List.of("*"), Optional.empty(), Optional.empty());
        Exposure exposure = new Exposure("127.0.0.1", true, new ApiKeys(), off, Optional.of("https://login.example"));
        UserException e = assertThrows(UserException.class, exposure::check);
        assertTrue(e.getMessage().contains("PRAG_OIDC_URL"), e.getMessage());
    }

    @Test
    void theLoopbackNeedsNone() {
        for (String host : List.of("127.0.0.1", "localhost", "LOCALHOST", "::1")) {
            assertDoesNotThrow(() -> exposure(host, false, false, false).check());
        }
    }
}
