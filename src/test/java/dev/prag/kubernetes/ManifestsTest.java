package dev.prag.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.prag.kubernetes.Manifests.Resource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The files of the folder k8s as they are, without a program that builds them. */
class ManifestsTest {
    private static final Manifests MANIFESTS = Manifests.withSchemas();

    @Test
    void everyDocumentHasTheShapeOfItsKind() throws IOException {
        List<Resource> resources = Manifests.written();
        assertTrue(resources.size() > 25, resources.toString());
        for (Resource resource : resources) {
            assertEquals(List.of(), MANIFESTS.faults(resource), resource.toString());
        }
    }

    @Test
    void aFieldThatNobodyKnowsIsAFault() throws IOException {
        String service = Files.readString(Manifests.FOLDER.resolve("base/service.yaml"));
        for (String mistake : List.of("readinesProbe:", "replica:", "mountpath:")) {
            String right = mistake.equals("replica:")
                    ? "replicas:"
                    : mistake.equals("mountpath:") ? "mountPath:" : "readinessProbe:";
            Resource broken = Manifests.documents("broken", service.replaceFirst(right, mistake))
                    .getFirst();
            assertFalse(MANIFESTS.faults(broken).isEmpty(), mistake);
        }
    }

    @Test
    void everyFileIsNamedByAKustomization() throws IOException {
        Set<Path> named = new HashSet<>();
        for (Map.Entry<Path, JsonNode> kustomization :
                Manifests.kustomizations().entrySet()) {
            Path folder = kustomization.getKey().getParent();
            JsonNode node = kustomization.getValue();
            named.add(kustomization.getKey());
            List<String> paths = new ArrayList<>();
            for (String list : List.of("resources", "components", "configurations")) {
                node.path(list).forEach(path -> paths.add(path.asText()));
            }
            node.path("configMapGenerator").forEach(map -> map.path("envs").forEach(path -> paths.add(path.asText())));
            for (String path : paths) {
                Path file = folder.resolve(path).normalize();
                assertTrue(Files.exists(file), kustomization.getKey() + " names " + path);
                named.add(file);
            }
        }
        for (Path file : Manifests.files()) {
            assertTrue(named.contains(file), "nothing names " + file);
        }
    }

    @Test
    void everyPodHoldsTheRestrictedStandard() throws IOException {
        int templates = 0;
        for (Resource resource : Manifests.written()) {
            JsonNode template = resource.podTemplate();
            if (!template.isMissingNode()) {
                templates++;
                assertEquals(List.of(), PodRules.faults(template), resource.toString());
            }
        }
        assertTrue(templates >= 6, templates + " templates");
        List<String> containers = new ArrayList<>();
        for (Path file : Manifests.files()) {
            for (Resource document : Manifests.documents(file)) {
                Manifests.containers(file.toString(), document.node(), (where, container) -> {
                    containers.add(where);
                    assertEquals(List.of(), PodRules.containerFaults(container), where);
                });
            }
        }
        assertTrue(containers.size() >= 8, containers.toString());
        JsonNode namespace = Manifests.documents(Manifests.FOLDER.resolve("base/namespace.yaml"))
                .getFirst()
                .node();
        assertEquals(
                "restricted",
                namespace
                        .at("/metadata/labels")
                        .get("pod-security.kubernetes.io/enforce")
                        .asText());
    }

    @Test
    void noSecretIsWrittenDown() throws IOException {
        for (Resource resource : Manifests.written()) {
            assertFalse(resource.kind().equals("Secret"), resource.toString());
            Manifests.containers(resource.toString(), resource.node(), (where, container) -> {
                for (JsonNode variable : container.path("env")) {
                    if (isSecret(variable.path("name").asText())) {
                        assertTrue(variable.at("/valueFrom/secretKeyRef").isObject(), where + ": " + variable);
                    }
                }
            });
        }
        for (Map.Entry<Path, JsonNode> kustomization :
                Manifests.kustomizations().entrySet()) {
            assertFalse(kustomization.getValue().has("secretGenerator"), kustomization.toString());
        }
        for (Map.Entry<String, String> setting : mapped().entrySet()) {
            assertFalse(isSecret(setting.getKey()), setting.toString());
            assertFalse(setting.getValue().contains("password="), setting.toString());
        }
    }

