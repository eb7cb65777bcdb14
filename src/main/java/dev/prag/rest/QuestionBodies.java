package dev.prag.rest;

import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.InputStream;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Reads the bodies of questions: JSON, bounded each and all together. */
@Singleton
public final class QuestionBodies {
    /** For the questions that are being read, all together. */
    private static final int SHARE_OF_HEAP = 32;

    private final BodyBudget budget;

    /** @param mostKibibytes of a question's body */
    @Inject
    QuestionBodies(@ConfigProperty(name = "prag.rest.max-question-kib") int mostKibibytes) {
        budget = new BodyBudget(
                mostKibibytes * 1024L, Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP, "prag.rest.max-question-kib");
    }

    /**
     * The body as a value of the type; fields that it doesn't have are passed over.
     *
     * @throws FieldException if a field has a value of another type
     * @throws dev.prag.base.UserException if the body is no JSON object, or too large
     */
    public <T> T read(InputStream stream, RoutingContext http, Class<T> type) {
        try (Body body = Body.open(stream, http, budget)) {
            return RequestBodies.read(RequestBodies.bytes(body), type);
        }
    }
}
