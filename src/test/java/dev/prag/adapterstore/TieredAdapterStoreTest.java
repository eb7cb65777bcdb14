package dev.prag.adapterstore;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.base.UserException;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a hot tier adds, and what its failures don't take away; the tier is made up. */
class TieredAdapterStoreTest {
    private static final String ID = "0123456789abcdef";

    @TempDir
    Path root;

    private final Map<String, byte[]> hot = new ConcurrentHashMap<>();
    private final AtomicInteger opened = new AtomicInteger();
    private final AtomicInteger readBelow = new AtomicInteger();
    private final MeterRegistry meters = new SimpleMeterRegistry();
    private CountDownLatch mayOpen = new CountDownLatch(0);
    private volatile boolean fails;
    private volatile Consumer<String> onReadBelow = id -> {};
    private FileAdapterStore files;
    private GuardedTier tier;
    private AdapterStore store;

    @BeforeEach
    void tiers() {
        files = new FileAdapterStore(root);
        tier = new GuardedTier(
                () -> {
                    mayOpen.await();
                    opened.incrementAndGet();
                    return new MadeUp();
                },
                false);
        store = new TieredAdapterStore(tier, below(), new TierMetrics(meters));
    }

    @Test
    void whoReadsFirstDoesNotWaitForTheTierToOpen() throws Exception {
        mayOpen = new CountDownLatch(1);
        assertEquals(0, opened.get(), "nothing is opened that nobody asks");
        String checksum = store.put(ID, AdapterStoreContract.random(10));
        assertEquals(0, opened.get());
        assertTrue(store.get(ID, checksum).isPresent());
        assertTrue(hot.isEmpty(), "it is not open yet");
        mayOpen.countDown();
        tier.awaitQuiet();
        assertEquals(1, opened.get());
        assertTrue(hot.containsKey(ID), "what was read meanwhile is put once it is");
    }

    @Test
    void whatWasReadComesFromTheHotTier() throws Exception {
        String checksum = warm();
        int before = readBelow.get();
        assertSame(hot.get(ID), store.get(ID, checksum).orElseThrow());
        assertEquals(before, readBelow.get());
        assertEquals(1, reads("hot", "hit"));
        assertEquals(1, reads("hot", "miss"));
        assertEquals(1, reads("durable", "hit"));
        assertEquals(
                10.0,
                meters.get("prag.adapters.held").tag("tier", "hot").gauge().value());
    }

    @Test
    void aCopyThatIsDamagedOrOldIsThrownOut() throws Exception {
        String checksum = warm();
        hot.put(ID, AdapterStoreContract.random(11));
        assertArrayEquals(
                AdapterStoreContract.random(10), store.get(ID, checksum).orElseThrow());
        tier.awaitQuiet();
        assertArrayEquals(AdapterStoreContract.random(10), hot.get(ID));

        String newer = store.put(ID, AdapterStoreContract.random(12));
        assertArrayEquals(AdapterStoreContract.random(12), store.get(ID, newer).orElseThrow());
        tier.awaitQuiet();
        assertTrue(store.get(ID, checksum).isEmpty(), "nobody has the old one");
    }

    @Test
    void whatIsMissingIsAskedForAgain() throws Exception {
        warm();
        String checksum = files.put("aaaaaaaa", AdapterStoreContract.random(20));
        files.delete("aaaaaaaa");
        assertTrue(store.get("aaaaaaaa", checksum).isEmpty());
        files.put("aaaaaaaa", AdapterStoreContract.random(20));
        assertTrue(store.get("aaaaaaaa", checksum).isPresent());
    }

