package dev.prag.cli;

import dev.prag.rest.ProcessRole;
import java.util.HashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** Options of commands that work until they are stopped: where they can be asked for their health and metrics. */
public final class WatchOptions {
    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            description = "Address to listen on with --port; 0.0.0.0 is every one. Default: 127.0.0.1.")
    String host;

    @Option(
            names = "--port",
            paramLabel = "N",
            description = "Port that answers GET /q/health and GET /q/metrics, and nothing else. Default: none.")
    Integer port;

    /** Whether HTTP is served. */
    boolean servesHttp() {
        return port != null;
    }

    /** The settings that were given, and the role of the process, by configuration property. */
    Map<String, String> settings(ProcessRole role) {
        return settings(role, host, port);
    }

    /** @param host null for the default, as is {@code port} */
    static Map<String, String> settings(ProcessRole role, String host, Integer port) {
        Map<String, String> settings = new HashMap<>();
        settings.put(ProcessRole.SETTING, role.name());
        if (host != null) {
            settings.put("quarkus.http.host", host);
        }
        if (port != null) {
            settings.put("quarkus.http.port", port.toString());
        }
        return settings;
    }
}
