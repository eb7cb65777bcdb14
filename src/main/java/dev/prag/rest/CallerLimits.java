package dev.prag.rest;

import dev.prag.access.Principal;
import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.local.LocalBucketBuilder;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * What each caller may use of this process: requests and tokens, in a minute and in a day, requests that are under way, and
 * bytes of documents in a day. A caller is a key, a person, or, where no login is on, an address. Tokens and bytes are
 * known afterwards: who has used more than there was waits until that is made up for.
 */
@Singleton
final class CallerLimits {
    /** Callers that are remembered; who was not heard of for longest begins anew. */
    static final int MOST_CALLERS = 10_000;

    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration DAY = Duration.ofDays(1);
    private static final long MIB = 1 << 20;

    private final Settings settings;
    /** The one that was not heard of for longest first. */
    private final Map<String, Usage> callers = new LinkedHashMap<>(16, 0.75f, true);

    /** Why a request isn't taken, and when it might be. */
    record Refusal(String detail, long seconds) {}

    /** The bounds; 0 is none. */
    private record Settings(
            int requestsPerMinute,
            int requestsPerDay,
            int tokensPerMinute,
            int tokensPerDay,
            int mebibytesPerDay,
            int underWay) {}

    @Inject
    CallerLimits(
            @ConfigProperty(name = "prag.limits.requests-per-minute", defaultValue = "0") int requestsPerMinute,
            @ConfigProperty(name = "prag.limits.requests-per-day", defaultValue = "0") int requestsPerDay,
            @ConfigProperty(name = "prag.limits.tokens-per-minute", defaultValue = "0") int tokensPerMinute,
            @ConfigProperty(name = "prag.limits.tokens-per-day", defaultValue = "0") int tokensPerDay,
            @ConfigProperty(name = "prag.limits.upload-mib-per-day", defaultValue = "0") int mebibytesPerDay,
            @ConfigProperty(name = "prag.limits.concurrent", defaultValue = "0") int underWay) {
        settings = new Settings(
                requestsPerMinute, requestsPerDay, tokensPerMinute, tokensPerDay, mebibytesPerDay, underWay);
    }

    /** Of one caller; a bucket is null where there is no bound. */
    private static final class Usage {
        private final Bucket requests;
        private final Bucket tokens;
        private final Bucket bytes;
        private final AtomicInteger underWay = new AtomicInteger();

        private Usage(Settings settings) {
            requests = bucket(settings.requestsPerMinute(), settings.requestsPerDay());
            tokens = bucket(settings.tokensPerMinute(), settings.tokensPerDay());
            bytes = bucket(0, settings.mebibytesPerDay() * MIB);
        }
    }

    private static Bucket bucket(long inAMinute, long inADay) {
        LocalBucketBuilder bucket = Bucket.builder();
        if (inAMinute > 0) {
            bucket.addLimit(bandwidth(inAMinute, MINUTE));
        }
        if (inADay > 0) {
            bucket.addLimit(bandwidth(inADay, DAY));
        }
        return inAMinute > 0 || inADay > 0 ? bucket.build() : null;
    }

    private static Bandwidth bandwidth(long most, Duration in) {
        return Bandwidth.builder().capacity(most).refillGreedy(most, in).build();
    }

    /** Takes a request into account, or says why it isn't taken. */
    Optional<Refusal> enter(RoutingContext request, Principal caller) {
        String path = Doors.plain(request);
        boolean asks = path.equals("/answers") || OpenAiErrors.concern(path);
        boolean uploads = path.startsWith("/documents")
                && request.request().method().name().equals("POST");
        Optional<Refusal> refused = enter(caller.name(), asks, uploads);
        if (refused.isEmpty()) {
            RequestGate.ended(request)
                    .thenRun(() ->
                            leave(caller.name(), uploads ? request.request().bytesRead() : 0));
        }
        return refused;
    }

    /** The same by the caller's name and what the request is about; {@link #leave} follows if it is taken. */
    Optional<Refusal> enter(String caller, boolean asks, boolean uploads) {
        Usage usage = usage(caller);
        if (asks && isSpent(usage.tokens)) {
            return refusal(usage.tokens, "the tokens that a caller may use");
        }
        if (uploads && isSpent(usage.bytes)) {
            return refusal(usage.bytes, "the bytes of documents that a caller may send in a day");
        }
        if (settings.underWay() > 0 && usage.underWay.get() >= settings.underWay()) {
            return Optional.of(new Refusal(
                    settings.underWay() + " requests of this caller are under way, which are the most; wait for one",
                    1));
        }
        if (usage.requests != null && !usage.requests.tryConsume(1)) {
            return refusal(usage.requests, "the requests that a caller may send");
        }
        usage.underWay.incrementAndGet();
        return Optional.empty();
    }

    /** A request is over. */
    void leave(String caller, long uploaded) {
        Usage usage = usage(caller);
        usage.underWay.decrementAndGet();
        if (uploaded > 0 && usage.bytes != null) {
            usage.bytes.consumeIgnoringRateLimits(uploaded);
        }
    }

    /** Counts what an answer took. */
    void answered(@Observes Answered answered) {
        used(
                answered.caller().name(),
                answered.answer().promptTokens() + answered.answer().tokens());
    }

    void used(String caller, int tokens) {
        Usage usage = usage(caller);
        if (usage.tokens != null && tokens > 0) {
            usage.tokens.consumeIgnoringRateLimits(tokens);
        }
    }

    private synchronized Usage usage(String name) {
        Usage usage = callers.computeIfAbsent(name, first -> new Usage(settings));
        if (callers.size() > MOST_CALLERS) {
            forgetOne(name);
        }
        return usage;
    }

    /** Whoever has requests under way is remembered: there are as many of those as there are connections. */
    private void forgetOne(String butNot) {
        Iterator<Map.Entry<String, Usage>> eldest = callers.entrySet().iterator();
        while (eldest.hasNext()) {
            Map.Entry<String, Usage> caller = eldest.next();
            if (caller.getValue().underWay.get() == 0 && !caller.getKey().equals(butNot)) {
                eldest.remove();
                return;
            }
        }
    }

    /** How many callers are remembered. */
    synchronized int remembered() {
        return callers.size();
    }

    private static boolean isSpent(Bucket bucket) {
        return bucket != null && bucket.getAvailableTokens() < 1;
    }

    private static Optional<Refusal> refusal(Bucket bucket, String what) {
        long nanos = bucket.estimateAbilityToConsume(1).getNanosToWaitForRefill();
        long seconds = Math.max(1, TimeUnit.NANOSECONDS.toSeconds(nanos) + 1);
        return Optional.of(new Refusal(what + " are used up; try again in " + seconds + " s", seconds));
    }
}
