package dev.prag.adapterstore;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An Infinispan Server, with TLS and authentication. */
class RemoteTierTest extends AdapterStoreContract {
    private static final String ID = "0123456789abcdef";
    private static InfinispanServer server;
    private static GuardedTier tier;

    @TempDir
    Path root;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        assumeTrue(InfinispanServer.isAvailable(), "the jars of Infinispan Server are not in target/infinispan-server");
        server = InfinispanServer.start(folder);
        tier = tier(server, InfinispanServer.PASSWORD, server.name());
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            tier.close();
            server.close();
        }
    }

    /** One that is open, if it can be. */
    static GuardedTier tier(InfinispanServer at, String password, String name) throws InterruptedException {
        GuardedTier tier = closed(at, password, name, "10s");
        tier.openBeside();
        tier.awaitQuiet();
        return tier;
    }

    private static GuardedTier closed(InfinispanServer at, String password, String name, String timeout) {
        Map<String, String> settings = new HashMap<>();
        settings.put("prag.hot.mode", "remote");
        settings.put("prag.hot.remote.servers", at.address());
        settings.put("prag.hot.remote.username", InfinispanServer.USER);
        settings.put("prag.hot.remote.password", password);
        settings.put("prag.hot.remote.sni", name);
        settings.put("prag.hot.remote.trust-store", at.certificate().toString());
        settings.put("prag.hot.timeout", timeout);
        return HotTiers.of(HotTiersTest.config(settings), Path.of("unused"), null);
    }

    @Override
    AdapterStore store() {
        return store(tier);
    }

    private AdapterStore store(GuardedTier over) {
        return new TieredAdapterStore(over, new FileAdapterStore(root), new TierMetrics(new SimpleMeterRegistry()));
    }

    @Test
    void whatOneProcessReadAnotherOneFinds() throws Exception {
        AdapterStore store = store();
        byte[] large = random(4 << 20);
        store.get(ID, store.put(ID, large));
        tier.awaitQuiet();
        GuardedTier other = tier(server, InfinispanServer.PASSWORD, server.name());
        assertArrayEquals(large, other.get(ID));
        store.delete(ID);
        assertNull(other.get(ID));
        other.close();
    }

    @Test
    void aWrongPasswordOrAWrongNameCostsNoRead() throws Exception {
        for (GuardedTier refused : new GuardedTier[] {
            tier(server, "another password", server.name()), tier(server, InfinispanServer.PASSWORD, "other.example")
        }) {
            AdapterStore store = store(refused);
            String checksum = store.put(ID, random(10));
            assertTrue(store.get(ID, checksum).isPresent());
            refused.awaitQuiet();
            assertNull(refused.get(ID));
            assertEquals(HotTier.Held.NOTHING, refused.held());
            refused.close();
        }
    }

    @Test
    void aServerThatGoesCostsNoRead(@TempDir Path folder) throws Exception {
        try (InfinispanServer own = InfinispanServer.start(folder)) {
            GuardedTier over = tier(own, InfinispanServer.PASSWORD, own.name());
            AdapterStore store = store(over);
            String checksum = store.put(ID, random(1000));
            store.get(ID, checksum);
            over.awaitQuiet();
            assertArrayEquals(random(1000), over.get(ID));
            own.close();
            for (int i = 0; i < 20; i++) {
                assertTrue(store.get(ID, checksum).isPresent());
            }
            assertTrue(store.delete(ID));
            over.close();
        }
    }

    /** Each read that it is asked for waits no longer than its time-out, and after a few it isn't asked any more. */
    @Test
    void aServerThatHangsDelaysAFewReadsAndFailsNone() throws Exception {
        Duration timeout = Duration.ofSeconds(1);
        GuardedTier over = closed(server, InfinispanServer.PASSWORD, server.name(), timeout.toMillis() + "ms");
        GuardedTier late = closed(server, InfinispanServer.PASSWORD, server.name(), timeout.toMillis() + "ms");
        AdapterStore store = store(over);
        String checksum = store.put(ID, random(1000));
        over.openBeside();
        over.awaitQuiet();
        store.get(ID, checksum);
        over.awaitQuiet();
        assertArrayEquals(random(1000), over.get(ID));
        server.hang();
        try {
            long start = System.nanoTime();
            for (int i = 0; i < 100; i++) {
                assertArrayEquals(random(1000), store.get(ID, checksum).orElseThrow());
            }
            // Three failures in a row, and room for a machine that is busy; unbounded it were a hundred time-outs.
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            assertTrue(took.compareTo(timeout.multipliedBy(20)) < 0, took::toString);

            // Who finds it hanging reads from below while it is tried to open.
            AdapterStore other = store(late);
            assertArrayEquals(random(1000), other.get(ID, checksum).orElseThrow());
            assertTrue(other.delete(ID));
        } finally {
            server.goOn();
            over.close();
            late.close();
        }
    }
}
