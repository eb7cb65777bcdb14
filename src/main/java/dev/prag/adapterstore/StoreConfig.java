package dev.prag.adapterstore;

import io.smallrye.config.ConfigMapping;
import java.util.Optional;

/** Where adapters last. */
@ConfigMapping(prefix = "prag.store")
public interface StoreConfig {
    /** {@code file:DIR} or {@code s3://BUCKET/PREFIX}; the folder {@code adapters} of the home where it isn't given. */
    Optional<String> url();
}
