package dev.prag.parameterization;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.corpus.LeasedPassage;
import dev.prag.corpus.Registration;
import dev.prag.corpus.TextSelection;
import dev.prag.database.DatabaseResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(DatabaseResource.class)
class LeasesTest extends EncoderSetup {
    @Test
    void areRenewedWhileEveryCarrierOfVirtualThreadsComputes() throws IOException {
        ingestDemo(1);
        String recipe = own.current().hash();
        Registration.of(targets, runtime.modelId(), recipe);
        AtomicBoolean over = new AtomicBoolean();
        try (Leases leases = new Leases(queue, Duration.ofSeconds(2))) {
            LeasedPassage passage =
                    leases.take(runtime.modelId(), recipe, TextSelection.ALL, 1).getFirst();
            // A virtual thread that computes never leaves its carrier.
            for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
                Thread.ofVirtual().start(() -> {
                    while (!over.get()) {
                        Thread.onSpinWait();
                    }
                });
            }
            Instant first = leaseEnds().getFirst();
            until(() -> leaseEnds().getFirst().isAfter(first.plusSeconds(2)));
            assertTrue(leases.holds(passage));
        } finally {
            over.set(true);
        }
        assertEquals(1, counts().pending());
        assertEquals(0, counts().leased(), "they are given back");
    }
}
