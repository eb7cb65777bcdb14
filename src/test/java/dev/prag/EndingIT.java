package dev.prag;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A service that is told to end, in a process of its own: what it has taken it answers. */
class EndingIT {
    private static final int QUESTIONS = 100;
    private static final int SIGTERM = 143;

    @TempDir
    Path folder;

    private static String question(int number) {
        return "{\"question\":\"Who was Gabriel Souford the %dth married to?\",\"method\":\"closed-book\"}"
                .formatted(number);
    }

    @Test
    void whatItHasTakenItAnswers() throws Exception {
        // One answer at a time, so that most of them wait when the signal comes.
        Map<String, String> settings =
                Map.of("PRAG_SEQUENCES", "1", "QUARKUS_SHUTDOWN_DELAY", "2s", "QUARKUS_SHUTDOWN_TIMEOUT", "60s");
        try (Program.Service service = Program.JVM.serve(folder, folder.resolve("home"), settings)) {
            List<CompletableFuture<HttpResponse<String>>> taken = new ArrayList<>();
            for (int i = 0; i < QUESTIONS; i++) {
                taken.add(service.ask(question(i)));
            }
            CompletableFuture.anyOf(taken.toArray(CompletableFuture[]::new)).get(2, TimeUnit.MINUTES);
            service.process().destroy();
            assertFalse(
                    taken.stream().allMatch(CompletableFuture::isDone),
                    "some have to be under way when the signal comes");

            // It says that it isn't ready, and still answers, so that whoever sends requests looks elsewhere.
            long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            while (service.status("/q/health/ready") == 200) {
                assertTrue(System.nanoTime() < end, service::said);
            }
            HttpResponse<String> refused = refusal(service);
            assertEquals("5", refused.headers().firstValue("Retry-After").orElse("none"), refused::body);
            assertFalse(
                    taken.stream().allMatch(CompletableFuture::isDone),
                    "what is new is refused while others are answered");
            for (CompletableFuture<HttpResponse<String>> one : taken) {
                HttpResponse<String> answer = one.get(2, TimeUnit.MINUTES);
                assertEquals(200, answer.statusCode(), answer::body);
                assertTrue(answer.body().contains("\"answer\""), answer::body);
            }
            assertTrue(service.process().waitFor(2, TimeUnit.MINUTES), service::said);
            assertEquals(SIGTERM, service.process().exitValue(), service::said);
            assertEquals(0, service.status("/q/health/live"), "it has gone");
        }
    }

    /** What it says to a question that comes after the delay. */
    private static HttpResponse<String> refusal(Program.Service service) throws Exception {
        List<CompletableFuture<HttpResponse<String>>> asked = new ArrayList<>();
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (System.nanoTime() < end) {
            asked.add(service.ask(question(QUESTIONS + asked.size())));
            Thread.sleep(200);
            for (CompletableFuture<HttpResponse<String>> one : asked) {
                if (one.isDone() && one.get().statusCode() == 503) {
                    return one.get();
                }
            }
        }
        throw new AssertionError("nothing is refused: " + service.said());
    }
}
