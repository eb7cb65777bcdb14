package dev.prag.rest;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.prag.access.Principal;
import dev.prag.base.UserException;
import dev.prag.base.Utf8;
import dev.prag.corpus.Corpus;
import dev.prag.corpus.DocumentListing;
import dev.prag.corpus.DocumentPage;
import dev.prag.corpus.DocumentView;
import dev.prag.corpus.Ingested;
import dev.prag.documents.DocumentInput;
import dev.prag.documents.DocumentReader;
import dev.prag.erasure.Erasure;
import dev.prag.erasure.Receipt;
import dev.prag.parameterization.Recipes;
import dev.prag.runtime.ModelRuntime;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterIn;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Documents: what comes in, how far encoding it has come, and what goes again. */
@Path("/documents")
@Tag(name = "documents")
public final class DocumentsResource {
    private final Corpus corpus;
    private final ModelRuntime runtime;
    private final Recipes recipes;
    private final BodyBudget budget;
    private final DocumentListing listing;
    private final Callers callers;
    private final AuditTrail audit;
    private final Erasure erasure;
    private final EncodingWait waiting;
    private final Uploads uploads;

    @Inject
    DocumentsResource(
            Corpus corpus,
            ModelRuntime runtime,
            Recipes recipes,
            BodyBudget budget,
            DocumentListing listing,
            Callers callers,
            AuditTrail audit,
            Erasure erasure,
            EncodingWait waiting,
            Uploads uploads) {
        this.erasure = erasure;
        this.audit = audit;
        this.uploads = uploads;
        this.waiting = waiting;
        this.listing = listing;
        this.callers = callers;
        this.corpus = corpus;
        this.runtime = runtime;
        this.recipes = recipes;
        this.budget = budget;
    }

    /** A form with files as the schema of a request shows it. */
    public record UploadForm(
            @Schema(type = SchemaType.STRING, format = "binary")
            String file,

            String title,
            Map<String, Object> metadata,
            List<String> readers,
            String ids) {}

