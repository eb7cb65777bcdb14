package dev.prag.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.base.UserException;
import jakarta.transaction.RollbackException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseUrlTest {
    @Test
    void theLoginIsTakenOut() {
        DatabaseUrl url = DatabaseUrl.of("jdbc:postgresql://ann:s%40crt@db:5432/prag?user=ben&ssl=true&passWord=x%26y");
        assertEquals("jdbc:postgresql://db:5432/prag?ssl=true", url.address());
        assertEquals("ben", url.username());
        assertEquals("x&y", url.password());
        DatabaseUrl plain = DatabaseUrl.of("jdbc:postgresql://db/prag");
        assertEquals("jdbc:postgresql://db/prag", plain.address());
        assertNull(plain.username());
        assertNull(plain.password());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://ann:hunter2@127.0.0.1:1/prag",
                "jdbc:postgresql://ann:p@hunter2@127.0.0.1:1/prag",
                "jdbc:postgresql://127.0.0.1:1/prag?password=hunter2",
                "jdbc:postgresql://127.0.0.1:1/prag?user=a&PASSWORD=hunter2",
                "jdbc:postgresql://127.0.0.1:1/prag?pass%77ord=hunter2",
                "jdbc:postgresql://127.0.0.1:1/prag?sslpassword=hunter2",
                "jdbc:postgresql://127.0.0.1:1/prag?password=%68unter2",
                "postgres://ann:hunter2@127.0.0.1:1/prag",
                "jdbc:postgresql://ann:hunter2@:/prag:x",
                "mysql://ann:hunter2@h/x"
            })
    void noMessageHasAPassword(String url) {
        UserException e = assertThrows(UserException.class, () -> ExternalDatabase.check(url, null, null));
        assertFalse(e.getMessage().contains("hunter2"), e.getMessage());
        assertFalse(e.getMessage().contains("%68unter2"), e.getMessage());
        assertFalse(DatabaseUrl.of(url).toString().contains("hunter2"));
    }

    @Test
    void aDatabaseThatIsAwayIsToldFromAMistake() {
        assertTrue(DatabaseTrouble.isGone(new RuntimeException(new SQLException("gone", "08006"))));
        assertTrue(DatabaseTrouble.isGone(new SQLException("stopping", "57P01")));
        assertTrue(DatabaseTrouble.isGone(new SQLException("Sorry, acquisition timeout!")));
        // What a transaction that timed out ends with.
        Throwable timedOut = new RuntimeException(new RollbackException("The transaction is not active!"));
        assertTrue(DatabaseTrouble.isGone(timedOut));
        assertEquals("it took longer than a transaction may", DatabaseTrouble.reason(timedOut));
        assertFalse(DatabaseTrouble.isGone(rolledBackBecauseOf(new IllegalStateException("a mistake"))));
        assertTrue(DatabaseTrouble.isGone(rolledBackBecauseOf(new SQLException("gone", "08006"))));
        assertFalse(DatabaseTrouble.isGone(new SQLException("syntax", "42601")));
        assertFalse(DatabaseTrouble.isGone(new IllegalStateException("other")));
    }

    private static Throwable rolledBackBecauseOf(Throwable why) {
        return new RuntimeException(new RollbackException("could not commit").initCause(why));
    }
}