    @Test
    void manyWhoWantTheSameReadItOnce() throws Exception {
        String checksum = warm();
        hot.clear();
        int before = readBelow.get();
        CountDownLatch goOn = new CountDownLatch(1);
        onReadBelow = id -> {
            try {
                goOn.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        };
        List<FutureTask<Optional<byte[]>>> readers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            FutureTask<Optional<byte[]>> reader = new FutureTask<>(() -> store.get(ID, checksum));
            Thread thread = Thread.ofVirtual().start(reader);
            while (thread.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
            readers.add(reader);
        }
        goOn.countDown();
        byte[] first = readers.getFirst().get().orElseThrow();
        for (FutureTask<Optional<byte[]>> reader : readers) {
            assertSame(first, reader.get().orElseThrow());
        }
        assertEquals(before + 1, readBelow.get());
    }

    @Test
    void aFailureBelowIsToldToAllAndNotKept() throws Exception {
        String checksum = warm();
        hot.clear();
        onReadBelow = id -> {
            throw new UserException(UserException.Kind.ENVIRONMENT, "the disk is gone");
        };
        assertThrows(UserException.class, () -> store.get(ID, checksum));
        onReadBelow = id -> {};
        assertTrue(store.get(ID, checksum).isPresent());
    }

    @Test
    void whatIsDeletedIsGoneFromAllTiers() throws Exception {
        String checksum = warm();
        assertTrue(store.delete(ID));
        assertTrue(hot.isEmpty());
        assertTrue(store.get(ID, checksum).isEmpty());
    }

    @Test
    void whatIsDeletedWhileItIsReadLeavesNoCopy() throws Exception {
        String checksum = warm();
        hot.clear();
        onReadBelow = id -> {};
        AtomicInteger once = new AtomicInteger();
        onReadBelow = id -> {
            if (once.getAndIncrement() == 0) {
                // After the bytes were read: the copy comes later than the deletion.
                afterRead = () -> store.delete(ID);
            }
        };
        assertTrue(store.get(ID, checksum).isPresent());
        tier.awaitQuiet();
        assertTrue(hot.isEmpty());
    }

    @Test
    void aTierThatFailsCostsNoReadAndIsLeftAloneForAWhile() throws Exception {
        String checksum = warm();
        fails = true;
        for (int i = 0; i < 10; i++) {
            assertTrue(store.get(ID, checksum).isPresent());
        }
        tier.awaitQuiet();
        fails = false;
        assertNull(tier.get(ID), "it is not asked");
        assertTrue(store.delete(ID), "and keeps nothing from being deleted");
    }

    @Test
    void aTierThatCannotBeOpenedCostsNoRead() throws Exception {
        AtomicInteger tries = new AtomicInteger();
        GuardedTier none = new GuardedTier(
                () -> {
                    tries.incrementAndGet();
                    throw new IllegalStateException("the port is taken");
                },
                true);
        AdapterStore over = new TieredAdapterStore(none, files, new TierMetrics(meters));
        String checksum = over.put(ID, AdapterStoreContract.random(10));
        for (int i = 0; i < 5; i++) {
            assertTrue(over.get(ID, checksum).isPresent());
            none.awaitQuiet();
        }
        assertTrue(over.delete(ID));
        assertEquals(1, tries.get(), "not again at once");
    }

    @Test
    void itIsTriedAgainAfterAWhile() throws Exception {
        AtomicInteger tries = new AtomicInteger();
        GuardedTier late = new GuardedTier(
                () -> {
                    if (tries.incrementAndGet() < 3) {
                        throw new IllegalStateException("nobody is there yet");
                    }
                    return new MadeUp();
                },
                true,
                Duration.ofMillis(1));
        hot.put(ID, AdapterStoreContract.random(10));
        while (late.get(ID) == null) {
            late.awaitQuiet();
        }
        assertEquals(3, tries.get());
        fails = true;
        for (int i = 0; i < 10; i++) {
            assertNull(late.get(ID));
        }
        fails = false;
        while (late.get(ID) == null) {
            Thread.onSpinWait();
        }
    }

    @Test
    void whatIsDeletedIsLookedForWhereOthersMayHavePutIt() {
        GuardedTier unopened = new GuardedTier(MadeUp::new, true);
        AdapterStore over = new TieredAdapterStore(unopened, files, new TierMetrics(meters));
        over.put(ID, AdapterStoreContract.random(10));
        hot.put(ID, AdapterStoreContract.random(10));
        assertTrue(over.delete(ID));
        assertTrue(hot.isEmpty());
    }

    @Test
    void withoutOneAllComesFromBelow() {
        AdapterStore over = new TieredAdapterStore(GuardedTier.off(), files, new TierMetrics(meters));
        String checksum = over.put(ID, AdapterStoreContract.random(10));
        assertTrue(over.get(ID, checksum).isPresent());
        assertTrue(over.delete(ID));
        assertFalse(over.get(ID, checksum).isPresent());
    }

    /** Stored, and in the hot tier. */
    private String warm() throws InterruptedException {
        store.open();
        tier.awaitQuiet();
        String checksum = store.put(ID, AdapterStoreContract.random(10));
        store.get(ID, checksum);
        tier.awaitQuiet();
        assertTrue(hot.containsKey(ID));
        return checksum;
    }

    private long reads(String of, String result) {
        return meters.get("prag.adapters.read")
                .tags("tier", of, "result", result)
                .timer()
                .count();
    }

    private volatile Runnable afterRead = () -> {};

    private AdapterStore below() {
        return new AdapterStore() {
            @Override
            public String put(String id, byte[] bytes) {
                return files.put(id, bytes);
            }

            @Override
            public Optional<byte[]> get(String id) {
                readBelow.incrementAndGet();
                onReadBelow.accept(id);
                Optional<byte[]> read = files.get(id);
                Runnable then = afterRead;
                afterRead = () -> {};
                then.run();
                return read;
            }

            @Override
            public Optional<Stat> stat(String id) {
                return files.stat(id);
            }

            @Override
            public boolean delete(String id) {
                return files.delete(id);
            }

            @Override
            public List<Entry> list() {
                return files.list();
            }

            @Override
            public String claim(String corpusId) {
                return files.claim(corpusId);
            }
        };
    }

    private final class MadeUp implements HotTier {
        @Override
        public byte[] get(String id) throws TimeoutException {
            mayFail();
            return hot.get(id);
        }

        @Override
        public void put(String id, byte[] bytes) throws TimeoutException {
            mayFail();
            hot.put(id, bytes);
        }

        @Override
        public void remove(String id) throws TimeoutException {
            mayFail();
            hot.remove(id);
        }

        private void mayFail() throws TimeoutException {
            if (fails) {
                throw new TimeoutException();
            }
        }

        @Override
        public Held held() {
            return new Held(
                    hot.values().stream().mapToLong(bytes -> bytes.length).sum(), 0);
        }

        @Override
        public void close() {
            hot.clear();
        }
    }
}
