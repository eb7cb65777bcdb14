package dev.prag.adapterstore;

import dev.prag.adapterstore.StoreLocation.Bucket;
import dev.prag.adapterstore.StoreLocation.Folder;
import dev.prag.base.Home;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import software.amazon.awssdk.services.s3.S3Client;

/** What lasts beside adapters is where they are. */
final class BlobsProducer {
    /** @param client made only where a bucket is named */
    @Produces
    @Singleton
    Blobs blobs(Home home, StoreConfig store, Instance<S3Client> client) {
        return switch (store.url().map(StoreLocation::of).orElseGet(() -> new Folder(home.path("adapters")))) {
            case Folder folder -> new FileBlobs(folder.path());
            case Bucket bucket -> new S3Blobs(client.get(), bucket.name(), bucket.prefix());
        };
    }
}
