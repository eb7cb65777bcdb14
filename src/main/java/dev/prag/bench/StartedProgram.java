package dev.prag.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.prag.base.UserException;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The program as a child of this process. */
final class StartedProgram {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** How often it is asked whether it is ready. */
    private static final long BETWEEN_LOOKS_MILLIS = 2;

    private static final long LONGEST_NANOS = TimeUnit.MINUTES.toNanos(5);

    private final List<String> program;

    /** @param program what starts it, before its own arguments */
    StartedProgram(List<String> program) {
        this.program = program;
    }

    private List<String> command(List<String> arguments) {
        List<String> command = new ArrayList<>(program);
        command.addAll(arguments);
        return command;
    }

    /**
     * Runs it to its end.
     *
     * @param input what it reads from standard input
     * @return seconds from its start to its end
     * @throws UserException if it ends with another exit code than 0
     */
    double run(String input, List<String> arguments) throws IOException, InterruptedException {
        Path messages = Files.createTempFile("prag-bench-", ".log");
        Path in = Files.writeString(Files.createTempFile("prag-bench-", ".in"), input);
        Process process = null;
        try {
            long start = System.nanoTime();
            process = new ProcessBuilder(command(arguments))
                    .redirectInput(in.toFile())
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(messages.toFile())
                    .start();
            int exit = process.waitFor();
            double seconds = (System.nanoTime() - start) / 1e9;
            if (exit != 0) {
                throw failed(arguments, "ended with exit code " + exit, messages);
            }
            return seconds;
        } finally {
            end(process);
            Files.delete(messages);
            Files.delete(in);
        }
    }

    private UserException failed(List<String> arguments, String how, Path messages) throws IOException {
        return new UserException(
                UserException.Kind.ENVIRONMENT,
                "`" + String.join(" ", command(arguments)) + "` " + how + ": " + LoadPart.said(messages));
    }

    private static void end(Process process) throws InterruptedException {
        if (process != null) {
            process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        }
    }

    /** Starts it as a service at a free port of this machine; the caller closes it. */
    Service serve(List<String> arguments) throws IOException {
        int port;
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = probe.getLocalPort();
        }
        List<String> all = new ArrayList<>(arguments);
        all.addAll(List.of("--port", Integer.toString(port)));
        return new Service(all, port);
    }

    /** A service that was started. */
    final class Service implements AutoCloseable {
        private final List<String> arguments;
        private final URI address;
        private final Path messages;
        private final long start;
        private final Process process;

        private Service(List<String> arguments, int port) throws IOException {
            this.arguments = arguments;
            address = URI.create("http://127.0.0.1:" + port);
            messages = Files.createTempFile("prag-bench-", ".log");
            start = System.nanoTime();
            process = new ProcessBuilder(command(arguments))
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(messages.toFile())
                    .start();
        }

        /** Where it listens. */
        URI address() {
            return address;
        }

        /** Seconds since its start. */
        double seconds() {
            return (System.nanoTime() - start) / 1e9;
        }

        /** Seconds from its start until it says that it is ready. */
        double awaitReady() throws IOException, InterruptedException {
            while (!isReady()) {
                if (!process.isAlive()) {
                    throw failed(arguments, "ended with exit code " + process.exitValue(), messages);
                }
                if (System.nanoTime() - start > LONGEST_NANOS) {
                    throw failed(arguments, "is not ready after " + Math.round(seconds()) + " s", messages);
                }
                Thread.sleep(BETWEEN_LOOKS_MILLIS);
            }
            return seconds();
        }

        private boolean isReady() {
            try {
                HttpURLConnection connection = (HttpURLConnection)
                        address.resolve("/q/health/ready").toURL().openConnection();
                return connection.getResponseCode() == HttpURLConnection.HTTP_OK;
            } catch (IOException e) {
                // It doesn't listen yet.
                return false;
            }
        }

        /** Asks a question and reads the answer to its end. */
        void answer(String question) throws IOException {
            HttpURLConnection connection =
                    (HttpURLConnection) address.resolve("/answers").toURL().openConnection();
            connection.setDoOutput(true);
            connection.setRequestProperty("Content-Type", "application/json");
            connection.getOutputStream().write(JSON.writeValueAsBytes(Map.of("question", question)));
            int status = connection.getResponseCode();
            if (status != HttpURLConnection.HTTP_OK) {
                byte[] body = connection.getErrorStream() == null
                        ? new byte[0]
                        : connection.getErrorStream().readAllBytes();
                throw failed(
                        arguments,
                        "answered a question with status " + status + " " + new String(body, StandardCharsets.UTF_8),
                        messages);
            }
            connection.getInputStream().readAllBytes();
        }

        /** What it has in memory now, without the processes of a database that it started, in millions of bytes. */
        double residentMegabytes() throws IOException {
            for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
                if (line.startsWith("VmRSS:")) {
                    return Long.parseLong(line.replaceAll("\\D", "")) * 1024 / 1e6;
                }
            }
            throw new IOException("the system tells no resident memory of process " + process.pid());
        }

        /** Stops it as a service is stopped, so that its database ends, too. */
        @Override
        public void close() throws IOException, InterruptedException {
            process.destroy();
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                end(process);
            }
            Files.delete(messages);
        }
    }
}
