package dev.prag;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The packaged program in processes of its own: on the JVM through its launcher, or the native executable. */
public final class Program {
    /** On the JVM. */
    public static final Program JVM = new Program(Path.of("prag"));

    private static final Path EXECUTABLE = Path.of("target/prag-runner");
    private static final Duration START = Duration.ofMinutes(3);

    private final Path path;

    private Program(Path path) {
        this.path = path;
    }

    /** The native executable; the test is skipped where there is none that is newer than the sources. */
    public static Program nativeExecutable() throws IOException {
        assumeTrue(
                Files.isExecutable(EXECUTABLE),
                "there is no native executable " + EXECUTABLE + "; mvn package -Dnative makes one (docs/native.md)");
        FileTime made = Files.getLastModifiedTime(EXECUTABLE);
        try (Stream<Path> sources = Files.walk(Path.of("src/main"))) {
            for (Path source : sources.filter(Files::isRegularFile).toList()) {
                assumeTrue(
                        Files.getLastModifiedTime(source).compareTo(made) <= 0,
                        EXECUTABLE + " is older than " + source + "; make it again with mvn package -Dnative");
            }
        }
        return new Program(EXECUTABLE);
    }

    private ProcessBuilder process(Path home, Map<String, String> settings, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(path.toAbsolutePath().toString()));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("PRAG_HOME", home.toString());
        builder.environment().remove("PRAG_MODEL");
        builder.environment().remove("OMP_NUM_THREADS");
        builder.environment().putAll(settings);
        return builder;
    }

    /**
     * The lines of its standard output, once it has ended with exit code 0.
     *
     * @param folder for what it prints
     */
    public List<String> run(Path folder, Path home, Map<String, String> settings, String stdin, String... arguments)
            throws Exception {
        Path in = Files.writeString(folder.resolve("in"), stdin);
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        Process process = process(home, settings, List.of(arguments))
                .redirectInput(in.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        assertTrue(process.waitFor(5, TimeUnit.MINUTES), () -> "ended in time: " + List.of(arguments));
        assertEquals(0, process.exitValue(), List.of(arguments) + ": " + Files.readString(err));
        return Files.readAllLines(out);
    }

    /** A service that is ready. */
    public Service serve(Path folder, Path home, Map<String, String> settings) throws Exception {
        int port = FreePort.next();
        Path log = folder.resolve("log");
        Process process = process(home, settings, List.of("serve", "--port", Integer.toString(port)))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        Service service = new Service(process, "http://127.0.0.1:" + port, log);
        long end = System.nanoTime() + START.toNanos();
        while (service.status("/q/health/ready") != 200) {
            if (!process.isAlive() || System.nanoTime() > end) {
                service.close();
                throw new IOException(service.said());
            }
            Thread.sleep(50);
        }
        return service;
    }

    /** A process that serves. */
    public static final class Service implements AutoCloseable {
        private final HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(5))
                .build();
        private final Process process;
        private final String url;
        private final Path log;

        private Service(Process process, String url, Path log) {
            this.process = process;
            this.url = url;
            this.log = log;
        }

        public Process process() {
            return process;
        }

        /** All that it has printed. */
        public String said() {
            try {
                return Files.readString(log);
            } catch (IOException e) {
                return e.toString();
            }
        }

        private HttpRequest.Builder request(String path) {
            return HttpRequest.newBuilder(URI.create(url + path));
        }

        /** Of a GET; 0 where nobody listens. */
        public int status(String path) throws IOException, InterruptedException {
            try {
                return client.send(request(path).build(), HttpResponse.BodyHandlers.discarding())
                        .statusCode();
            } catch (ConnectException e) {
                return 0;
            }
        }

        /** What a GET gives. */
        public String get(String path) throws IOException, InterruptedException {
            return client.send(request(path).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
        }

        /** @param body of a question, in JSON */
        public CompletableFuture<HttpResponse<String>> ask(String body) {
            return client.sendAsync(
                    request("/answers")
                            .header("Content-Type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }

        /** Tells it to end and waits until it has. */
        @Override
        public void close() throws InterruptedException {
            process.destroy();
            if (!process.waitFor(1, TimeUnit.MINUTES)) {
                process.destroyForcibly();
            }
        }
    }
}