    private static boolean isSecret(String variable) {
        return variable.matches(".*(PASSWORD|SECRET|TOKEN|ACCESS_KEY|_KEY)(_.*)?");
    }

    @Test
    void everySettingIsOneOfTheProgram() throws IOException {
        Set<String> known = SettingsTable.variables();
        assertTrue(
                known.contains("PRAG_STORE_S3_REGION") && known.contains("QUARKUS_SHUTDOWN_DELAY"), known.toString());
        Set<String> settings = new TreeSet<>(mapped().keySet());
        for (Path file : Manifests.files()) {
            Manifests.documents(file).forEach(document -> addVariables(document.node(), settings));
        }
        assertTrue(settings.size() > 8, settings.toString());
        settings.removeAll(known);
        assertEquals(Set.of(), settings, "docs/cli.md doesn't know them");
    }

    /** The program's variables of containers, also of those that patches add. */
    private static void addVariables(JsonNode node, Set<String> found) {
        String name = node.path("name").asText();
        if (name.matches("(PRAG|QUARKUS)_.*")) {
            found.add(name);
        }
        if (node.path("patch").isTextual()) {
            Manifests.documents(name, node.get("patch").asText()).forEach(patch -> addVariables(patch.node(), found));
        }
        node.forEach(child -> addVariables(child, found));
    }

    /** What the ConfigMaps are generated from. */
    private static Map<String, String> mapped() throws IOException {
        Map<String, String> settings = new HashMap<>();
        for (Map.Entry<Path, JsonNode> kustomization :
                Manifests.kustomizations().entrySet()) {
            for (JsonNode map : kustomization.getValue().path("configMapGenerator")) {
                for (JsonNode literal : map.path("literals")) {
                    String[] setting = literal.asText().split("=", 2);
                    settings.put(setting[0], setting[1]);
                }
                for (JsonNode file : map.path("envs")) {
                    Properties lines = new Properties();
                    try (var reader =
                            Files.newBufferedReader(kustomization.getKey().resolveSibling(file.asText()))) {
                        lines.load(reader);
                    }
                    lines.forEach((name, value) -> settings.put((String) name, (String) value));
                }
            }
        }
        return settings;
    }

    @Test
    void selectorsFindTheirPods() throws IOException {
        List<Resource> resources = Manifests.written();
        List<JsonNode> labels = resources.stream()
                .map(resource -> resource.podTemplate().at("/metadata/labels"))
                .filter(JsonNode::isObject)
                .toList();
        for (Resource resource : resources) {
            JsonNode own = resource.node().at("/spec/selector/matchLabels");
            if (!resource.podTemplate().isMissingNode() && own.isObject()) {
                assertTrue(Manifests.contains(resource.podTemplate().at("/metadata/labels"), own), resource.toString());
            }
            JsonNode selector =
                    switch (resource.kind()) {
                        case "Service" -> resource.node().at("/spec/selector");
                        case "PodDisruptionBudget" -> own;
                        case "NetworkPolicy" -> resource.node().at("/spec/podSelector/matchLabels");
                        default -> null;
                    };
            // Pods of Infinispan are its operator's.
            if (selector != null && selector.isObject() && !selector.has("clusterName")) {
                assertTrue(
                        labels.stream().anyMatch(pod -> Manifests.contains(pod, selector)),
                        resource + " selects nothing: " + selector);
            }
        }
    }

