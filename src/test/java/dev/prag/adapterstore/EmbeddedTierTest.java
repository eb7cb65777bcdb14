package dev.prag.adapterstore;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Infinispan in this process alone. */
class EmbeddedTierTest extends AdapterStoreContract {
    private static final Duration LONG = Duration.ofHours(1);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int SIZE = 300_000;

    @TempDir
    Path root;

    private GuardedTier tier;

    @Override
    AdapterStore store() {
        tier = new GuardedTier(() -> EmbeddedTier.local(1, LONG, TIMEOUT, null), false);
        tier.openBeside();
        assertTrue(isQuiet());
        return new TieredAdapterStore(
                tier, new FileAdapterStore(root.resolve("durable")), new TierMetrics(new SimpleMeterRegistry()));
    }

    private boolean isQuiet() {
        try {
            tier.awaitQuiet();
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }

    @AfterEach
    void close() {
        if (tier != null) {
            tier.close();
        }
    }

    @Test
    void whatIsReadIsKeptInMemory() throws Exception {
        AdapterStore store = store();
        String checksum = store.put("aaaaaaaa", random(SIZE));
        store.get("aaaaaaaa", checksum);
        tier.awaitQuiet();
        assertArrayEquals(random(SIZE), tier.get("aaaaaaaa"));
        assertTrue(tier.held().bytes() >= SIZE);
        store.delete("aaaaaaaa");
        assertTrue(tier.held().bytes() < SIZE, "the table of keys is all that is left");
    }

    @Test
    void memoryIsBounded() throws Exception {
        try (HotTier local = EmbeddedTier.local(1, LONG, TIMEOUT, null)) {
            for (int i = 0; i < 10; i++) {
                local.put("id" + i, random(SIZE));
                assertTrue(local.held().bytes() <= 1 << 20, local.held()::toString);
            }
            assertTrue(local.held().evictions() >= 7, local.held()::toString);
            int there = 0;
            for (int i = 0; i < 10; i++) {
                there += local.get("id" + i) == null ? 0 : 1;
            }
            assertTrue(there >= 2 && there <= 3, there + " of 10");
        }
    }

    @Test
    void whatMemoryHasNoRoomForGoesToDiskIfThatIsAsked() throws Exception {
        Path folder = root.resolve("hot");
        for (int time = 0; time < 2; time++) {
            try (HotTier local = EmbeddedTier.local(1, LONG, TIMEOUT, PassivationFolder.of(folder))) {
                assertEquals(null, local.get("id0"), "it begins empty");
                assertThrows(IOException.class, () -> PassivationFolder.of(folder), "it is of one process");
                for (int i = 0; i < 10; i++) {
                    local.put("id" + i, random(SIZE + i));
                }
                for (int i = 0; i < 10; i++) {
                    assertArrayEquals(random(SIZE + i), local.get("id" + i), "id" + i);
                }
                assertTrue(local.held().bytes() <= 1 << 20);
                local.remove("id0");
                assertEquals(null, local.get("id0"));
            }
        }
        assertTrue(Files.exists(folder.resolve("passivated")));
    }

    @Test
    void anAdapterThatWentToDiskIsReadFromThere() throws Exception {
        FileAdapterStore durable = new FileAdapterStore(root.resolve("durable"));
        tier = new GuardedTier(
                () -> EmbeddedTier.local(1, LONG, TIMEOUT, PassivationFolder.of(root.resolve("hot"))), false);
        tier.openBeside();
        tier.awaitQuiet();
        AdapterStore store = new TieredAdapterStore(tier, durable, new TierMetrics(new SimpleMeterRegistry()));
        Map<String, String> checksums = new LinkedHashMap<>();
        for (int i = 0; i < 10; i++) {
            String id = "aaaaaaa" + i;
            checksums.put(id, store.put(id, random(SIZE + i)));
            store.get(id, checksums.get(id));
            tier.awaitQuiet();
        }
        assertTrue(tier.held().bytes() <= 1 << 20, "memory has room for three");
        checksums.keySet().forEach(durable::delete);
        int i = 0;
        for (String id : checksums.keySet()) {
            assertArrayEquals(
                    random(SIZE + i++), store.get(id, checksums.get(id)).orElseThrow(), id);
        }
    }

    @Test
    void whatIsTooOldGoes() throws Exception {
        try (HotTier local = EmbeddedTier.local(1, Duration.ofMillis(1), TIMEOUT, null)) {
            local.put("aaaaaaaa", random(10));
            while (local.get("aaaaaaaa") != null) {
                Thread.onSpinWait();
            }
        }
    }
}
