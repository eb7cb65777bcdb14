package dev.prag.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Load that doesn't wait for answers. */
class OpenLoopTest {
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private HttpServer server;
    private HttpClient client;

    @BeforeEach
    void aServiceThatHasManyMoods() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            most.accumulateAndGet(running.incrementAndGet(), Math::max);
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            int status = Integer.parseInt(exchange.getRequestURI().getPath().substring(1));
            if (status == 503) {
                exchange.getResponseHeaders().add("Retry-After", "1");
            }
            // Before the client can know that it is answered.
            running.decrementAndGet();
            exchange.sendResponseHeaders(status, -1);
            exchange.close();
        });
        server.start();
        client = HttpClient.newHttpClient();
    }

    @AfterEach
    void end() {
        client.close();
        server.stop(0);
    }

    @Test
    void countsWhatBecameOfEach() throws Exception {
        int[] moods = {200, 503, 429, 500};
        OpenLoop.Outcome outcome =
                new OpenLoop(client).run(400, Duration.ofMillis(500), 1, i -> request(moods[i % moods.length]));
        int all = outcome.requests();
        assertTrue(all > 40, "requests " + all);
        assertEquals((all + 3) / 4, outcome.answered().length);
        assertEquals((all + 2) / 4 + (all + 1) / 4, outcome.refused());
        assertEquals((all + 1) / 4, outcome.withoutTime());
        assertEquals(all / 4, outcome.failed());
        assertTrue(most.get() > 1, "none waits for those before");
        assertTrue(outcome.percentile(.5) >= .05 && outcome.percentile(.5) <= outcome.percentile(.99));
    }

    @Test
    void aClosedLoopHasAsManyUnderWayAsClients() throws Exception {
        double rate = new OpenLoop(client).closed(4, Duration.ofMillis(400), i -> request(200));
        assertTrue(rate > 0 && rate <= 4 / .05, "rate " + rate);
        assertTrue(most.get() <= 4, "clients " + most);
    }

    @Test
    void whatIsNotThereFailed() throws Exception {
        server.stop(0);
        OpenLoop.Outcome outcome = new OpenLoop(client).run(100, Duration.ofMillis(100), 2, i -> request(200));
        assertEquals(outcome.requests(), outcome.failed());
        assertTrue(Double.isNaN(outcome.percentile(.5)));
    }

    private HttpRequest request(int path) {
        return HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/" + path))
                .build();
    }
}
