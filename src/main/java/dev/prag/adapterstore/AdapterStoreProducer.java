package dev.prag.adapterstore;

import dev.prag.adapterstore.StoreLocation.Bucket;
import dev.prag.adapterstore.StoreLocation.Folder;
import dev.prag.base.Home;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import software.amazon.awssdk.services.s3.S3Client;

/** Puts the tiers together: memory over what lasts, which is files under the home unless a setting says otherwise. */
final class AdapterStoreProducer {
    private static final int MIB = 20;

    /** @param client made only where a bucket is named */
    @Produces
    @Singleton
    AdapterStore store(Home home, AdapterStoreConfig config, StoreConfig store, Instance<S3Client> client) {
        StoreLocation location = store.url().map(StoreLocation::of).orElseGet(() -> new Folder(home.path("adapters")));
        AdapterStore lasting =
                switch (location) {
                    case Folder folder -> new FileAdapterStore(folder.path());
                    case Bucket bucket -> new S3AdapterStore(client.get(), bucket.name(), bucket.prefix());
                };
        return new CachingAdapterStore(lasting, (long) config.cacheMib() << MIB);
    }
}
