package dev.prag.retrieval;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Settings as a test has them; null is not set. */
record OpenSearchSettings(String address, String user, String secret, Path certificates, String index, Duration timeout)
        implements OpenSearchConfig {
    @Override
    public Optional<String> url() {
        return Optional.ofNullable(address);
    }

    @Override
    public Optional<String> username() {
        return Optional.ofNullable(user);
    }

    @Override
    public Optional<String> password() {
        return Optional.ofNullable(secret);
    }

    @Override
    public Optional<Path> ca() {
        return Optional.ofNullable(certificates);
    }

    @Override
    public int shards() {
        return 1;
    }

    @Override
    public boolean sharedStatistics() {
        return true;
    }
}
