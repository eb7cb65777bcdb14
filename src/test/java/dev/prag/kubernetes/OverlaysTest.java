package dev.prag.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.prag.kubernetes.Manifests.Resource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What kustomize makes of the overlays. */
class OverlaysTest {
    private static final Manifests MANIFESTS = Manifests.withSchemas();

    @TempDir
    Path scratch;

    static List<Path> overlays() throws IOException {
        try (Stream<Path> folders = Files.list(Manifests.FOLDER.resolve("overlays"))) {
            return folders.sorted().toList();
        }
    }

    @Test
    void thereIsOneForEachWayToRunIt() throws IOException {
        List<String> names =
                overlays().stream().map(path -> path.getFileName().toString()).toList();
        assertTrue(
                names.containsAll(List.of("dev", "deployment", "knative", "gpu", "s3", "infinispan", "keda")),
                names.toString());
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void everyOverlayBuilds(Path overlay) throws IOException, InterruptedException {
        check(build(overlay), overlay.toString());
    }

    /** Where the model comes from is for whoever installs to add. */
    @ParameterizedTest
    @ValueSource(strings = {"model-volume", "model-image", "model-init"})
    void everyWayToAModelGoesWithTheOverlays(String component) throws IOException, InterruptedException {
        for (String overlay : List.of("deployment", "keda-jobs")) {
            Path folder = Files.createDirectories(Path.of("target/k8s", overlay + "-" + component));
            Path up = folder.toAbsolutePath().relativize(Manifests.FOLDER.toAbsolutePath());
            Files.writeString(folder.resolve("kustomization.yaml"), """
                    apiVersion: kustomize.config.k8s.io/v1beta1
                    kind: Kustomization
                    namespace: prag
                    resources: [%1$s/overlays/%2$s]
                    components: [%1$s/components/%3$s]
                    """.formatted(up, overlay, component));
            List<Resource> built = build(folder);
            check(built, folder.toString());
            int mounted = 0;
            for (Resource resource : built) {
                JsonNode pod = resource.podTemplate().path("spec");
                for (JsonNode mount : pod.at("/containers/0/volumeMounts")) {
                    mounted += mount.path("mountPath").asText().equals("/models/model") ? 1 : 0;
                }
            }
            assertEquals(2, mounted, "the service and the trainer have it");
        }
    }

    @Test
    void whoComputesHasAGpuAndNobodyElse() throws IOException, InterruptedException {
        Path folder = Files.createDirectories(Path.of("target/k8s", "gpu-runtime"));
        Path up = folder.toAbsolutePath().relativize(Manifests.FOLDER.toAbsolutePath());
        Files.writeString(folder.resolve("kustomization.yaml"), """
                apiVersion: kustomize.config.k8s.io/v1beta1
                kind: Kustomization
                namespace: prag
                resources: [%1$s/overlays/gpu]
                components: [%1$s/components/gpu-runtime]
                """.formatted(up));
        List<Resource> built = build(folder);
        check(built, folder.toString());
        List<String> computing = new ArrayList<>();
        for (Resource resource : built) {
            JsonNode pod = resource.podTemplate().path("spec");
            boolean gpu = pod.at("/containers/0/resources/limits").has("nvidia.com/gpu");
            assertEquals(gpu, pod.path("runtimeClassName").asText().equals("nvidia"), resource.toString());
            assertEquals(gpu, pod.has("tolerations"), resource.toString());
            if (gpu) {
                computing.add(pod.at("/containers/0/args/0").asText());
            }
            if (resource.kind().equals("ConfigMap")) {
                assertEquals("cuda", resource.node().at("/data/PRAG_DEVICE").asText());
            }
        }
        computing.sort(null);
        assertEquals(List.of("encode", "serve"), computing);
    }

    private static void check(List<Resource> resources, String overlay) {
        assertTrue(resources.size() > 15, resources.toString());
        Set<String> maps = new HashSet<>();
        Set<String> pods = new HashSet<>();
        for (Resource resource : resources) {
            assertEquals(List.of(), MANIFESTS.faults(resource), overlay + ": " + resource);
            String namespace = resource.node().at("/metadata/namespace").asText();
            assertEquals(
                    !Set.of("Namespace", "PriorityClass").contains(resource.kind()),
                    namespace.equals("prag"),
                    resource + " is in " + namespace);
            if (resource.kind().equals("ConfigMap")) {
                maps.add(resource.name());
                assertTrue(resource.node().at("/data/PRAG_STORE_URL").isTextual(), "all pods share a store");
            }
        }
        for (Resource resource : resources) {
            JsonNode template = resource.podTemplate();
            if (template.isMissingNode()) {
                continue;
            }
            assertEquals(List.of(), PodRules.faults(template), overlay + ": " + resource);
            Manifests.containers(
                    resource.toString(),
                    template,
                    (where, container) -> assertEquals(List.of(), PodRules.containerFaults(container), where));
            Set<String> volumes = new HashSet<>();
            template.at("/spec/volumes")
                    .forEach(volume -> volumes.add(volume.path("name").asText()));
            JsonNode container = template.at("/spec/containers/0");
            for (JsonNode mount : container.path("volumeMounts")) {
                String name = mount.path("name").asText();
                assertTrue(volumes.contains(name) || resource.kind().equals("StatefulSet"), resource + ": " + name);
            }
            for (JsonNode source : container.path("envFrom")) {
                if (source.has("configMapRef")) {
                    assertTrue(maps.contains(source.at("/configMapRef/name").asText()), resource + ": " + source);
                    pods.add(container.path("args").path(0).asText());
                }
            }
        }
        assertEquals(Set.of("serve", "encode", "index"), pods, overlay + " has every role");
    }

    private List<Resource> build(Path overlay) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(builder());
        command.add(overlay.toString());
        Path out = scratch.resolve("out");
        Path err = scratch.resolve("err");
        Process process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        assertTrue(process.waitFor(1, TimeUnit.MINUTES), "kustomize ends");
        assertEquals(0, process.exitValue(), Files.readString(err));
        assertEquals("", Files.readString(err), "warnings");
        return Manifests.documents(overlay.toString(), Files.readString(out));
    }

    /** kubectl has it within. */
    private static List<String> builder() {
        if (onPath("kubectl")) {
            return List.of("kubectl", "kustomize");
        }
        assumeTrue(onPath("kustomize"), "neither kubectl nor kustomize is on the PATH");
        return List.of("kustomize", "build");
    }

    private static boolean onPath(String program) {
        return Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }
}
