package dev.prag.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.prag.base.UserException;
import dev.prag.rest.OpenAiErrors;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnswerStreamTest {
    private final AnswerStream stream =
            new AnswerStream(new ChatForm(new Exchange.Heading("id", 1, "model", "fp"), null, false), new JsonMapper());

    @Test
    void whatFailsBeforeTheBeginningIsThrown() {
        UserException cause = new UserException("no");
        stream.failed(cause, OpenAiErrors.ours());
        assertSame(cause, assertThrows(UserException.class, stream::awaitBeginning));
    }

    @Test
    void whatFailsLaterIsTheLastEvent() {
        // Tokens may come before the news that there will be some.
        stream.piece("Hel", List.of());
        stream.begun();
        stream.piece("lo", List.of());
        stream.failed(new IllegalStateException("/secret/path"), OpenAiErrors.ours());
        stream.awaitBeginning();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        stream.write(out);
        String[] events = out.toString(StandardCharsets.UTF_8).split("\n\n");
        assertEquals(4, events.length);
        assertTrue(events[0].contains("\"role\":\"assistant\""), events[0]);
        assertTrue(events[1].contains("\"content\":\"Hel\""), events[1]);
        assertTrue(events[2].contains("\"content\":\"lo\""), events[2]);
        assertTrue(events[3].startsWith("data: {\"error\":{\"message\":\"something went wrong here"), events[3]);
    }

    @Test
    void aClientThatHasGoneEndsTheStream() {
        stream.begun();
        stream.awaitBeginning();
        stream.write(new OutputStream() {
            @Override
            public void write(int next) throws IOException {
                throw new IOException("reset");
            }
        });
    }
}
