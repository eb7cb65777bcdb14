package dev.prag.rest;

import dev.prag.base.VitalThread;
import io.quarkus.arc.All;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Readiness;

/**
 * Alive means that the threads that work for everybody still run: one that an error of the machine has ended, such as
 * no memory left, is not started again, so that the process has to be. Ready means that, too: there are proxies, such
 * as Knative's, that ask for nothing else.
 */
@Liveness
@Readiness
@Singleton
public final class ThreadsHealth implements HealthCheck {
    private final List<VitalThread> threads;

    @Inject
    ThreadsHealth(@All List<VitalThread> threads) {
        this.threads = threads;
    }

    @Override
    public HealthCheckResponse call() {
        HealthCheckResponseBuilder response = HealthCheckResponse.named("threads");
        boolean alive = true;
        for (VitalThread thread : threads) {
            boolean works = thread.failure().isEmpty();
            response.withData(thread.name(), works);
            alive &= works;
        }
        return response.status(alive).build();
    }
}
