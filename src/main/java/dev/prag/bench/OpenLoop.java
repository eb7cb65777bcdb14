package dev.prag.bench;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;

/**
 * Requests that come when they come, whether or not those before are answered: gaps between them are exponentially
 * distributed, as those of many clients that know nothing of each other. Times count from when a request was due, so that
 * a service that stops reading isn't flattered.
 */
final class OpenLoop {
    private static final Duration LONGEST = Duration.ofMinutes(2);

    private final HttpClient client;

    /** What became of a request. */
    private record Reply(int status, boolean saysWhen, double seconds) {}

    /**
     * What became of all.
     *
     * @param answered seconds of those that were answered with 200, ascending
     * @param refused how many were refused with 503 or 429
     * @param withoutTime how many of those came without Retry-After
     * @param failed how many had any other status, or none
     */
    record Outcome(double[] answered, int refused, int withoutTime, int failed) {
        /** Seconds within which this share of what was answered came; NaN if nothing was. */
        double percentile(double share) {
            return answered.length == 0
                    ? Double.NaN
                    : answered[Math.max(0, (int) Math.ceil(share * answered.length) - 1)];
        }

        int requests() {
            return answered.length + refused + failed;
        }
    }

    OpenLoop(HttpClient client) {
        this.client = client;
    }

    /**
     * Sends requests for that long and waits for all of them.
     *
     * @param rate requests a second on average
     * @param request makes the request of that number
     */
    Outcome run(double rate, Duration length, long seed, IntFunction<HttpRequest> request)
            throws InterruptedException, TimeoutException {
        SplittableRandom random = new SplittableRandom(seed);
        List<CompletableFuture<Reply>> replies = new ArrayList<>();
        long start = System.nanoTime();
        long due = start;
        while (due - start < length.toNanos()) {
            LockSupport.parkNanos(due - System.nanoTime());
            if (due - System.nanoTime() <= 0) {
                replies.add(send(request.apply(replies.size()), due));
                due += (long) (-Math.log(1 - random.nextDouble()) / rate * 1e9);
            }
        }
        return outcome(replies);
    }

    /** Sends requests from so many clients, of which each waits for its answer; answers a second. */
    double closed(int clients, Duration length, IntFunction<HttpRequest> request) throws InterruptedException {
        AtomicInteger next = new AtomicInteger();
        AtomicInteger answered = new AtomicInteger();
        long start = System.nanoTime();
        long end = start + length.toNanos();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            threads.add(Thread.startVirtualThread(() -> {
                while (System.nanoTime() < end) {
                    Reply reply = send(request.apply(next.getAndIncrement()), System.nanoTime())
                            .join();
                    if (reply.status() == 200) {
                        answered.incrementAndGet();
                    }
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return answered.get() / ((System.nanoTime() - start) / 1e9);
    }

    private CompletableFuture<Reply> send(HttpRequest request, long due) {
        return client.sendAsync(request, HttpResponse.BodyHandlers.discarding()).handle((response, error) -> {
            double seconds = (System.nanoTime() - due) / 1e9;
            return error == null
                    ? new Reply(
                            response.statusCode(),
                            response.headers().firstValue("Retry-After").isPresent(),
                            seconds)
                    : new Reply(0, false, seconds);
        });
    }

    private static Outcome outcome(List<CompletableFuture<Reply>> replies)
            throws InterruptedException, TimeoutException {
        try {
            CompletableFuture.allOf(replies.toArray(CompletableFuture[]::new))
                    .get(LONGEST.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
        List<Reply> all = replies.stream().map(CompletableFuture::join).toList();
        double[] answered = all.stream()
                .filter(reply -> reply.status() == 200)
                .mapToDouble(Reply::seconds)
                .toArray();
        Arrays.sort(answered);
        List<Reply> refused = all.stream()
                .filter(reply -> reply.status() == 503 || reply.status() == 429)
                .toList();
        return new Outcome(
                answered,
                refused.size(),
                (int) refused.stream().filter(reply -> !reply.saysWhen()).count(),
                all.size() - answered.length - refused.size());
    }
}
