package dev.prag.rest;

import dev.prag.base.UserException;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.core.HttpHeaders;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.ZipException;
import org.jboss.logging.Logger;

/**
 * A request's body as it is read: decoded, and bounded in what comes out, so that a small one can't become an endless
 * one. What was read counts against the memory for bodies until this is closed.
 */
final class Body extends FilterInputStream {
    private static final Logger LOG = Logger.getLogger(Body.class);

    private final InputStream sent;
    private final long most;
    private final BodyBudget budget;
    private final BodyBudget.Share share;
    private long read;

    private Body(InputStream sent, InputStream decoded, BodyBudget budget) {
        super(decoded);
        this.sent = sent;
        this.budget = budget;
        this.most = budget.mostBytes();
        this.share = budget.share();
    }

    /**
     * Opens the body.
     *
     * @param budget what it may fill, and the memory that it comes out of
     * @throws UserException if it isn't encoded as its header says
     */
    static Body open(InputStream body, RoutingContext http, BodyBudget budget) {
        ContentEncoding encoding = ContentEncoding.of(http.request().getHeader(HttpHeaders.CONTENT_ENCODING));
        try {
            return new Body(body, encoding.decode(body), budget);
        } catch (IOException e) {
            throw refused(e);
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int count;
        try {
            count = super.read(bytes, offset, length);
        } catch (ZipException | EOFException e) {
            throw refused(e);
        }
        if (count > 0) {
            read += count;
            if (read > most) {
                throw budget.tooLarge();
            }
            share.grow(read);
        }
        return count;
    }

    private static UserException refused(IOException e) {
        return new UserException(
                UserException.Kind.BAD_INPUT,
                "the request's body is not encoded as its Content-Encoding says, or ends too early; send it again",
                e);
    }

    /**
     * Gives the memory back. What is left of the body is read and dropped, since many clients listen only when they have
     * sent everything, and use the connection again; those of endless bodies are left to it.
     */
    @Override
    public void close() {
        share.close();
        try {
            byte[] unwanted = new byte[1 << 14];
            long left = most;
            for (int count = 0; count >= 0 && left > 0; left -= count) {
                count = sent.read(unwanted);
            }
        } catch (IOException e) {
            LOG.debugf("the rest of a body was not sent: %s", e.getMessage());
        }
    }
}
