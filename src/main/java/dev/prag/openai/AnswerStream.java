package dev.prag.openai;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.prag.answering.Answer;
import dev.prag.rest.OpenAiError;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * An answer as server-sent events, as OpenAI's clients read them: {@code data: } with an object, and in the end {@code
 * data: [DONE]}. The engine's thread never waits for a client: what that hasn't read yet is kept here, and is no more than
 * the answer.
 */
final class AnswerStream implements StreamingOutput {
    /** Often enough for whoever closes connections that nothing comes on. */
    private static final int SILENCE_SECONDS = 15;

    private static final Logger LOG = Logger.getLogger(AnswerStream.class);

    private final Form form;
    private final ObjectMapper json;
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private Event first;

    AnswerStream(Form form, ObjectMapper json) {
        this.form = form;
        this.json = json;
    }

    private sealed interface Event {}

    private record Begun() implements Event {}

    private record Piece(String text, List<TokenTape.Entry> tokens) implements Event {}

    private record Done(Answer answer) implements Event {}

    private record Failed(RuntimeException cause, OpenAiError error) implements Event {}

    /** Generation has begun: it may have done so before, for a question that the model rewrites. */
    void begun() {
        events.add(new Begun());
    }

    void piece(String text, List<TokenTape.Entry> tokens) {
        events.add(new Piece(text, tokens));
    }

    void done(Answer answer) {
        events.add(new Done(answer));
    }

    void failed(RuntimeException cause, OpenAiError error) {
        events.add(new Failed(cause, error));
    }

    /**
     * Waits until generation has begun.
     *
     * @throws RuntimeException why it never will
     */
    void awaitBeginning() {
        try {
            // A token may have come before the news that there will be some.
            first = events.take();
            if (first instanceof Failed failed) {
                throw failed.cause();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    @Override
    public void write(OutputStream out) {
        try {
            for (Object chunk : form.first()) {
                send(out, chunk);
            }
            boolean more = tell(out, first);
            while (more) {
                more = tell(out, events.poll(SILENCE_SECONDS, TimeUnit.SECONDS));
            }
        } catch (IOException e) {
            // Its generation ends with the request.
            LOG.debugf("a client has gone away: %s", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Tells of an event, null being none for a while; returns whether others follow. */
    private boolean tell(OutputStream out, Event event) throws IOException {
        switch (event) {
            case null -> write(out, ": still at it");
            case Begun begun -> {}
            case Piece piece -> send(out, form.next(piece.text(), piece.tokens()));
            case Done done -> {
                for (Object chunk : form.last(done.answer())) {
                    send(out, chunk);
                }
                write(out, "data: [DONE]");
                return false;
            }
            case Failed failed -> {
                send(out, failed.error());
                return false;
            }
        }
        return true;
    }

    private void send(OutputStream out, Object data) throws IOException {
        write(out, "data: " + json.writeValueAsString(data));
    }

    private static void write(OutputStream out, String event) throws IOException {
        out.write((event + "\n\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
    }
}
