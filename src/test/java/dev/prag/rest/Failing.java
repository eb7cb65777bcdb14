package dev.prag.rest;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import org.jboss.logging.Logger;

/** A resource of the tests' own that says something and fails. */
@Path("/test-failing")
public class Failing {
    private static final Logger LOG = Logger.getLogger(Failing.class);

    @GET
    public String fail() {
        LOG.info("about to fail");
        throw new IllegalStateException("as asked for");
    }
}
