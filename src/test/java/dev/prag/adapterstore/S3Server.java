package dev.prag.adapterstore;

import dev.prag.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/** A real implementation of S3 (S3Proxy, over files) in a JVM of its own, since it brings its own libraries. */
final class S3Server implements AutoCloseable {
    static final String KEY = "local-key";
    static final String SECRET = "local-secret";
    private static final Duration START = Duration.ofSeconds(60);

    private final Process process;
    private final URI address;

    private S3Server(Process process, URI address) {
        this.process = process;
        this.address = address;
    }

    /** The program, which {@code ./prag test} fetches where it can be had. */
    static Path program() {
        return Path.of(System.getProperty("prag.test.s3proxy", "s3proxy.jar"));
    }

    static boolean isAvailable() {
        return Files.isRegularFile(program());
    }

    static S3Server start(Path folder) throws IOException, InterruptedException {
        int port = FreePort.next();
        URI address = URI.create("http://127.0.0.1:" + port);
        Path settings = folder.resolve("s3proxy.properties");
        Files.createDirectories(folder.resolve("objects"));
        Files.write(
                settings,
                List.of(
                        "s3proxy.endpoint=" + address,
                        "s3proxy.authorization=aws-v2-or-v4",
                        "s3proxy.identity=" + KEY,
                        "s3proxy.credential=" + SECRET,
                        "jclouds.provider=filesystem-nio2",
                        "jclouds.filesystem.basedir=" + folder.resolve("objects")));
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-jar",
                        program().toString(),
                        "--properties",
                        settings.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("s3proxy.log").toFile())
                .start();
        S3Server server = new S3Server(process, address);
        long end = System.nanoTime() + START.toNanos();
        while (!listens(port)) {
            if (!process.isAlive() || System.nanoTime() > end) {
                server.close();
                throw new IOException("S3Proxy doesn't start: " + Files.readString(folder.resolve("s3proxy.log")));
            }
            Thread.sleep(50);
        }
        return server;
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    S3Client client(String key, String secret) {
        return S3Client.builder()
                .endpointOverride(address)
                .region(Region.US_EAST_1)
                .forcePathStyle(true)
                .httpClient(UrlConnectionHttpClient.create())
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create(key, secret)))
                .build();
    }

    @Override
    public void close() {
        process.destroy();
    }
}
