package dev.prag.rest;

import dev.prag.base.UserException;
import dev.prag.erasure.Erasure;
import dev.prag.erasure.Receipt;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Receipts of deletions. */
@Path("/deletions")
@Tag(name = "documents")
public final class DeletionsResource {
    private final Erasure erasure;
    private final Callers callers;

    @Inject
    DeletionsResource(Erasure erasure, Callers callers) {
        this.erasure = erasure;
        this.callers = callers;
    }

    @GET
    @Path("/{id}")
    @Produces(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    @Operation(
            summary = "The receipt of a deletion",
            description =
                    "What was deleted, by hashes alone, when and by whom, and where was looked for what is left of"
                            + " it. While something is left, each call looks again. For who deleted it, and administrators.")
    @APIResponse(
            responseCode = "200",
            description = "The receipt",
            content = @Content(schema = @Schema(implementation = Receipt.class)))
    @APIResponse(
            responseCode = "default",
            description = "A problem (RFC 9457)",
            content = @Content(mediaType = Problem.MEDIA_TYPE, schema = @Schema(implementation = Problem.class)))
    public Receipt get(@PathParam("id") String id, @Context RoutingContext http) {
        return erasure.receipt(id, callers.of(http))
                .orElseThrow(() -> new UserException(
                        UserException.Kind.NOT_FOUND, "there is no receipt \"" + id + "\" of a deletion"));
    }
}
