package dev.prag.retrieval;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.base.BusyException;
import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import dev.prag.base.UserException.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jboss.logging.Logger;
import org.opensearch.client.opensearch.generic.Body;
import org.opensearch.client.opensearch.generic.OpenSearchGenericClient;
import org.opensearch.client.opensearch.generic.Requests;
import org.opensearch.client.opensearch.generic.Response;
import org.opensearch.client.transport.OpenSearchTransport;

/** Asks OpenSearch, in JSON. */
final class OpenSearchClient implements AutoCloseable {
    static final JsonMapper JSON = JsonMapper.builder().build();

    private static final Logger LOG = Logger.getLogger(OpenSearchClient.class);
    private static final Duration OPEN = Duration.ofSeconds(5);
    private static final String LINES = "application/x-ndjson";
    private static final int NOT_FOUND = 404;
    /** All that the transport tells of statuses 401 and 403. */
    private static final List<String> REFUSED = List.of("Unauthorized access", "Forbidden access");

    private static final List<Integer> OVERLOADED = List.of(429, 502, 503, 504);

    private final OpenSearchTransport transport;
    private final OpenSearchGenericClient client;
    private final String url;
    private final Circuit circuit = new Circuit(OPEN, System::nanoTime);

    OpenSearchClient(OpenSearchTransport transport, String url) {
        this.transport = transport;
        this.client = new OpenSearchGenericClient(transport);
        this.url = url;
    }

    static ObjectNode object() {
        return JSON.createObjectNode();
    }

    String url() {
        return url;
    }

    /**
     * What it answers; missing where there is nothing at that path.
     *
     * @param body null for none
     * @throws BusyException if it can't be had for now
     * @throws UserException of kind ENVIRONMENT if it refuses who asks
     * @throws IllegalStateException if it takes the request for wrong
     */
    JsonNode call(String method, String path, Map<String, String> parameters, ObjectNode body) {
        return send(method, path, parameters, body == null ? null : Body.from(bytes(body), "application/json"));
    }

    /** As {@link #call}, of a POST of lines of JSON. */
    JsonNode bulk(String path, byte[] lines) {
        return send("POST", path, Map.of(), Body.from(lines, LINES));
    }

    static byte[] bytes(ObjectNode json) {
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }

    private JsonNode send(String method, String path, Map<String, String> parameters, Body body) {
        if (!circuit.allows()) {
            throw busy();
        }
        Requests.JsonBodyBuilder request =
                Requests.builder().method(method).endpoint(path).query(parameters);
        if (body != null) {
            request.body(body);
        }
        try (Response response = client.execute(request.build())) {
            JsonNode answer = read(response);
            circuit.succeeded();
            return checked(method + " " + path, response.getStatus(), answer);
        } catch (IOException e) {
            String reason = IoReason.of(e);
            if (REFUSED.stream().anyMatch(reason::contains)) {
                circuit.succeeded();
                throw refused(reason);
            }
            if (circuit.failed()) {
                LOG.warnf("OpenSearch at %s doesn't answer: %s", url, reason);
            }
            throw busy();
        }
    }

    private static JsonNode read(Response response) throws IOException {
        if (response.getBody().isEmpty()) {
            return MissingNode.getInstance();
        }
        try (Body body = response.getBody().get()) {
            return JSON.readTree(body.bodyAsBytes());
        }
    }

    private JsonNode checked(String request, int status, JsonNode answer) {
        if (status < 300) {
            return answer;
        }
        if (status == NOT_FOUND) {
            return MissingNode.getInstance();
        }
        String reason = answer.at("/error/reason").asText(answer.toString());
        if (OVERLOADED.contains(status)) {
            LOG.warnf("OpenSearch at %s has too much to do: %s", url, reason);
            throw busy();
        }
        throw new IllegalStateException(
                "OpenSearch at " + url + " refuses " + request + " (status " + status + "): " + reason);
    }

    private UserException refused(String reason) {
        return new UserException(
                Kind.ENVIRONMENT,
                "OpenSearch at " + url + " refuses this user (" + reason
                        + "); check prag.opensearch.username and prag.opensearch.password, and what that user may do");
    }

    private static BusyException busy() {
        return new BusyException("retrieval: the search service doesn't answer", OPEN);
    }

    @Override
    public void close() throws IOException {
        transport.close();
    }
}