    /** A document as the schema of a request shows it. */
    @RegisterForReflection
    public record Document(
            String id,
            String title,
            String text,
            Map<String, Object> metadata,
            List<QuestionAndAnswer> pairs,
            List<String> readers) {
        /** A question with its answer that people gave with a document. */
        @RegisterForReflection
        public record QuestionAndAnswer(
                String question,
                String answer,
                @JsonProperty("full_answer") String fullAnswer) {}
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    @Operation(
            summary = "Add or replace documents",
            description = "One document as an object, or many as a list; all are kept or none. Also takes text/plain"
                    + " (the title as a query parameter) and application/x-ndjson. A document is identified by its id,"
                    + " else by its hash; the same one again changes nothing. Its passages are encoded by the next"
                    + " prag encode, or in the background if the server was started with --encoder. With wait=ready the"
                    + " answer comes when they are (200), or after timeout seconds (202); both with their states.")
    @RequestBody(content = @Content(schema = @Schema(implementation = Document.class)))
    @APIResponse(
            responseCode = "default",
            description = "A problem (RFC 9457)",
            content = @Content(mediaType = Problem.MEDIA_TYPE, schema = @Schema(implementation = Problem.class)))
    @APIResponse(
            responseCode = "202",
            description = "Kept",
            content = @Content(schema = @Schema(implementation = Accepted.class)))
    public Response add(
            @QueryParam("wait") String wait,
            @QueryParam("timeout") String timeout,
            InputStream stream,
            @Context RoutingContext http) {
        EncodingWait.check(wait, timeout);
        Accepted accepted;
        try (Body body = Body.open(stream, http, budget)) {
            List<DocumentInput> documents = new ArrayList<>();
            RequestBodies.documents(body, (node, where) -> documents.add(DocumentReader.fromJson(node, where)));
            accepted = ingest(documents, http);
        }
        return waiting.answer(accepted, wait, timeout, http);
    }

    @POST
    @Consumes(MediaType.TEXT_PLAIN)
    @Produces(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    @Operation(summary = "Add a document as plain text", description = "The body is the text, in UTF-8.")
    @RequestBody(content = @Content(schema = @Schema(implementation = String.class)))
    @APIResponse(
            responseCode = "default",
            description = "A problem (RFC 9457)",
            content = @Content(mediaType = Problem.MEDIA_TYPE, schema = @Schema(implementation = Problem.class)))
    @APIResponse(
            responseCode = "202",
            description = "Kept",
            content = @Content(schema = @Schema(implementation = Accepted.class)))
    public Response addText(
            @QueryParam("title") String title,
            @QueryParam("id") String id,
            @QueryParam("readers") List<String> readers,
            @QueryParam("wait") String wait,
            @QueryParam("timeout") String timeout,
            InputStream stream,
            @Context RoutingContext http) {
        EncodingWait.check(wait, timeout);
        Accepted accepted;
        try (Body body = Body.open(stream, http, budget)) {
            String text = Utf8.decode(RequestBodies.bytes(body), "the request's body");
            accepted = ingest(List.of(new DocumentInput(id, title, text, Map.of(), null).readBy(readers)), http);
        }
        return waiting.answer(accepted, wait, timeout, http);
    }

    @POST
    @Consumes("application/x-ndjson")
    @Produces(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    @Operation(summary = "Add documents as JSON lines", description = "One JSON object a line; all are kept or none.")
    @RequestBody(content = @Content(schema = @Schema(implementation = String.class)))
    @APIResponse(
            responseCode = "default",
            description = "A problem (RFC 9457)",
            content = @Content(mediaType = Problem.MEDIA_TYPE, schema = @Schema(implementation = Problem.class)))
    @APIResponse(
            responseCode = "202",
            description = "Kept",
            content = @Content(schema = @Schema(implementation = Accepted.class)))
    public Response addLines(
            @QueryParam("wait") String wait,
            @QueryParam("timeout") String timeout,
            InputStream stream,
            @Context RoutingContext http) {
        EncodingWait.check(wait, timeout);
        Accepted accepted;
        try (Body body = Body.open(stream, http, budget)) {
            accepted = ingest(DocumentReader.readLines(RequestBodies.bytes(body), "the request's body"), http);
        }
        return waiting.answer(accepted, wait, timeout, http);
    }

    @POST
    @Consumes(MediaType.MULTIPART_FORM_DATA)
    @Produces(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    @Operation(
            summary = "Add documents as files",
            description = "Any number of parts with a file name, of the kinds that prag ingest reads. Each is kept or"
                    + " refused on its own. Its name is its document's id, so that the same name again replaces it; with"
                    + " the field ids = hash the id is the hash of title and text. Other fields: title (of one file),"
                    + " metadata (a JSON object),"
                    + " readers (once for each).")
    @RequestBody(
            content =
                    @Content(
                            mediaType = MediaType.MULTIPART_FORM_DATA,
                            schema = @Schema(implementation = UploadForm.class)))
    @APIResponse(
            responseCode = "default",
            description = "A problem (RFC 9457)",
            content = @Content(mediaType = Problem.MEDIA_TYPE, schema = @Schema(implementation = Problem.class)))
    @APIResponse(
            responseCode = "202",
            description = "Kept, but for what is refused",
            content = @Content(schema = @Schema(implementation = Accepted.class)))
    public Response addFiles(
            @QueryParam("wait") String wait,
            @QueryParam("timeout") String timeout,
            InputStream stream,
            @Context RoutingContext http) {
        EncodingWait.check(wait, timeout);
        Accepted accepted;
        try (Body body = Body.open(stream, http, budget);
                MultipartBody parts = MultipartBody.read(body, http.request().getHeader(HttpHeaders.CONTENT_TYPE))) {
            accepted = uploads.take(parts, callers.of(http));
        }
        return waiting.answer(accepted, wait, timeout, http);
    }

    @GET
    @Path("/{id: .+}")
    @Produces(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    @Operation(
            summary = "A document and the state of each of its passages",
            description = "The states are those under the server's model and recipe: PENDING, LEASED (an encoder has"
                    + " it), READY, WITHHELD (its adapter is below the recipe's bounds) or FAILED.")
    @APIResponse(
            responseCode = "default",
            description = "A problem (RFC 9457)",
            content = @Content(mediaType = Problem.MEDIA_TYPE, schema = @Schema(implementation = Problem.class)))
    @APIResponse(
            responseCode = "200",
            description = "The document",
            content = @Content(schema = @Schema(implementation = DocumentView.class)))
    @Parameter(name = "id", in = ParameterIn.PATH, required = true, schema = @Schema(type = SchemaType.STRING))
    public DocumentView get(@Context RoutingContext http) {
        return view(DocumentPath.id(http.request().uri()), http);
    }

    @GET
    @Produces(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    @Operation(
            summary = "A list of documents, or one by an id of any characters",
            description = "With id as GET /documents/{id}. Without it a page of the documents, the newest first: next"
                    + " is sent as after for the page behind it. A filtered page may be short, or empty, although there"
                    + " is a next one.")
    @APIResponse(
            responseCode = "default",
            description = "A problem (RFC 9457)",
            content = @Content(mediaType = Problem.MEDIA_TYPE, schema = @Schema(implementation = Problem.class)))
    @APIResponse(
            responseCode = "200",
            description = "The page, or the document",
            content = @Content(schema = @Schema(oneOf = {DocumentPage.class, DocumentView.class})))
    public Object find(
            @QueryParam("id") String id,
            @Parameter(description = "Documents of a page, up to 200") @QueryParam("limit") @DefaultValue("50")
                    String limit,
            @Parameter(description = "What the page before calls next") @QueryParam("after") String after,
            @Parameter(description = "A state that a passage of theirs is in") @QueryParam("state") String state,
            @Parameter(description = "Words of their title, or beginnings of words") @QueryParam("title") String title,
            @Parameter(description = "Values of their metadata, as a JSON object") @QueryParam("filter") String filter,
            @Context RoutingContext http) {
        return !http.queryParams().contains("id")
                ? listing.list(
                        DocumentQueries.of(limit, after, state, title, filter),
                        callers.of(http),
                        runtime.modelId(),
                        recipes.current().hash())
                : view(named(id), http);
    }

    private DocumentView view(String id, RoutingContext http) {
        return corpus.get(
                        id,
                        callers.of(http),
                        runtime.modelId(),
                        recipes.current().hash())
                .orElseThrow(() -> missing(id));
    }

    @DELETE
    @Path("/{id: .+}")
    @RunOnVirtualThread
    @Operation(
            summary = "Delete a document",
            description =
                    "Its passages, their index entries, and the adapters that no other passage uses go, too, also from"
                            + " caches and from the device. Location names the receipt.")
    @APIResponse(responseCode = "204", description = "Deleted")
    @APIResponse(
            responseCode = "default",
            description = "A problem (RFC 9457)",
            content = @Content(mediaType = Problem.MEDIA_TYPE, schema = @Schema(implementation = Problem.class)))
    @Parameter(name = "id", in = ParameterIn.PATH, required = true, schema = @Schema(type = SchemaType.STRING))
    public Response delete(@Context RoutingContext http) {
        return remove(DocumentPath.id(http.request().uri()), http);
    }

    @DELETE
    @RunOnVirtualThread
    @Operation(summary = "Delete a document by an id of any characters", description = "As DELETE /documents/{id}.")
    @APIResponse(responseCode = "204", description = "Deleted")
    @APIResponse(
            responseCode = "default",
            description = "A problem (RFC 9457)",
            content = @Content(mediaType = Problem.MEDIA_TYPE, schema = @Schema(implementation = Problem.class)))
    public Response deleteNamed(@QueryParam("id") String id, @Context RoutingContext http) {
        return remove(named(id), http);
    }

    private static String named(String id) {
        if (id == null || id.isEmpty()) {
            throw new UserException("no document is named; ask for /documents/{id} or /documents?id={id}");
        }
        return id;
    }

    private Response remove(String id, RoutingContext http) {
        Principal caller = callers.of(http);
        Receipt receipt = erasure.delete(id, caller).orElseThrow(() -> missing(id));
        audit.deleted(caller, id);
        return Response.noContent()
                .header("Location", "/deletions/" + receipt.id())
                .build();
    }

    private Accepted ingest(List<DocumentInput> documents, RoutingContext http) {
        Principal caller = callers.of(http);
        List<Ingested> ingested = corpus.ingest(documents, caller);
        audit.ingested(caller, ingested);
        return Accepted.of(ingested, null);
    }

    private static UserException missing(String id) {
        return new UserException(UserException.Kind.NOT_FOUND, "document \"" + id + "\" is not in the corpus");
    }
}
