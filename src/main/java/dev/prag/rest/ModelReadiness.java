package dev.prag.rest;

import dev.prag.runtime.ModelRuntime;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready means that the weights are resident: the first question waits for nothing. */
@Readiness
@Singleton
public final class ModelReadiness implements HealthCheck {
    private final ModelRuntime runtime;

    @Inject
    ModelReadiness(ModelRuntime runtime) {
        this.runtime = runtime;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("model").status(runtime.ready()).build();
    }
}
