package dev.prag.adapterstore;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Settings of the adapter store. */
@ConfigMapping(prefix = "prag.adapters")
public interface AdapterStoreConfig {
    /** How much memory may hold adapters that were read before, in MiB. */
    @WithDefault("256")
    int cacheMib();
}
