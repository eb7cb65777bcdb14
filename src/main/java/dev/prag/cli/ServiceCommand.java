package dev.prag.cli;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;

/** A command that runs inside the service: with the database and the beans, and with HTTP only if it serves. */
public interface ServiceCommand extends Callable<Integer> {
    /** The options that every such command has. */
    ServiceOptions options();

    /**
     * Refuses what can be seen to be wrong before anything is started.
     *
     * @throws dev.prag.base.UserException naming it
     */
    default void check() {}

    /** Whether it writes the retrieval index, which has one writer even where the database is shared. */
    default boolean writesIndex() {
        return false;
    }

    /** Whether it works while another process has the home, too, as a {@link SharingCommand}. */
    default boolean sharesHome() {
        return false;
    }

    /** Whether HTTP is served while the command runs. */
    default boolean servesHttp() {
        return false;
    }

    /** The home where none is named; null is the usual one. */
    default Path standardHome() {
        return null;
    }

    /** Settings beyond {@link #options()}, by configuration property. */
    default Map<String, String> settings() {
        return Map.of();
    }
}
