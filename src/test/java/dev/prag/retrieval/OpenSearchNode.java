package dev.prag.retrieval;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.prag.FreePort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** A real OpenSearch in a JVM of its own, which all tests of this one share; it ends with this JVM. */
final class OpenSearchNode {
    private static final Duration START = Duration.ofSeconds(120);
    private static final Path CLASS_PATH =
            Path.of(System.getProperty("prag.test.opensearch", "target/opensearch.classpath"));
    private static String url;

    private OpenSearchNode() {}

    /** Its address; the test is skipped where it can't be had. */
    static synchronized String url() {
        assumeTrue(
                Files.isRegularFile(CLASS_PATH),
                "there is no OpenSearch: " + CLASS_PATH + " doesn't hold its class path; ./prag test makes it");
        if (url == null) {
            try {
                url = start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return url;
    }

    private static String start() throws IOException {
        int port = FreePort.next();
        Path folder = Files.createTempDirectory("prag-opensearch");
        Path log = folder.resolve("log");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "--add-modules=jdk.incubator.vector",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        Files.readString(CLASS_PATH).strip(),
                        "src/test/opensearch/OneNode.java",
                        folder.toString(),
                        Integer.toString(port))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        // Its standard input ends with this JVM, however that ends.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(process, folder)));
        long end = System.nanoTime() + START.toNanos();
        while (!listens(port)) {
            if (!process.isAlive() || System.nanoTime() > end) {
                process.destroy();
                throw new IOException("OpenSearch doesn't start: " + Files.readString(log));
            }
            pause();
        }
        return "http://127.0.0.1:" + port;
    }

    private static void end(Process process, Path folder) {
        try {
            process.destroy();
            process.waitFor();
            IndexFolder.delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private static void pause() {
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Settings to reach an address. */
    static OpenSearchConfig config(String url, String index) {
        return new OpenSearchSettings(url, null, null, null, index, Duration.ofSeconds(30));
    }
}
