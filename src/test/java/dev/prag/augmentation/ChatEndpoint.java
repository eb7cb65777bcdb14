package dev.prag.augmentation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An endpoint that speaks OpenAI's protocol: it remembers what it is asked, and answers with the question; where that
 * says {@code status 404}, with that status and a page.
 */
public class ChatEndpoint implements QuarkusTestResourceLifecycleManager {
    /** The bodies of all requests. */
    static final List<JsonNode> REQUESTS = new CopyOnWriteArrayList<>();

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern STATUS = Pattern.compile("status (\\d+)");

    private HttpServer server;

    @Override
    public Map<String, String> start() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/v1/chat/completions", this::answer);
        server.start();
        return Map.of(
                "prag.augmentation.url",
                "http://127.0.0.1:" + server.getAddress().getPort() + "/v1",
                "prag.augmentation.model",
                "echo",
                "prag.augmentation.key",
                "open sesame");
    }

    private void answer(HttpExchange exchange) throws IOException {
        JsonNode request = JSON.readTree(exchange.getRequestBody());
        REQUESTS.add(request);
        String text = request.at("/messages/0/content").asText();
        Matcher status = STATUS.matcher(text);
        if (status.find()) {
            exchange.sendResponseHeaders(Integer.parseInt(status.group(1)), 0);
            exchange.getResponseBody().write("<html>not what was asked for</html>".getBytes(StandardCharsets.UTF_8));
            exchange.close();
            return;
        }
        boolean known = "Bearer open sesame".equals(exchange.getRequestHeaders().getFirst("Authorization"));
        Map<String, Object> answer = text.contains("refuse") || !known
                ? Map.of("error", Map.of("message", "this is refused", "type", "invalid_request_error"))
                : Map.of(
                        "id",
                        "1",
                        "object",
                        "chat.completion",
                        "model",
                        "echo",
                        "choices",
                        List.of(Map.of(
                                "index",
                                0,
                                "finish_reason",
                                "stop",
                                "message",
                                Map.of("role", "assistant", "content", "You said: " + text))),
                        "usage",
                        Map.of("prompt_tokens", 1, "completion_tokens", 2, "total_tokens", 3));
        byte[] body = JSON.writeValueAsBytes(answer);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(answer.containsKey("error") ? 400 : 200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    @Override
    public void stop() {
        if (server != null) {
            server.stop(0);
        }
    }
}
