package dev.prag.rest;

import dev.prag.parameterization.EncodingWorker;
import dev.prag.runtime.ModelRuntime;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/**
 * Alive means that the threads that work for everybody still run: one that an error of the machine has ended, such as
 * no memory left, is not started again, so that the process has to be.
 */
@Liveness
@Singleton
public final class EngineLiveness implements HealthCheck {
    private final ModelRuntime runtime;
    private final EncodingWorker encoder;

    @Inject
    EngineLiveness(ModelRuntime runtime, EncodingWorker encoder) {
        this.runtime = runtime;
        this.encoder = encoder;
    }

    @Override
    public HealthCheckResponse call() {
        boolean engine = !runtime.stopped();
        boolean worker = encoder.failure().isEmpty();
        return HealthCheckResponse.named("threads")
                .withData("engine", engine)
                .withData("encoder", worker)
                .status(engine && worker)
                .build();
    }
}
