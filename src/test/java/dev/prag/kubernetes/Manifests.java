package dev.prag.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The resources of the folder k8s, and the shapes that they have to have. */
final class Manifests {
    static final Path FOLDER = Path.of("k8s");

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, JsonSchema> schemas = new HashMap<>();

    private Manifests() {}

    /** A document, and where it comes from, for messages. */
    record Resource(String where, JsonNode node) {
        String kind() {
            return node.path("kind").asText();
        }

        String name() {
            return node.path("metadata").path("name").asText();
        }

        /** The template of its pods; missing where it has none. */
        JsonNode podTemplate() {
            return kind().equals("ScaledJob") ? node.at("/spec/jobTargetRef/template") : node.at("/spec/template");
        }

        boolean isKustomize() {
            return node.path("apiVersion").asText().startsWith("kustomize.config.k8s.io/");
        }

        @Override
        public String toString() {
            return where + ": " + kind() + " " + name();
        }
    }

    static Manifests withSchemas() {
        Manifests manifests = new Manifests();
        try (InputStream in = Manifests.class.getResourceAsStream("/k8s/schemas.json")) {
            JsonNode all = JSON.readTree(in);
            JsonSchemaFactory factory = JsonSchemaFactory.getInstance(VersionFlag.V202012);
            all.get("schemas").fieldNames().forEachRemaining(kind -> {
                var root = JSON.createObjectNode();
                root.set("$defs", all.get("$defs"));
                root.putArray("allOf").add(all.get("schemas").get(kind));
                manifests.schemas.put(kind, factory.getSchema(root));
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return manifests;
    }

    /** What is wrong with the shape of a resource, a field that nobody knows included; empty if nothing is. */
    List<String> faults(Resource resource) {
        JsonNode node = resource.node();
        String kind = node.path("apiVersion").asText() + "/" + node.path("kind").asText();
        JsonSchema schema = schemas.get(kind);
        return schema == null
                ? List.of("no schema for " + kind)
                : schema.validate(node).stream().map(Object::toString).toList();
    }

    /** The YAML files of the folder. */
    static List<Path> files() throws IOException {
        try (Stream<Path> files = Files.walk(FOLDER)) {
            return files.filter(file -> file.toString().endsWith(".yaml"))
                    .sorted()
                    .toList();
        }
    }

    /** All resources that stand in files, kustomizations not among them. */
    static List<Resource> written() throws IOException {
        List<Resource> resources = new ArrayList<>();
        for (Path file : files()) {
            documents(file).stream()
                    .filter(document -> document.node().has("kind") && !document.isKustomize())
                    .forEach(resources::add);
        }
        return resources;
    }

    /** The kustomizations, by their files. */
    static Map<Path, JsonNode> kustomizations() throws IOException {
        Map<Path, JsonNode> found = new TreeMap<>();
        for (Path file : files()) {
            if (file.getFileName().toString().equals("kustomization.yaml")) {
                found.put(file, documents(file).getFirst().node());
            }
        }
        return found;
    }

    static List<Resource> documents(Path file) throws IOException {
        return documents(file.toString(), Files.readString(file));
    }

    /** The documents of a text. A key that is there twice is a mistake. */
    static List<Resource> documents(String where, String yaml) {
        LoaderOptions strict = new LoaderOptions();
        strict.setAllowDuplicateKeys(false);
        List<Resource> documents = new ArrayList<>();
        for (Object document : new Yaml(new SafeConstructor(strict)).loadAll(yaml)) {
            if (document != null) {
                documents.add(new Resource(where, JSON.valueToTree(document)));
            }
        }
        return documents;
    }

    /** Calls for each container below a node, also for those in the patches of kustomizations. */
    static void containers(String where, JsonNode node, BiConsumer<String, JsonNode> each) {
        if (node.isObject() && node.path("image").isTextual() && node.has("name")) {
            each.accept(where + ": container " + node.get("name").asText(), node);
        }
        if (node.isObject() && node.path("patch").isTextual()) {
            documents(where, node.get("patch").asText()).forEach(patch -> containers(where, patch.node(), each));
        }
        node.forEach(child -> containers(where, child, each));
    }

    static boolean contains(JsonNode labels, JsonNode selector) {
        return selector.properties().stream().allMatch(entry -> entry.getValue().equals(labels.get(entry.getKey())));
    }
}
