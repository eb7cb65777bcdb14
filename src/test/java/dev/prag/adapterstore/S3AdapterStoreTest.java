package dev.prag.adapterstore;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.prag.base.UserException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

class S3AdapterStoreTest extends AdapterStoreContract {
    private static final String ID = "0123456789abcdef";
    private static S3Server server;
    private static S3Client client;

    private final String bucket = "b" + UUID.randomUUID();

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        assumeTrue(S3Server.isAvailable(), "S3Proxy is not in the local Maven repository");
        server = S3Server.start(folder);
        client = server.client(S3Server.KEY, S3Server.SECRET);
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            client.close();
            server.close();
        }
    }

    @Override
    AdapterStore store() {
        return store("team/");
    }

    private AdapterStore store(String prefix) {
        client.createBucket(request -> request.bucket(bucket));
        return new S3AdapterStore(client, bucket, prefix);
    }

    @Test
    void objectsOfOthersAreNone() {
        AdapterStore store = store();
        client.putObject(
                object -> object.bucket(bucket).key("team/adapters/readme.txt"), RequestBody.fromString("hello"));
        client.putObject(
                object -> object.bucket(bucket).key("other/adapters/01/23/" + ID + ".adapter"), RequestBody.empty());
        assertTrue(store.list().isEmpty());
        assertFalse(store.delete(ID));
    }

    @Test
    void whatDoesNotMatchItsChecksumIsNotThereUntilItIsPutAgain() {
        AdapterStore store = store("");
        store.put(ID, random(1000));
        for (int length : new int[] {0, 31, 32, 1000}) {
            client.putObject(
                    object -> object.bucket(bucket).key("adapters/01/23/" + ID + ".adapter"),
                    RequestBody.fromBytes(random(length)));
            assertTrue(store.get(ID).isEmpty(), length + " bytes");
            assertTrue(store.isDamaged(ID), length + " bytes");
            assertEquals(
                    length < 32 ? "" : HexFormat.of().formatHex(random(length), length - 32, length),
                    store.stat(ID).orElseThrow().checksum(),
                    length + " bytes");
        }
        assertEquals(1, store.list().size(), "it stays for whoever looks into it");
        store.put(ID, random(1000));
        assertArrayEquals(random(1000), store.get(ID).orElseThrow());
        assertFalse(store.isDamaged(ID));
        assertFalse(store.isDamaged("fedcba9876543210"));
    }

    @Test
    void filesAreCopiedIntoABucketAsTheyAre(@TempDir Path folder) throws IOException {
        new FileAdapterStore(folder).put(ID, random(1000));
        AdapterStore store = store("");
        client.putObject(
                object -> object.bucket(bucket).key("adapters/01/23/" + ID + ".adapter"),
                folder.resolve("01/23/" + ID + ".adapter"));
        assertArrayEquals(random(1000), store.get(ID).orElseThrow());
        assertEquals(1000, store.list().getFirst().bytes());
    }

    @Test
    void moreThanOnePageIsListed() {
        AdapterStore store = store();
        for (int i = 0; i < 1005; i++) {
            store.put(String.format("%08x", i), new byte[] {1});
        }
        assertEquals(1005, store.list().size());
    }

    @Test
    void aMissingBucketIsSaid() {
        AdapterStore store = new S3AdapterStore(client, bucket, "");
        for (var call : List.<Runnable>of(() -> store.put(ID, new byte[1]), () -> store.get(ID), () -> store.list())) {
            UserException e = assertThrows(UserException.class, call::run);
            assertTrue(e.getMessage().contains("there is no such bucket"), e.getMessage());
            assertEquals(UserException.Kind.ENVIRONMENT, e.kind());
        }
    }

    @Test
    void wrongKeysAreSaidAndNotShown() {
        store();
        try (S3Client other = server.client(S3Server.KEY, "wrong-secret")) {
            AdapterStore store = new S3AdapterStore(other, bucket, "");
            UserException e = assertThrows(UserException.class, () -> store.put(ID, new byte[1]));
            assertTrue(e.getMessage().contains("403"), e.getMessage());
            assertFalse(e.getMessage().contains("wrong-secret"), e.getMessage());
        }
    }

    @Test
    void whatHoldsNoIdOfACorpusIsSaid() {
        AdapterStore store = store();
        client.putObject(
                object -> object.bucket(bucket).key("team/adapters/corpus"), RequestBody.fromString("two words"));
        UserException e = assertThrows(UserException.class, () -> store.claim("mine"));
        assertTrue(e.getMessage().contains("s3://" + bucket + "/team/adapters/corpus"), e.getMessage());
    }
}
