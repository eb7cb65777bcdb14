package dev.prag.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What every pod has to hold: the restricted standard of pod security, and some more. */
final class PodRules {
    private static final Set<String> VOLUMES =
            Set.of("configMap", "emptyDir", "persistentVolumeClaim", "projected", "secret", "image");

    private PodRules() {}

    /** What is wrong with a pod's template. */
    static List<String> faults(JsonNode template) {
        List<String> faults = new ArrayList<>();
        JsonNode spec = template.path("spec");
        require(faults, spec, "/automountServiceAccountToken", "false");
        require(faults, spec, "/enableServiceLinks", "false");
        if (spec.path("serviceAccountName").asText("default").equals("default")) {
            faults.add("it has no service account of its own");
        }
        for (String shared : List.of("hostNetwork", "hostPID", "hostIPC")) {
            if (spec.has(shared)) {
                faults.add(shared + " is set");
            }
        }
        for (JsonNode volume : spec.path("volumes")) {
            volume.fieldNames().forEachRemaining(field -> {
                if (!field.equals("name") && !VOLUMES.contains(field)) {
                    faults.add("a volume is of the kind " + field);
                }
            });
            if (volume.has("emptyDir") && !volume.get("emptyDir").has("sizeLimit")) {
                faults.add("the volume " + volume.path("name") + " is unbounded");
            }
        }
        return faults;
    }

    /** What is wrong with a container. */
    static List<String> containerFaults(JsonNode container) {
        List<String> faults = new ArrayList<>();
        require(faults, container, "/securityContext/runAsNonRoot", "true");
        require(faults, container, "/securityContext/allowPrivilegeEscalation", "false");
        require(faults, container, "/securityContext/readOnlyRootFilesystem", "true");
        require(faults, container, "/securityContext/seccompProfile/type", "RuntimeDefault");
        if (!container.at("/securityContext/capabilities").toString().equals("{\"drop\":[\"ALL\"]}")) {
            faults.add("capabilities other than none");
        }
        for (String needed : List.of("/requests/cpu", "/requests/memory", "/limits/memory")) {
            if (container.at("/resources" + needed).isMissingNode()) {
                faults.add("it has no resources" + needed);
            }
        }
        if (container.path("image").asText().endsWith(":latest")
                || !container.path("image").asText().contains(":")) {
            faults.add("its image has no version");
        }
        return faults;
    }

    private static void require(List<String> faults, JsonNode node, String at, String value) {
        if (!node.at(at).asText().equals(value)) {
            faults.add(at + " is " + node.at(at) + " and has to be " + value);
        }
    }
}
