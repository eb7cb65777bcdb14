package dev.prag.rest;

import dev.prag.runtime.ModelRuntime;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;
import org.eclipse.microprofile.health.Startup;

/**
 * A process that answers has started, and is ready, once the weights are resident: the first question waits for
 * nothing. One that trains reads them when there is work.
 */
@Startup
@Readiness
@Singleton
public final class ModelHealth implements HealthCheck {
    private final ModelRuntime runtime;
    private final boolean needed;

    @Inject
    ModelHealth(ModelRuntime runtime, @ConfigProperty(name = ProcessRole.SETTING) Optional<ProcessRole> role) {
        this.runtime = runtime;
        this.needed = role.orElse(ProcessRole.SERVE).answers();
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("model")
                .withData("needed", needed)
                .status(!needed || runtime.ready())
                .build();
    }
}
