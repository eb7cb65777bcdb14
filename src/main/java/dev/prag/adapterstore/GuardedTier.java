package dev.prag.adapterstore;

import dev.failsafe.CircuitBreaker;
import dev.prag.adapterstore.HotTier.Held;
import dev.prag.base.ExceptionNames;
import dev.prag.base.IoReason;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/**
 * A hot tier of which no failure reaches anybody: what it can't do is left to the tier below. Opened beside whoever asks
 * first, who doesn't wait for it; after some failures in a row nobody asks it for a while, which the log says once.
 */
final class GuardedTier implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(GuardedTier.class.getName());
    private static final int FAILURES = 3;
    private static final Duration PAUSE = Duration.ofSeconds(10);
    /** Copies that are being put at the same time; what comes on top is put when it is asked for again. */
    private static final int PUTS = 4;

    private final Callable<HotTier> opener;
    private final boolean shared;
    private final CircuitBreaker<Object> breaker;
    private final Semaphore puts = new Semaphore(PUTS);

    private volatile HotTier tier;
    private boolean opening;
    private boolean told;
    private volatile boolean closed;

    /**
     * @param opener makes the tier
     * @param shared whether copies may be there that this process didn't put: what is deleted has to be looked for
     *     there even if nobody has asked for anything yet
     */
    GuardedTier(Callable<HotTier> opener, boolean shared) {
        this(opener, shared, PAUSE);
    }

    /** @param pause how long nobody asks it after failures */
    GuardedTier(Callable<HotTier> opener, boolean shared, Duration pause) {
        this.opener = opener;
        this.shared = shared;
        this.breaker = CircuitBreaker.builder()
                .withFailureThreshold(FAILURES)
                .withDelay(pause)
                .onClose(event -> LOG.log(System.Logger.Level.INFO, "the hot tier of adapters answers again"))
                .build();
    }

    /** None: nothing is kept. */
    static GuardedTier off() {
        return new GuardedTier(null, false);
    }

    boolean isOn() {
        return opener != null;
    }

    /** Whether copies may be there that this process didn't put. */
    boolean isShared() {
        return shared;
    }

    boolean isOpen() {
        return tier != null && !closed;
    }

    /** Whether it is open, or is being opened: copies may be put. */
    synchronized boolean takes() {
        return opening || isOpen();
    }

    /** The bytes kept under the id; null where there are none, or it can't be asked. */
    byte[] get(String id) {
        HotTier open = tier;
        if (open == null) {
            openBeside();
            return null;
        }
        return call(() -> open.get(id));
    }

    /**
     * Puts a copy, beside the caller; while the tier is being opened, once it is.
     *
     * @param isWanted asked after the put: if the adapter was deleted meanwhile, the copy goes again
     */
    void putBeside(String id, byte[] bytes, BooleanSupplier isWanted) {
        if (!takes() || !puts.tryAcquire()) {
            return;
        }
        Thread.ofVirtual().name("prag-hot-put").start(() -> {
            try {
                awaitOpened();
                put(id, bytes, isWanted);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                puts.release();
            }
        });
    }

    private void put(String id, byte[] bytes, BooleanSupplier isWanted) {
        HotTier open = tier;
        if (open == null) {
            return;
        }
        call(() -> {
            open.put(id, bytes);
            return null;
        });
        if (!isWanted.getAsBoolean()) {
            remove(id);
        }
    }

    /** Takes it out everywhere, as far as that can be done now; the rest goes when its time is over. */
    void remove(String id) {
        if (tier == null && shared) {
            // Not on this thread, which may be in a transaction of the database where members of a cluster are found.
            openBeside();
            try {
                awaitOpened();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
        HotTier from = tier;
        if (from != null) {
            call(() -> {
                from.remove(id);
                return null;
            });
        }
    }

    Held held() {
        HotTier open = tier;
        return open == null || closed ? Held.NOTHING : open.held();
    }

    private <T> T call(Callable<T> call) {
        if (closed || !breaker.tryAcquirePermit()) {
            return null;
        }
        try {
            T result = call.call();
            breaker.recordSuccess();
            return result;
        } catch (InterruptedException e) {
            breaker.recordSuccess();
            Thread.currentThread().interrupt();
            return null;
        } catch (Exception e) {
            boolean answered = breaker.isClosed();
            breaker.recordException(e);
            if (answered && breaker.isOpen() && !closed) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "the hot tier of adapters doesn''t answer ({0}); they are read from the store until it does",
                        reason(e));
            }
            return null;
        }
    }

    /** Opens it on a thread of its own, unless somebody is at it. */
    void openBeside() {
        synchronized (this) {
            boolean paused = breaker.isOpen() && breaker.getRemainingDelay().isPositive();
            if (!isOn() || opening || tier != null || closed || paused) {
                return;
            }
            opening = true;
        }
        Thread.ofPlatform().daemon().name("prag-hot").start(() -> {
            try {
                open();
            } finally {
                synchronized (this) {
                    opening = false;
                    notifyAll();
                }
            }
        });
    }

    private void open() {
        synchronized (breaker) {
            if (tier == null && !closed && breaker.tryAcquirePermit()) {
                try {
                    tier = opener.call();
                    breaker.recordSuccess();
                } catch (Exception | LinkageError e) {
                    breaker.open();
                    if (!told) {
                        told = true;
                        LOG.log(
                                System.Logger.Level.WARNING,
                                "the hot tier of adapters can''t be opened ({0}); they are read from the store until it"
                                        + " can, which is tried again and again",
                                reason(e));
                    }
                }
            }
        }
    }

    private static String reason(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null && cause.getCause() != cause) {
            cause = cause.getCause();
        }
        return switch (cause) {
            case TimeoutException slow -> "it took too long";
            case IOException io -> IoReason.of(io);
            default -> cause.getMessage() == null ? cause.toString() : inWords(cause.getMessage());
        };
    }

    /** A server's own words: the first line of what it reports, without the names of its exceptions. */
    private static String inWords(String message) {
        return ExceptionNames.without(message.lines().findFirst().orElse(message));
    }

    private synchronized void awaitOpened() throws InterruptedException {
        while (opening) {
            wait();
        }
    }

    /** Waits until nobody opens it and nothing is being put. */
    void awaitQuiet() throws InterruptedException {
        awaitOpened();
        puts.acquire(PUTS);
        puts.release(PUTS);
    }

    @Override
    public void close() {
        closed = true;
        synchronized (breaker) {
            if (tier != null) {
                tier.close();
            }
        }
    }
}
