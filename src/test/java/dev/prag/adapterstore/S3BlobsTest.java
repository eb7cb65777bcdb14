package dev.prag.adapterstore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.prag.base.UserException;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.s3.S3Client;

class S3BlobsTest extends BlobsContract {
    private static S3Server server;
    private static S3Client client;

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
    Blobs blobs() {
        String bucket = "b" + UUID.randomUUID();
        client.createBucket(request -> request.bucket(bucket));
        return new S3Blobs(client, bucket, "team/");
    }

    @Test
    void whatCanNotBeHadIsSaid() {
        Blobs nowhere = new S3Blobs(client, "no-such-bucket", "");
        for (String message : new String[] {
            assertThrows(UserException.class, () -> nowhere.list("index/")).getMessage(),
            assertThrows(UserException.class, () -> nowhere.put("index/x", new byte[1]))
                    .getMessage()
        }) {
            assertTrue(message.contains("no-such-bucket") && message.contains("there is no such bucket"), message);
        }
        try (S3Client stranger = server.client(S3Server.KEY, "wrong")) {
            UserException refused =
                    assertThrows(UserException.class, () -> new S3Blobs(stranger, "b", "").list("index/"));
            assertEquals(UserException.Kind.ENVIRONMENT, refused.kind());
            assertTrue(refused.getMessage().contains("status 403"), refused.getMessage());
        }
    }
}
