package dev.prag.adapterstore;

import dev.prag.base.UserException;
import dev.prag.base.UserException.Kind;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.NoSuchBucketException;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** An object for each key, {@code PREFIX/KEY}. */
final class S3Blobs implements Blobs {
    private final S3Client client;
    private final String bucket;
    private final String prefix;

    /** @param prefix of all keys; empty, or ending in a slash */
    S3Blobs(S3Client client, String bucket, String prefix) {
        this.client = client;
        this.bucket = bucket;
        this.prefix = prefix;
    }

    @Override
    public void put(String key, Path file) {
        put(key, RequestBody.fromFile(file));
    }

    @Override
    public void put(String key, byte[] content) {
        put(key, RequestBody.fromBytes(content));
    }

    private void put(String key, RequestBody body) {
        asking(
                key,
                "can't be written",
                () -> client.putObject(object -> object.bucket(bucket).key(prefix + key), body));
    }

    @Override
    public boolean get(String key, Path file) {
        return unlessMissing(
                        key,
                        () -> client.getObject(object -> object.bucket(bucket).key(prefix + key), file))
                .isPresent();
    }

    @Override
    public Optional<byte[]> get(String key) {
        return unlessMissing(key, () -> client.getObjectAsBytes(
                        object -> object.bucket(bucket).key(prefix + key))
                .asByteArray());
    }

    @Override
    public List<Blob> list(String keys) {
        return asking(
                keys,
                "can't be listed",
                () ->
                        client
                                .listObjectsV2Paginator(
                                        objects -> objects.bucket(bucket).prefix(prefix + keys))
                                .contents()
                                .stream()
                                .map(object -> new Blob(object.key().substring(prefix.length()), object.size()))
                                .sorted((a, b) -> a.key().compareTo(b.key()))
                                .toList());
    }

    @Override
    public void delete(String key) {
        asking(
                key,
                "can't be deleted",
                () -> client.deleteObject(object -> object.bucket(bucket).key(prefix + key)));
    }

    private <T> Optional<T> unlessMissing(String key, Supplier<T> call) {
        return asking(key, "can't be read", () -> {
            try {
                return Optional.of(call.get());
            } catch (NoSuchKeyException e) {
                return Optional.empty();
            }
        });
    }

    private <T> T asking(String key, String what, Supplier<T> call) {
        try {
            return call.get();
        } catch (NoSuchBucketException e) {
            throw failure(key, what, "there is no such bucket; make it, or name another in prag.store.url", e);
        } catch (S3Exception e) {
            String said = e.awsErrorDetails() == null ? "" : e.awsErrorDetails().errorCode() + ", ";
            throw failure(key, what, "the service says " + said + "status " + e.statusCode(), e);
        } catch (SdkException e) {
            throw failure(
                    key, what, e.getMessage() + "; check prag.store.s3.endpoint, prag.store.s3.region and the keys", e);
        }
    }

    private UserException failure(String key, String what, String why, SdkException e) {
        return new UserException(Kind.ENVIRONMENT, "s3://" + bucket + "/" + prefix + key + " " + what + ": " + why, e);
    }
}
