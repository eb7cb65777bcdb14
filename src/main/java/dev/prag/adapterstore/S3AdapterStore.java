package dev.prag.adapterstore;

import dev.prag.base.Hashes;
import dev.prag.base.UserException;
import dev.prag.base.UserException.Kind;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.NoSuchBucketException;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * An object for each adapter, {@code PREFIX/adapters/ab/cd/abcd….adapter}, in a bucket of S3 or of whatever speaks its
 * protocol. Names and content are those of {@link FileAdapterStore}, the bytes and their SHA-256 (32 bytes) behind them,
 * so that files can be copied into a bucket and back. What is read and doesn't match is reported, stays where it is for
 * whoever looks into it, and counts as not there, until it is put again.
 */
public final class S3AdapterStore implements AdapterStore {
    private static final System.Logger LOG = System.getLogger(S3AdapterStore.class.getName());
    private static final String SUFFIX = ".adapter";
    private static final int CHECKSUM_BYTES = 32;
    private static final int NOT_FOUND = 404;
    private static final int FORBIDDEN = 403;
    private static final int CONFLICT = 409;
    private static final int CLAIMS = 5;
    private static final int PRECONDITION_FAILED = 412;
    private static final int RANGE_NOT_SATISFIABLE = 416;

    private final S3Client client;
    private final String bucket;
    private final String folder;
    private final String corpusKey;

    /**
     * @param prefix of all keys; empty, or ending in a slash
     */
    public S3AdapterStore(S3Client client, String bucket, String prefix) {
        this.client = client;
        this.bucket = bucket;
        this.folder = prefix + "adapters/";
        this.corpusKey = folder + "corpus";
    }

    @Override
    public String put(String id, byte[] bytes) {
        String key = key(id);
        String checksum = Hashes.sha256(bytes);
        byte[] end = HexFormat.of().parseHex(checksum);
        RequestBody body = RequestBody.fromContentProvider(
                () -> new SequenceInputStream(new ByteArrayInputStream(bytes), new ByteArrayInputStream(end)),
                (long) bytes.length + end.length,
                "application/octet-stream");
        asking(
                "adapter " + id + " can't be written to",
                () -> client.putObject(object -> object.bucket(bucket).key(key), body));
        return checksum;
    }

    @Override
    public Optional<byte[]> get(String id) {
        return read(id).map(Content::bytes);
    }

    @Override
    public Optional<byte[]> get(String id, String checksum) {
        return read(id).filter(content -> content.checksum().equals(checksum)).map(Content::bytes);
    }

