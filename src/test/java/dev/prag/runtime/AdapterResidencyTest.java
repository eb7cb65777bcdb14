package dev.prag.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.adapterstore.AdapterRef;
import dev.prag.base.UserException;
import dev.prag.lora.Adapter;
import dev.prag.lora.AdapterCodec;
import dev.prag.lora.AdapterSlab;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is on the device, how it got there, and why something isn't. */
class AdapterResidencyTest extends ResidencySetup {
    @Test
    void usersShareOneCopyAndTheLeastRecentlyUsedGoesFirst() {
        AdapterResidency.Handle first = acquire("a").orElseThrow();
        AdapterResidency.Handle second = acquire("a").orElseThrow();
        assertSame(first.adapter(), second.adapter());
        AdapterResidency.Handle b = acquire("b").orElseThrow();
        first.close();
        first.close();
        assertEquals(2, residency.inUse(), "closing twice counts once");
        second.close();
        AdapterResidency.Handle c = acquire("c").orElseThrow();
        b.close();
        c.close();
        acquire("b").orElseThrow().close();
        acquire("a").orElseThrow().close();
        assertSame(b.adapter(), acquire("b").orElseThrow().adapter(), "c was used longer ago");
        assertEquals(2, residency.size());
    }

    @Test
    void whatWasFetchedBeforehandIsThereWithoutALoad() {
        residency.prefetch(List.of(ref("a"), ref("lost")));
        assertEquals(1, residency.size());
        assertEquals(0, residency.inUse());
        onGet = id -> {
            throw new AssertionError("it is there");
        };
        assertOnDevice(acquire("a").orElseThrow());
    }

    @Test
    void whatTheDatabaseKnowsDecides() {
        AdapterRef known = ref("a");
        stored.put("a", stored.get("b"));
        assertEquals(
                AdapterAbsence.DAMAGED,
                residency.acquire(List.of(known)).getFirst().absence());
    }

    @Test
    void whatIsMeasured() {
        acquire(List.of("a", "b")).forEach(acquired -> acquired.orElseThrow().close());
        acquire("a").orElseThrow().close();
        acquire("c").orElseThrow().close();
        assertEquals(3, reads("miss"));
        assertEquals(1, reads("hit"));
        assertEquals(
                2.0 * Float.BYTES * AdapterSlab.footprint(adapter(shape, 0)),
                meters.get("prag.adapters.held").tag("tier", "device").gauge().value());
        assertEquals(1, meters.get("prag.adapters.evicted").functionCounter().count());
    }

    @Test
    void whatIsOnTheDeviceIsWhatWasStored() {
        try (AdapterResidency.Handle handle = acquire("b").orElseThrow()) {
            assertEquals("b", handle.id());
            assertOnDevice(handle);
        }
    }

    @Test
    void whatTheStoreDoesNotHaveIsMissingOrWasDamaged() {
        byte[] bytes = stored.remove("b");
        assertEquals(new Acquired(null, AdapterAbsence.MISSING, null), acquire("b"));
        damaged.add("b");
        assertEquals(new Acquired(null, AdapterAbsence.DAMAGED, null), acquire("b"));
        assertThrows(IllegalStateException.class, () -> acquire("b").orElseThrow());
        assertEquals(0, residency.size());
        stored.put("b", bytes);
        acquire("b").orElseThrow().close();
    }

    @Test
    void whatIsNoAdapterIsUnusable() {
        stored.put("bad", new byte[] {1, 2, 3});
        Acquired bad = acquire("bad");
        assertEquals(AdapterAbsence.UNUSABLE, bad.absence());
        assertTrue(bad.detail().contains("adapter bad"), bad.detail());
    }

    @Test
    void oneThatIsLargerThanAllTheRoom() {
        stored.put("large", AdapterCodec.encode(Adapter.initial(shape, 64, 4, TARGETS, 1), Map.of()));
        assertEquals(AdapterAbsence.TOO_LARGE, acquire("large").absence());
        try (AdapterResidency.Handle held = acquire("a").orElseThrow()) {
            assertEquals(AdapterAbsence.TOO_LARGE, acquire("large").absence());
            assertOnDevice(held);
        }
    }

    @Test
    void oneForAnotherModelIsUnusable() {
        stored.put("other", AdapterCodec.encode(adapter(shape(16), 1), Map.of()));
        Acquired other = acquire("other");
        assertEquals(AdapterAbsence.UNUSABLE, other.absence());
        assertTrue(other.detail().contains("another model"), other.detail());
        acquire("a").orElseThrow().close();
    }

    @Test
    void severalAtOnce() {
        List<Acquired> handles = acquire(List.of("a", "lost", "b", "a"));
        assertEquals(
                List.of("a", "", "b", "a"),
                handles.stream()
                        .map(acquired ->
                                acquired.isPresent() ? acquired.handle().id() : "")
                        .toList());
        assertSame(
                handles.getFirst().orElseThrow().adapter(),
                handles.getLast().orElseThrow().adapter());
        assertEquals(AdapterAbsence.MISSING, handles.get(1).absence());
        assertEquals(2, residency.inUse());
        handles.stream().filter(Acquired::isPresent).forEach(acquired -> acquired.handle()
                .close());
        assertEquals(0, residency.inUse());
        assertEquals(List.of(), acquire(List.of()));
    }

    @Test
    void oneThatIsUnusableKeepsNoOtherOut() {
        stored.put("other", AdapterCodec.encode(adapter(shape(16), 1), Map.of()));
        List<Acquired> acquired = acquire(List.of("a", "other", "b"));
        assertEquals(2, residency.inUse());
        assertEquals(AdapterAbsence.UNUSABLE, acquired.get(1).absence());
        acquired.get(0).handle().close();
        acquired.get(2).handle().close();
        assertEquals(0, residency.inUse());
    }

    @Test
    void ifTheProgramFailsAtOneOfSeveralNoneIsHeld() {
        onGet = id -> {
            if (id.equals("b")) {
                throw new IllegalStateException("a mistake");
            }
        };
        assertThrows(IllegalStateException.class, () -> acquire(List.of("a", "b")));
        assertEquals(0, residency.inUse());
        assertEquals(1, residency.size());
    }

    @Test
    void aFailureIsToldToAllWhoWaitAndTheNextOneTriesAgain() {
        onGet = id -> {
            throw new UserException(UserException.Kind.ENVIRONMENT, "the disk is gone");
        };
        for (Acquired acquired : acquire(List.of("a", "a"))) {
            assertEquals(
                    new Acquired(null, AdapterAbsence.UNREADABLE, null),
                    acquired,
                    "what the store says is for the log");
        }
        assertEquals(0, residency.inUse());
        onGet = id -> {};
        assertTrue(acquire("a").isPresent());
    }

    private long reads(String result) {
        return meters.get("prag.adapters.read")
                .tags("tier", "device", "result", result)
                .timer()
                .count();
    }
}