    @Test
    void whatIsNamedIsThere() throws IOException {
        List<Resource> resources = Manifests.written();
        for (Resource resource : resources) {
            JsonNode pod = resource.podTemplate().path("spec");
            if (pod.has("serviceAccountName")) {
                Resource account = find(resources, "ServiceAccount", pod.get("serviceAccountName"));
                assertEquals(
                        "false",
                        account.node().path("automountServiceAccountToken").asText(),
                        account.toString());
            }
            if (pod.has("priorityClassName")) {
                find(resources, "PriorityClass", pod.get("priorityClassName"));
            }
            JsonNode target = resource.node().at("/spec/scaleTargetRef");
            if (target.isObject()) {
                find(resources, "Deployment", target.get("name"));
            }
            for (JsonNode trigger : resource.node().at("/spec/triggers")) {
                find(resources, "TriggerAuthentication", trigger.at("/authenticationRef/name"));
            }
            Set<String> ports = new HashSet<>();
            for (JsonNode port : pod.at("/containers/0/ports")) {
                ports.add(port.path("name").asText());
                ports.add(port.path("containerPort").asText());
            }
            for (String probe : List.of("startupProbe", "readinessProbe", "livenessProbe")) {
                JsonNode get = pod.at("/containers/0/" + probe + "/httpGet");
                assertTrue(
                        get.isMissingNode() || ports.contains(get.path("port").asText()), resource + ": " + probe);
            }
        }
    }

    private static Resource find(List<Resource> resources, String kind, JsonNode name) {
        return resources.stream()
                .filter(resource ->
                        resource.kind().equals(kind) && resource.name().equals(name.asText()))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + kind + " " + name));
    }

    /** A pod may take the time that the program takes to end; a revision that still reads its weights isn't given up. */
    @Test
    void timesFitEachOther() throws IOException {
        Map<String, String> settings = mapped();
        int ending =
                seconds(settings.get("QUARKUS_SHUTDOWN_DELAY")) + seconds(settings.get("QUARKUS_SHUTDOWN_TIMEOUT"));
        List<Resource> resources = Manifests.written();
        JsonNode deployed = find(resources, "Deployment", text("prag-service"))
                .podTemplate()
                .path("spec");
        assertTrue(deployed.get("terminationGracePeriodSeconds").asInt() > ending, deployed.toString());

        Resource served = resources.stream()
                .filter(resource -> resource.node().path("apiVersion").asText().startsWith("serving.knative.dev/"))
                .findFirst()
                .orElseThrow();
        JsonNode template = served.podTemplate();
        JsonNode startup = template.at("/spec/containers/0/startupProbe");
        int allowed = startup.get("periodSeconds").asInt()
                * startup.get("failureThreshold").asInt();
        JsonNode annotations = template.at("/metadata/annotations");
        assertTrue(
                seconds(annotations.get("serving.knative.dev/progress-deadline").asText()) > allowed);
        assertTrue(template.at("/spec/timeoutSeconds").asInt() > ending, "Knative's grace period");
        assertEquals("0", annotations.get("autoscaling.knative.dev/min-scale").asText());
        assertEquals(
                settings.get("PRAG_SEQUENCES"),
                template.at("/spec/containerConcurrency").asText(),
                "places");
    }

    private static JsonNode text(String value) {
        return TextNode.valueOf(value);
    }

    private static int seconds(String duration) {
        return Integer.parseInt(duration.substring(0, duration.length() - 1)) * (duration.endsWith("m") ? 60 : 1);
    }

    /** The image starts the Java machine as the launcher does. */
    @Test
    void theImageHasTheLaunchersOptions() throws IOException {
        String launcher = Files.readString(Path.of("prag"));
        int from = launcher.indexOf("java_options=\"") + "java_options=\"".length();
        String options = String.join(
                " ", launcher.substring(from, launcher.indexOf('"', from)).split("\\s+"));
        List<String> image = Files.readAllLines(Manifests.FOLDER.resolve("images/java-options")).stream()
                .filter(line -> !line.startsWith("#"))
                .filter(line -> !line.startsWith("-Xbootclasspath") && !line.startsWith("-Dprag.demo"))
                .toList();
        assertEquals(options, String.join(" ", image));
    }
}
