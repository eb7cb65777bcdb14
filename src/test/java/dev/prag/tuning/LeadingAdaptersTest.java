package dev.prag.tuning;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.adapterstore.Blobs;
import dev.prag.adapterstore.FileBlobs;
import dev.prag.lora.Adapter;
import dev.prag.lora.Adapter.LowRank;
import dev.prag.lora.Adapter.Target;
import dev.prag.lora.Projection;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeadingAdaptersTest {
    private static final Target DOWN = new Target(0, Projection.DOWN);

    @TempDir
    Path folder;

    private Blobs blobs;
    private LeadingAdapters leading;

    @BeforeEach
    void open() {
        blobs = new FileBlobs(folder);
        leading = new LeadingAdapters(blobs, "search.adapters");
    }

    private static Adapter adapter(float value) {
        LowRank update = new LowRank(new float[] {value, 1e-9f}, new float[] {-value});
        return new Adapter(1, 2, false, Map.of(DOWN, update));
    }

    private static float value(Adapter adapter) {
        return adapter.updates().get(DOWN).a()[0];
    }

    @Test
    void theyComeBackExactlyWithThoseThatAreMissing() {
        leading.keep("one", Arrays.asList(adapter(0.1f), null, adapter(0.3f)));
        List<Adapter> found = leading.find("one").orElseThrow();
        assertEquals(3, found.size());
        LowRank first = found.getFirst().updates().get(DOWN);
        assertArrayEquals(new float[] {0.1f, 1e-9f}, first.a());
        assertArrayEquals(new float[] {-0.1f}, first.b());
        assertNull(found.get(1));
        assertEquals(0.3f, value(found.get(2)));
    }

    @Test
    void thoseOfAnotherWayTakeTheirPlace() {
        new LeadingAdapters(blobs, "other.adapters").keep("one", List.of(adapter(0.9f)));
        leading.keep("one", List.of(adapter(0.1f)));
        leading.keep("two", List.of(adapter(0.2f)));
        assertTrue(leading.find("one").isEmpty());
        assertEquals(0.2f, value(leading.find("two").orElseThrow().getFirst()));
        leading.clear();
        assertTrue(leading.find("two").isEmpty());
        assertEquals(
                List.of("other.adapters.one.0", "other.adapters.one.passages"),
                blobs.list("").stream().map(Blobs.Blob::key).toList());
    }

    @Test
    void whatIsIncompleteOrDamagedIsTrainedAgain() {
        leading.keep("one", List.of(adapter(0.1f)));
        blobs.put("search.adapters.one.0", new byte[] {1, 2, 3});
        assertTrue(leading.find("one").isEmpty());
        blobs.delete("search.adapters.one.passages");
        assertTrue(leading.find("one").isEmpty());
        leading.keep("one", List.of(adapter(0.4f)));
        assertEquals(0.4f, value(leading.find("one").orElseThrow().getFirst()));
    }
}
