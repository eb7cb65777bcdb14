package dev.prag.openai;

import dev.prag.rest.OpenAiError;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Which models can be asked. */
@Path("/v1/models")
@Tag(name = "openai")
@Produces(MediaType.APPLICATION_JSON)
public final class ModelsResource {
    private static final String OWNER = "prag";

    private final Models models;

    @Inject
    ModelsResource(Models models) {
        this.models = models;
    }

    /**
     * A model.
     *
     * @param created when its files were last changed, in seconds since 1970
     */
    @RegisterForReflection
    @Schema(name = "OpenAiModel")
    public record Model(String id, String object, long created, String owned_by) {}

    /** All models. */
    @RegisterForReflection
    @Schema(name = "OpenAiModels")
    public record ModelList(String object, List<Model> data) {}

    @GET
    @RunOnVirtualThread
    @Operation(
            summary = "List the models",
            description = "The loaded model by its own name, which answers alone, and the same with each method of"
                    + " answering behind a colon, which answers from the documents.")
    public ModelList list() {
        return new ModelList("list", models.ids().stream().map(this::model).toList());
    }

    @GET
    @Path("{id:.+}")
    @RunOnVirtualThread
    @Operation(summary = "Show a model")
    @APIResponse(
            responseCode = "200",
            description = "The model",
            content = @Content(schema = @Schema(implementation = Model.class)))
    @APIResponse(
            responseCode = "404",
            description = "There is no such model",
            content = @Content(schema = @Schema(implementation = OpenAiError.class)))
    public Model get(@PathParam("id") String id) {
        return model(models.require(id).id());
    }

    private Model model(String id) {
        return new Model(id, "model", models.created(), OWNER);
    }
}
