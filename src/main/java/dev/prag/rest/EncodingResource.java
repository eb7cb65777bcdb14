package dev.prag.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.prag.base.BusyException;
import dev.prag.parameterization.EncodingOverview;
import dev.prag.parameterization.EncodingStatus;
import io.quarkus.runtime.ShutdownEvent;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.subscription.MultiEmitter;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.ws.rs.ForbiddenException;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.logging.Logger;

/** How far encoding is, now and as it goes on. */
@Path("/encoding")
@Singleton
@Tag(name = "encoding")
public class EncodingResource {
    private static final Logger LOG = Logger.getLogger(EncodingResource.class);
    /** Streams that are open at the same time. */
    private static final int WATCHERS = 256;

    private static final Duration BETWEEN = Duration.ofSeconds(1);
    /** So that proxies keep the stream open, and who has gone is noticed. */
    private static final int SILENT = 15;

    private final EncodingOverview overview;
    private final ObjectMapper json;
    private final Callers callers;
    private final Semaphore watchers = new Semaphore(WATCHERS);
    private volatile boolean ending;

    @Inject
    EncodingResource(EncodingOverview overview, ObjectMapper json, Callers callers) {
        this.overview = overview;
        this.json = json;
        this.callers = callers;
    }

    /** Lets the streams end, which would else end only when their clients go. */
    public void end() {
        ending = true;
    }

    void onShutdown(@Observes ShutdownEvent event) {
        end();
    }

    @GET
    @Produces(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    @Operation(
            summary = "How far encoding is",
            description = "Passages by state under the server's model and recipe, whichever processes encode them; at"
                    + " most a second old. With Accept: text/event-stream an event progress with the same now and"
                    + " whenever it changes, at most one a second. For callers who may read every document.")
    @APIResponse(
            responseCode = "200",
            description = "How far it is; as events where the client accepts them",
            content = {
                @Content(
                        mediaType = MediaType.APPLICATION_JSON,
                        schema = @Schema(implementation = EncodingStatus.class)),
                @Content(mediaType = MediaType.SERVER_SENT_EVENTS, schema = @Schema(implementation = String.class))
            })
    @APIResponse(
            responseCode = "default",
            description = "A problem (RFC 9457)",
            content = @Content(mediaType = Problem.MEDIA_TYPE, schema = @Schema(implementation = Problem.class)))
    public EncodingStatus get(@Context RoutingContext http) {
        requireRights(http);
        return overview.status();
    }

    @GET
    @Produces(MediaType.SERVER_SENT_EVENTS)
    @Blocking
    @Operation(hidden = true)
    public Multi<OutboundSseEvent> watch(@Context Sse sse, @Context RoutingContext http) {
        requireRights(http);
        if (!watchers.tryAcquire()) {
            throw new BusyException("busy: " + WATCHERS + " clients watch the encoding already", Duration.ofMinutes(1));
        }
        String id = RequestIds.of(http);
        RequestGate.ended(http).thenRun(watchers::release);
        return Multi.createFrom().emitter(emitter -> RequestIds.startThread(id, () -> watch(sse, emitter)));
    }

    /** The numbers are of documents that not everybody may know of. */
    private void requireRights(RoutingContext http) {
        if (!callers.of(http).readsAll()) {
            throw new ForbiddenException("the progress of encoding is that of all documents, which only an admin may"
                    + " read; GET /documents tells the states of those that are open to you");
        }
    }

    private void watch(Sse sse, MultiEmitter<? super OutboundSseEvent> emitter) {
        try {
            EncodingStatus told = null;
            for (int silent = 0; !emitter.isCancelled() && !ending; silent++) {
                EncodingStatus status = overview.status();
                if (!status.equals(told)) {
                    emitter.emit(sse.newEventBuilder()
                            .name("progress")
                            .data(json.writeValueAsString(status))
                            .build());
                    told = status;
                    silent = 0;
                } else if (silent >= SILENT) {
                    emitter.emit(sse.newEventBuilder().comment("").build());
                    silent = 0;
                }
                Thread.sleep(BETWEEN);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (JsonProcessingException | RuntimeException e) {
            // A client asks again by itself.
            LOG.debugf("a stream of the encoding's progress has ended: %s", e.getMessage());
        }
        emitter.complete();
    }
}
