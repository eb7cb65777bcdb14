package dev.prag.retrieval;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;

/** Collects what is to be written, and sends it in pieces of a bounded size. */
final class OpenSearchBulk {
    private static final int MOST_BYTES = 4 << 20;
    /** Something newer is there already, which is what is wanted. */
    private static final int CONFLICT = 409;

    private static final int NOT_FOUND = 404;

    private final OpenSearchClient client;
    private final String index;
    private final ByteArrayOutputStream lines = new ByteArrayOutputStream();

    OpenSearchBulk(OpenSearchClient client, String index) {
        this.client = client;
        this.index = index;
    }

    /** @param version at least that of what is there, or nothing is changed */
    void index(String id, long version, ObjectNode document) {
        add("index", id, version);
        addLine(document);
    }

    void delete(String id, long version) {
        add("delete", id, version);
    }

    private void add(String action, String id, long version) {
        if (lines.size() > MOST_BYTES) {
            flush();
        }
        ObjectNode line = OpenSearchClient.object();
        line.putObject(action).put("_id", id).put("version", version).put("version_type", "external_gte");
        addLine(line);
    }

    private void addLine(ObjectNode line) {
        lines.writeBytes(OpenSearchClient.bytes(line));
        lines.write('\n');
    }

    /** @throws IllegalStateException with the reason if one of them was refused */
    void flush() {
        if (lines.size() == 0) {
            return;
        }
        byte[] content = lines.toByteArray();
        lines.reset();
        JsonNode answer = client.bulk("/" + index + "/_bulk", content);
        if (answer.isMissingNode()) {
            throw new IllegalStateException("index " + index + " of OpenSearch is gone");
        }
        if (answer.path("errors").asBoolean()) {
            answer.path("items").forEach(item -> item.forEach(this::check));
        }
    }

    private void check(JsonNode done) {
        int status = done.path("status").asInt();
        if (status >= 300 && status != CONFLICT && status != NOT_FOUND) {
            throw new IllegalStateException("OpenSearch refuses to write into " + index + " (status " + status + "): "
                    + done.at("/error/reason").asText());
        }
    }
}
