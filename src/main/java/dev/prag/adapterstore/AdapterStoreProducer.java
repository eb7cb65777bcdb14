package dev.prag.adapterstore;

import dev.prag.adapterstore.StoreLocation.Bucket;
import dev.prag.adapterstore.StoreLocation.Folder;
import dev.prag.base.Home;
import io.agroal.api.AgroalDataSource;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import software.amazon.awssdk.services.s3.S3Client;

/** Puts the tiers together: Infinispan over what lasts, which is files under the home unless a setting says otherwise. */
final class AdapterStoreProducer {
    @Produces
    @Singleton
    TierMetrics metrics(MeterRegistry registry) {
        return new TierMetrics(registry);
    }

    /**
     * @param client made only where a bucket is named
     * @param embedded whether the database lies in the home
     */
    @Produces
    @Singleton
    AdapterStore store(
            Home home,
            HotConfig hot,
            StoreConfig store,
            TierMetrics metrics,
            Instance<S3Client> client,
            Instance<AgroalDataSource> database,
            @ConfigProperty(name = "prag.database.embedded", defaultValue = "false") boolean embedded) {
        GuardedTier tier = HotTiers.of(hot, home.path("hot"), embedded ? null : database::get);
        StoreLocation location = store.url().map(StoreLocation::of).orElseGet(() -> new Folder(home.path("adapters")));
        AdapterStore lasting =
                switch (location) {
                    case Folder folder -> new FileAdapterStore(folder.path());
                    case Bucket bucket -> new S3AdapterStore(client.get(), bucket.name(), bucket.prefix());
                };
        return new TieredAdapterStore(tier, lasting, metrics);
    }

    void close(@Disposes AdapterStore store) {
        ((TieredAdapterStore) store).close();
    }
}
