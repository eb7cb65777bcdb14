package dev.prag.rest;

import dev.prag.retrieval.PassageIndex;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;
import org.eclipse.microprofile.health.Startup;

/** A process that searches or writes the index has started, and is ready, once it is open. */
@Startup
@Readiness
@Singleton
public final class IndexHealth implements HealthCheck {
    private final PassageIndex index;
    private final boolean needed;

    @Inject
    IndexHealth(PassageIndex index, @ConfigProperty(name = ProcessRole.SETTING) Optional<ProcessRole> role) {
        this.index = index;
        this.needed = role.orElse(ProcessRole.SERVE).opensIndex();
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("index")
                .withData("needed", needed)
                .status(!needed || index.isOpen())
                .build();
    }
}
