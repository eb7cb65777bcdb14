package dev.prag.cli;

import dev.prag.corpus.StoreClaim;
import dev.prag.corpus.Targets;
import dev.prag.corpus.Upkeep;
import dev.prag.parameterization.Recipes;
import dev.prag.rest.Closing;
import dev.prag.rest.EncodingResource;
import dev.prag.rest.Exposure;
import dev.prag.rest.Opening;
import dev.prag.rest.ProcessRole;
import dev.prag.retrieval.PassageIndex;
import dev.prag.runtime.ModelRuntime;
import io.quarkus.arc.Unremovable;
import io.quarkus.runtime.Quarkus;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import java.util.Map;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The service over HTTP. */
@Command(
        name = "serve",
        mixinStandardHelpOptions = true,
        description = {
            "Serves documents and answers over HTTP until it is stopped.",
            "",
            "POST /documents, GET and DELETE /documents/{id}, POST /answers; GET /q/openapi describes them,"
                    + " GET /q/health tells whether it lives and is ready, GET /q/metrics how much it has to do."
        })
@Dependent
@Unremovable
public class ServeCommand implements ServiceCommand {
    @Mixin
    ServiceOptions options = new ServiceOptions();

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            description = "Address to listen on; 0.0.0.0 is every one. Default: 127.0.0.1.")
    String host;

    @Option(names = "--port", paramLabel = "N", description = "Port to listen on. Default: 8080.")
    Integer port;

    @Option(
            names = "--insecure",
            description = "Listen on other addresses than the loopback although nobody needs a login.")
    boolean insecure;

    @Option(names = "--encoder", description = "Encode pending passages in the background.")
    boolean encoder;

    @Spec
    CommandSpec spec;

    @Inject
    Exposure exposure;

    @Inject
    ModelRuntime runtime;

    @Inject
    PassageIndex index;

    @Inject
    StoreClaim claim;

    @Inject
    Targets targets;

    @Inject
    Recipes recipes;

    @Inject
    Upkeep upkeep;

    @Inject
    Opening opening;

    @Inject
    Closing closing;

    @Inject
    EncodingResource encoding;

    @ConfigProperty(name = "quarkus.http.host")
    String listeningHost;

    @ConfigProperty(name = "quarkus.http.port")
    int listeningPort;

    @Override
    public ServiceOptions options() {
        return options;
    }

    @Override
    public boolean writesIndex() {
        return true;
    }

    @Override
    public boolean servesHttp() {
        return true;
    }

    @Override
    public Map<String, String> settings() {
        Map<String, String> settings = WatchOptions.settings(ProcessRole.SERVE, host, port);
        if (insecure) {
            settings.put("prag.insecure", "true");
        }
        if (encoder) {
            settings.put("prag.encoder.enabled", "true");
        }
        return settings;
    }

    @Override
    public Integer call() {
        exposure.check();
        claim.check();
        // Whoever answers wants adapters, whether or not anybody is there yet who trains them.
        targets.register(recipes.target());
        // HTTP listens already: probes are answered, and whoever asks for more waits.
        runtime.open();
        index.open();
        upkeep.start();
        opening.done();
        spec.commandLine().getErr().printf("listening on http://%s:%d%n", listeningHost, listeningPort);
        Quarkus.waitForExit();
        encoding.end();
        closing.begin();
        return 0;
    }
}
