package dev.prag.documents;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.prag.base.UserException;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ReadersTest {
    @Test
    void readersHaveBounds() {
        String longest = "g".repeat(Readers.LONGEST);
        assertEquals(List.of(longest), Readers.checked("d", List.of(longest)));
        assertThrows(UserException.class, () -> Readers.checked("d", List.of(longest + "g")));
        assertThrows(
                UserException.class,
                () -> Readers.checked(
                        "d",
                        IntStream.rangeClosed(0, Readers.MOST)
                                .mapToObj(Integer::toString)
                                .toList()));
        assertEquals(List.of(), Readers.checked("d", null));
        assertThrows(UserException.class, () -> Readers.checked("d", Collections.singletonList(null)));
    }
}
