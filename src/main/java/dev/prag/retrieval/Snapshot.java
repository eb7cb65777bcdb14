package dev.prag.retrieval;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.base.Hashes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An index as it was at one time, in the durable store: its files under their hashes, and what names them, this, whose
 * own hash is in its key, so that whoever reads either knows whether it is what was written.
 *
 * @param data what the index is made of and for, and the number of the change up to which it is written
 * @param createdAt milliseconds since 1970
 */
record Snapshot(Map<String, String> data, long createdAt, List<File> files) {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String MANIFESTS = "manifests/";
    private static final Pattern MANIFEST = Pattern.compile("([0-9]{19})-([0-9a-f]{64})\\.json");
    private static final int KEY_DIGITS = 19;

    /** A file of the index's folder. */
    record File(String name, long bytes, String sha256) {}

    /** Where all of a corpus's snapshots are. */
    static String folder(String corpusId) {
        return "index/" + corpusId + "/";
    }

    static String manifests(String corpusId) {
        return folder(corpusId) + MANIFESTS;
    }

    static String files(String corpusId) {
        return folder(corpusId) + "files/";
    }

    /** The number of the change up to which the index of such a key is written; -1 where it is the key of none. */
    static long written(String key) {
        Matcher name = name(key);
        return name.matches() ? Long.parseLong(name.group(1)) : -1;
    }

    private static Matcher name(String key) {
        return MANIFEST.matcher(key.substring(key.lastIndexOf('/') + 1));
    }

    long written() {
        return Long.parseLong(data.get(LuceneIndex.WRITTEN));
    }

    byte[] toBytes() {
        ObjectNode json = JSON.createObjectNode();
        ObjectNode kept = json.putObject("index");
        data.forEach(kept::put);
        json.put("createdAt", createdAt);
        ArrayNode list = json.putArray("files");
        for (File file : files) {
            list.addObject().put("name", file.name()).put("bytes", file.bytes()).put("sha256", file.sha256());
        }
        try {
            return JSON.writeValueAsBytes(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("made of texts and numbers", e);
        }
    }

    String key(String corpusId) {
        return manifests(corpusId)
                + String.format("%0" + KEY_DIGITS + "d-%s.json", written(), Hashes.sha256(toBytes()));
    }

    /** @throws IOException if it is not what was written under the key */
    static Snapshot read(String key, byte[] bytes) throws IOException {
        Matcher name = name(key);
        if (!name.matches() || !Hashes.sha256(bytes).equals(name.group(2))) {
            throw new IOException(key + " is damaged");
        }
        JsonNode json = JSON.readTree(bytes);
        Map<String, String> data = new LinkedHashMap<>();
        json.get("index")
                .properties()
                .forEach(entry -> data.put(entry.getKey(), entry.getValue().asText()));
        List<File> files = new ArrayList<>();
        for (JsonNode file : json.get("files")) {
            files.add(new File(
                    file.get("name").asText(),
                    file.get("bytes").asLong(),
                    file.get("sha256").asText()));
        }
        return new Snapshot(data, json.get("createdAt").asLong(), files);
    }
}
