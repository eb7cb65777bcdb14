package dev.prag.access;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Who did what: a line of JSON for each answer and each change of documents, in the log's category {@value #CATEGORY}.
 * Without questions and texts, unless a setting says so.
 */
@Singleton
public final class Audit {
    /** Of the log. */
    public static final String CATEGORY = "prag.audit";

    private static final Logger LOG = Logger.getLogger(CATEGORY);
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final boolean texts;

    /**
     * @param texts whether lines carry questions and answers
     * @param file where lines go, and nothing else does; without it they go where the log goes
     */
    @Inject
    Audit(
            @ConfigProperty(name = "prag.audit.texts", defaultValue = "false") boolean texts,
            @ConfigProperty(name = "prag.audit.file") Optional<String> file) {
        this.texts = texts;
        file.filter(path -> !path.isBlank()).ifPresent(AuditFile::open);
    }

    /**
     * A passage that an answer rests on.
     *
     * @param through adapter or prompt
     */
    @RegisterForReflection
    public record Used(String passage, String through) {}

    /**
     * A question was answered.
     *
     * @param requestId may be null
     * @param question kept only where the setting says so, as is the answer
     */
    public void answered(
            Principal who,
            String requestId,
            String method,
            List<Used> passages,
            int promptTokens,
            int tokens,
            String question,
            String answer) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("method", method);
        fields.put("passages", passages);
        fields.put("promptTokens", promptTokens);
        fields.put("tokens", tokens);
        if (texts) {
            fields.put("question", question);
            fields.put("answer", answer);
        }
        write("answer", who, requestId, fields);
    }

    /**
     * Documents were added, changed, deleted or the like.
     *
     * @param action what was done: added, changed or deleted
     * @param documents their ids
     */
    public void changed(Principal who, String requestId, String action, List<String> documents) {
        if (!documents.isEmpty()) {
            write(action, who, requestId, Map.of("documents", documents));
        }
    }

    private static void write(String event, Principal who, String requestId, Map<String, Object> fields) {
        if (!LOG.isInfoEnabled()) {
            return;
        }
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("at", Instant.now().toString());
        line.put("event", event);
        line.put("who", who.name());
        if (requestId != null) {
            line.put("request", requestId);
        }
        line.putAll(fields);
        try {
            LOG.info(JSON.writeValueAsString(line));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
