package dev.prag.adapterstore;

import dev.prag.base.Home;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Puts the tiers together: memory over files under the home. */
final class AdapterStoreProducer {
    private static final int MIB = 20;

    @Produces
    @Singleton
    AdapterStore store(Home home, AdapterStoreConfig config) {
        return new CachingAdapterStore(new FileAdapterStore(home.path("adapters")), (long) config.cacheMib() << MIB);
    }
}
