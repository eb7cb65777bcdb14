package dev.prag.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.microprofile.config.ConfigProvider;

/** A client of the service under test. */
public final class Http {
    public static final JsonMapper JSON = JsonMapper.builder().build();

    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private Http() {}

    /** A response. */
    public record Reply(int status, String type, String body, HttpResponse<String> whole) {
        public JsonNode json() {
            return parse(body);
        }

        public String header(String name) {
            return whole.headers().firstValue(name).orElse(null);
        }

        /** Asserts a status, and returns what came with it. */
        public JsonNode expect(int expected) {
            assertEquals(expected, status, body);
            return body.isEmpty() ? null : json();
        }

        /** Asserts a problem (RFC 9457) whose detail has these words. */
        public Reply problem(int expected, String... words) {
            assertProblem(parse(body), expected, words);
            assertEquals(expected, status, body);
            assertEquals("application/problem+json", type);
            assertEquals(header("X-Request-Id"), parse(body).path("requestId").asText());
            return this;
        }

        /** The events of a stream of server-sent events. */
        public List<Event> events() {
            List<Event> events = new ArrayList<>();
            for (String block : body.split("\n\n")) {
                String name = null;
                StringBuilder data = new StringBuilder();
                for (String line : block.lines().toList()) {
                    if (line.startsWith("event:")) {
                        name = line.substring(6).strip();
                    } else if (line.startsWith("data:")) {
                        data.append(line.substring(5));
                    }
                }
                if (name != null) {
                    events.add(new Event(name, parse(data.toString())));
                }
            }
            return events;
        }
    }

    /** A server-sent event. */
    public record Event(String name, JsonNode data) {}

    public static void assertProblem(JsonNode problem, int status, String... words) {
        assertEquals("about:blank", problem.path("type").asText(), problem.toString());
        assertEquals(status, problem.path("status").asInt(), problem.toString());
        assertTrue(problem.path("title").asText().length() > 3, problem.toString());
        assertTrue(problem.path("instance").asText().startsWith("/"), problem.toString());
        assertTrue(problem.path("requestId").asText().length() > 3, problem.toString());
        String detail = problem.path("detail").asText();
        for (String word : words) {
            assertTrue(detail.contains(word), "no \"" + word + "\" in: " + detail);
        }
    }

    public static Reply get(String path) {
        return send("GET", path, BodyPublishers.noBody());
    }

    public static Reply delete(String path) {
        return send("DELETE", path, BodyPublishers.noBody());
    }

    /** POST of JSON. */
    public static Reply post(String path, String json) {
        return post(path, "application/json", json.getBytes(StandardCharsets.UTF_8));
    }

    public static Reply post(String path, String type, byte[] body) {
        return send("POST", path, BodyPublishers.ofByteArray(body), "Content-Type", type);
    }

    public static Reply send(String method, String path, BodyPublisher body, String... headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uri(path)).method(method, body).timeout(Duration.ofSeconds(60));
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        try {
            HttpResponse<String> response = CLIENT.send(request.build(), BodyHandlers.ofString());
            return new Reply(
                    response.statusCode(),
                    response.headers().firstValue("Content-Type").orElse(""),
                    response.body(),
                    response);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** A connection on which this was written. */
    public static Socket open(String request) throws IOException {
        Socket socket = new Socket("127.0.0.1", port());
        socket.setSoTimeout(30_000);
        socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
        socket.getOutputStream().flush();
        return socket;
    }

    /** Reads until the text has come; returns all that came. */
    public static String readUntil(Socket socket, String text) throws IOException {
        InputStream in = socket.getInputStream();
        StringBuilder read = new StringBuilder();
        while (read.indexOf(text) < 0) {
            int next = in.read();
            if (next < 0) {
                throw new AssertionError("no \"" + text + "\" in: " + read);
            }
            read.append((char) next);
        }
        return read.toString();
    }

    public static JsonNode parse(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new AssertionError("not JSON: " + json, e);
        }
    }

    /** The address of that path. */
    public static URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port() + path);
    }

    private static int port() {
        return ConfigProvider.getConfig().getValue("quarkus.http.test-port", Integer.class);
    }
}
