package dev.prag.rest;

import dev.prag.retrieval.PassageIndex;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready means that the index was opened and compared with the database: the first question waits for neither. */
@Readiness
@Singleton
public final class IndexReadiness implements HealthCheck {
    private final PassageIndex index;

    @Inject
    IndexReadiness(PassageIndex index) {
        this.index = index;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("index").status(index.isOpen()).build();
    }
}
