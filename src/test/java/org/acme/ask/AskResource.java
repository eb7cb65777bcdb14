package org.acme.ask;

import io.smallrye.mutiny.Multi;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.jboss.resteasy.reactive.RestQuery;

/** Passes the answer on to a browser, piece by piece. */
@Path("/ask")
public class AskResource {
    @Inject
    Assistant assistant;

    @GET
    @Produces(MediaType.SERVER_SENT_EVENTS)
    public Multi<String> ask(@RestQuery String question) {
        return assistant.ask(question);
    }
}
