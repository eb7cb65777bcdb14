package dev.prag.rest;

import dev.prag.adapterstore.AdapterStore;
import dev.prag.base.UserException;
import dev.prag.corpus.PassageDetails;
import dev.prag.lora.Adapter;
import dev.prag.lora.AdapterCodec;
import dev.prag.lora.PeftFolder;
import dev.prag.parameterization.PassageInspection;
import dev.prag.runtime.ModelRuntime;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Passages: what one is trained on, and its adapter for other programs. */
@Path("/passages/{id}")
@Tag(name = "passages")
public final class PassagesResource {
    private static final String ZIP = "application/zip";

    private final PassageInspection inspection;
    private final AdapterStore store;
    private final ModelRuntime runtime;
    private final Callers callers;

    @Inject
    PassagesResource(PassageInspection inspection, AdapterStore store, ModelRuntime runtime, Callers callers) {
        this.inspection = inspection;
        this.store = store;
        this.runtime = runtime;
        this.callers = callers;
    }

    @GET
    @Produces(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    @Operation(
            summary = "A passage, its state, and what it is trained on",
            description = "The augmentation (rewrites, questions and answers) and the adapter are those under the"
                    + " server's model and recipe; page is the one that the passage begins on, where its document has"
                    + " pages.")
    @APIResponse(
            responseCode = "200",
            description = "The passage",
            content = @Content(schema = @Schema(implementation = PassageReply.class)))
    @APIResponse(
            responseCode = "default",
            description = "A problem (RFC 9457)",
            content = @Content(mediaType = Problem.MEDIA_TYPE, schema = @Schema(implementation = Problem.class)))
    public PassageReply get(@PathParam("id") String id, @Context RoutingContext http) {
        return inspection
                .find(id, callers.of(http))
                .map(found -> PassageReply.of(found, inspection.rank()))
                .orElseThrow(() -> missing(id));
    }

    @GET
    @Path("/adapter")
    @Produces(ZIP)
    @RunOnVirtualThread
    @Operation(
            summary = "The adapter of a passage",
            description = "A zip of a folder as PEFT writes it: adapter_config.json and adapter_model.safetensors.")
    @APIResponse(
            responseCode = "200",
            description = "The adapter",
            content = @Content(mediaType = ZIP, schema = @Schema(type = SchemaType.STRING, format = "binary")))
    @APIResponse(
            responseCode = "default",
            description = "A problem (RFC 9457)",
            content = @Content(mediaType = Problem.MEDIA_TYPE, schema = @Schema(implementation = Problem.class)))
    public Response adapter(@PathParam("id") String id, @Context RoutingContext http) {
        PassageDetails passage = inspection.details(id, callers.of(http)).orElseThrow(() -> missing(id));
        if (passage.adapter() == null) {
            throw new UserException(
                    UserException.Kind.NOT_FOUND,
                    "passage " + id + " has no adapter: it is " + passage.state()
                            + (passage.note() == null ? "" : " (" + passage.note() + ")")
                            + "; ask again when it is READY");
        }
        String name = "adapter-" + passage.adapter().id();
        byte[] bytes = store.get(passage.adapter().id(), passage.adapter().checksum())
                .orElseThrow(() -> new UserException(
                        UserException.Kind.NOT_FOUND,
                        "the adapter of passage " + id + " is gone from the store or damaged; an encoder trains it"
                                + " again once `prag adapter check --repair` has noticed it"));
        Adapter adapter = AdapterCodec.decode(bytes, name).adapter();
        String model = runtime.folder().path().getFileName().toString();
        StreamingOutput zip = out -> PeftFolder.writeZip(adapter, name, model, out);
        return Response.ok(zip, ZIP)
                .header(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"" + name + ".zip\"")
                .build();
    }

    private static UserException missing(String id) {
        return new UserException(UserException.Kind.NOT_FOUND, "passage \"" + id + "\" is not in the corpus");
    }
}
