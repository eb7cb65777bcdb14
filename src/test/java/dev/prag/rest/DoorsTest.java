package dev.prag.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.access.Principal;
import dev.prag.access.Role;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which role a request needs. */
class DoorsTest {
    private final Doors doors = new Doors(false);

    private static Principal with(Role... roles) {
        return new Principal("key:k", Set.of(), Set.of(roles));
    }

    @ParameterizedTest
    @CsvSource({
        "POST, /answers, true, false",
        "POST, /v1/chat/completions, true, false",
        "GET, /v1/models, true, false",
        "GET, /documents, true, true",
        "GET, /documents/a, true, true",
        "HEAD, /documents/a, true, true",
        "POST, /documents, false, true",
        "DELETE, /documents, false, true",
        "DELETE, /documents/a/b, false, true",
        "PATCH, /documents/a, false, true",
        "GET, /passages/a/adapter, true, true",
        "GET, /deletions/a, false, true",
        "GET, /something-new, true, false",
        "DELETE, /documentsx, true, false"
    })
    void rolesByPathAndMethod(String method, String path, boolean ask, boolean write) {
        assertEquals(ask, doors.opensFor(with(Role.ASK), method, path));
        assertEquals(write, doors.opensFor(with(Role.WRITE), method, path));
        assertTrue(doors.opensFor(with(Role.ADMIN), method, path));
        assertFalse(doors.opensFor(with(), method, path));
        assertFalse(doors.isOpen(path));
    }

    @ParameterizedTest
    @CsvSource({
        "/documents;x=1, /documents",
        "/documents;x/a;y=2, /documents/a",
        "/;x/documents, /documents",
        "/documents/, /documents",
        "/answers/, /answers",
        "/v1;x/models, /v1/models",
        "/whoami;, /whoami",
        "/, /",
        "/;x, /"
    })
    void pathsAreTakenAsResourcesSeeThem(String path, String plain) {
        assertEquals(plain, Doors.plain(path));
    }

    @Test
    void metricsMayNeedALogin() {
        assertTrue(doors.isOpen("/q/metrics"));
        Doors closed = new Doors(true);
        assertFalse(closed.isOpen("/q/metrics"));
        assertTrue(closed.isOpen("/q/health/ready"));
        assertTrue(closed.opensFor(with(Role.ADMIN), "GET", "/q/metrics"));
        assertFalse(closed.opensFor(with(Role.ASK), "GET", "/q/metrics"));
    }
}
