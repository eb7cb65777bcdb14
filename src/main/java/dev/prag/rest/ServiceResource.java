package dev.prag.rest;

import dev.prag.answering.AnswerService;
import dev.prag.parameterization.Recipes;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** What answers here, for those who offer choices. */
@Path("/service")
@Tag(name = "service")
public final class ServiceResource {
    private final AnswerService answers;
    private final Recipes recipes;
    private final String version;

    @Inject
    ServiceResource(
            AnswerService answers,
            Recipes recipes,
            @ConfigProperty(name = "quarkus.application.version") String version) {
        this.answers = answers;
        this.recipes = recipes;
        this.version = version;
    }

    /**
     * The service.
     *
     * @param name of the program
     * @param model name of the model's folder or file
     * @param recipe name of the recipe in force
     * @param methods names of the ways of answering
     * @param defaultMethod the one that answers where a question names none
     * @param defaultTopK passages that it retrieves where a question doesn't say
     */
    @RegisterForReflection
    public record Service(
            String name,
            String version,
            String model,
            String recipe,
            List<String> methods,
            String defaultMethod,
            int defaultTopK) {}

    @GET
    @Produces(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    @Operation(
            summary = "What answers here",
            description =
                    "The names of the model and the recipe, the ways of answering, and what holds where a question"
                            + " doesn't say.")
    @APIResponse(
            responseCode = "200",
            description = "The service",
            content = @Content(schema = @Schema(implementation = Service.class)))
    @APIResponse(
            responseCode = "default",
            description = "A problem (RFC 9457)",
            content = @Content(mediaType = Problem.MEDIA_TYPE, schema = @Schema(implementation = Problem.class)))
    public Service get() {
        String method = answers.requireMethod(null).name();
        return new Service(
                "Parametric RAG",
                version,
                recipes.target().modelName(),
                recipes.current().name(),
                answers.methods(),
                method,
                answers.defaultTopK(method));
    }
}