    private Optional<Content> read(String id) {
        String key = key(id);
        Optional<Content> found = unlessMissing(
                "adapter " + id + " can't be read from",
                () -> client.getObject(
                        object -> object.bucket(bucket).key(key),
                        (response, body) -> Content.read(response.contentLength(), body)));
        if (found.isPresent() && !found.get().matches()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "adapter {0} is damaged: the checksum of {1} doesn''t match; encode its passage again",
                    id,
                    name(key));
            return Optional.empty();
        }
        return found;
    }

    /**
     * An object as it was read.
     *
     * @param bytes of the adapter
     * @param checksum what stands behind them, in hexadecimal; empty where there is no room for one
     */
    private record Content(byte[] bytes, String checksum) {
        static Content read(long length, InputStream body) throws IOException {
            if (length < CHECKSUM_BYTES) {
                return new Content(new byte[0], "");
            }
            byte[] bytes = new byte[Math.toIntExact(length - CHECKSUM_BYTES)];
            byte[] checksum = new byte[CHECKSUM_BYTES];
            if (body.readNBytes(bytes, 0, bytes.length) < bytes.length
                    || body.readNBytes(checksum, 0, checksum.length) < checksum.length) {
                throw new EOFException("the connection ended before the object did");
            }
            return new Content(bytes, HexFormat.of().formatHex(checksum));
        }

        boolean matches() {
            return Hashes.sha256(bytes).equals(checksum);
        }
    }

    /** Several at the same time: a service answers many requests as fast as one. */
    @Override
    public Map<String, byte[]> getAll(Map<String, String> checksums) {
        return ManyAtOnce.of(checksums.keySet(), id -> get(id, checksums.get(id)));
    }

    /** Asks for the last bytes alone, which are the checksum; the answer says how many there are in all. */
    @Override
    public Optional<Stat> stat(String id) {
        String key = key(id);
        try {
            return unlessMissing(
                    "adapter " + id + " can't be looked for in",
                    () -> client.getObject(
                            object -> object.bucket(bucket).key(key).range("bytes=-" + CHECKSUM_BYTES),
                            (response, body) -> stat(response, body.readAllBytes())));
        } catch (Unsatisfiable e) {
            return Optional.of(new Stat(0, ""));
        }
    }

    private static Stat stat(GetObjectResponse response, byte[] end) {
        // "bytes 968-999/1000"; an answer without it is the whole object.
        String range = response.contentRange();
        long length = range == null ? end.length : Long.parseLong(range.substring(range.lastIndexOf('/') + 1));
        return end.length < CHECKSUM_BYTES
                ? new Stat(0, "")
                : new Stat(
                        length - CHECKSUM_BYTES,
                        HexFormat.of().formatHex(end, end.length - CHECKSUM_BYTES, end.length));
    }

    @Override
    public Map<String, Stat> statAll(Collection<String> ids) {
        return ManyAtOnce.of(ids, this::stat);
    }

    @Override
    public String claim(String corpusId) {
        byte[] mine = CorpusId.toBytes(corpusId);
        Optional<byte[]> there = corpusId();
        // Again where somebody else was at it at the same time and is not done.
        for (int i = 0; there.isEmpty() && i < CLAIMS; i++) {
            asking("the id of the corpus can't be kept in", () -> putUnlessThere(mine));
            there = corpusId();
        }
        return CorpusId.of(there.orElseGet(() -> new byte[0]), name(corpusKey));
    }

    private boolean putUnlessThere(byte[] id) {
        try {
            client.putObject(
                    object -> object.bucket(bucket).key(corpusKey).ifNoneMatch("*"), RequestBody.fromBytes(id));
            return true;
        } catch (S3Exception e) {
            if (e.statusCode() == PRECONDITION_FAILED || e.statusCode() == CONFLICT) {
                return false;
            }
            throw e;
        }
    }

    private Optional<byte[]> corpusId() {
        return unlessMissing("the id of the corpus can't be read from", () -> client.getObjectAsBytes(
                        object -> object.bucket(bucket).key(corpusKey))
                .asByteArray());
    }

    @Override
    public boolean isDamaged(String id) {
        return isThere(id, "adapter " + id + " can't be looked for in") && get(id).isEmpty();
    }

    @Override
    public boolean delete(String id) {
        String what = "adapter " + id + " can't be deleted from";
        boolean there = isThere(id, what);
        if (there) {
            String key = key(id);
            asking(
                    what,
                    () -> client.deleteObject(object -> object.bucket(bucket).key(key)));
        }
        return there;
    }

    private boolean isThere(String id, String what) {
        String key = key(id);
        return unlessMissing(
                        what,
                        () -> client.headObject(object -> object.bucket(bucket).key(key)))
                .isPresent();
    }

    @Override
    public List<Entry> list() {
        List<Entry> entries = new ArrayList<>();
        asking("adapters can't be listed in", () -> {
            client.listObjectsV2Paginator(objects -> objects.bucket(bucket).prefix(folder))
                    .contents()
                    .forEach(object -> entry(object).ifPresent(entries::add));
            return entries;
        });
        entries.sort(Comparator.comparing(Entry::id));
        return entries;
    }

    private static Optional<Entry> entry(S3Object object) {
        String name = object.key().substring(object.key().lastIndexOf('/') + 1);
        if (!name.endsWith(SUFFIX)) {
            return Optional.empty();
        }
        String id = name.substring(0, name.length() - SUFFIX.length());
        return AdapterId.isOne(id)
                ? Optional.of(new Entry(id, Math.max(0, object.size() - CHECKSUM_BYTES), object.lastModified()))
                : Optional.empty();
    }

    private String key(String id) {
        return folder + AdapterId.require(id).substring(0, 2) + "/" + id.substring(2, 4) + "/" + id + SUFFIX;
    }

    private String name(String key) {
        return "s3://" + bucket + "/" + key;
    }

    private <T> Optional<T> unlessMissing(String what, Supplier<T> call) {
        try {
            return Optional.of(asking(what, call));
        } catch (Missing e) {
            return Optional.empty();
        }
    }

    private <T> T asking(String what, Supplier<T> call) {
        try {
            return call.get();
        } catch (NoSuchBucketException e) {
            throw failure(what, "there is no such bucket; make it, or name another in prag.store.url", e);
        } catch (NoSuchKeyException e) {
            throw new Missing();
        } catch (S3Exception e) {
            // A HEAD has no body that could say more.
            if (e.statusCode() == NOT_FOUND) {
                throw new Missing();
            }
            if (e.statusCode() == RANGE_NOT_SATISFIABLE) {
                throw new Unsatisfiable();
            }
            String remedy = e.statusCode() == FORBIDDEN ? "give these credentials the right to do so" : "try again";
            throw failure(what, "the service says " + said(e) + "; " + remedy, e);
        } catch (SdkException e) {
            throw failure(
                    what,
                    e.getMessage() + "; check prag.store.s3.endpoint, prag.store.s3.region and the credentials in "
                            + "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
                    e);
        }
    }

    private static String said(S3Exception e) {
        return e.awsErrorDetails() == null || e.awsErrorDetails().errorCode() == null
                ? "status " + e.statusCode()
                : e.awsErrorDetails().errorCode() + " (status " + e.statusCode() + ")";
    }

    private UserException failure(String what, String reason, SdkException e) {
        return new UserException(Kind.ENVIRONMENT, what + " " + name(folder) + ": " + reason, e);
    }

    /** There is no such object. */
    private static final class Missing extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Missing() {
            super(null, null, false, false);
        }
    }

    /** The object is empty: it has no last bytes. */
    private static final class Unsatisfiable extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Unsatisfiable() {
            super(null, null, false, false);
        }
    }
}
