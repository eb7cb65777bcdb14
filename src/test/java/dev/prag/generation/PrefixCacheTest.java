package dev.prag.generation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.prag.llm.ModelFolder;
import dev.prag.lora.AdapterSlab;
import dev.prag.lora.Composition;
import dev.prag.lora.PeftFolder;
import dev.prag.lora.ResidentAdapter;
import dev.prag.tensor.plain.PlainDevice;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Blocks of four positions. */
class PrefixCacheTest {
    private static final Composition NONE = Composition.NONE;

    private static int[] prompt(int length) {
        return IntStream.range(0, length).toArray();
    }

    /** Takes the blocks for a prompt and one token more, and writes those of the prompt. */
    private static BlockTable compute(PrefixCache cache, Composition composition, int[] prompt) {
        BlockTable table = cache.take(composition, prompt, prompt.length - 1, prompt.length);
        table.written(prompt.length);
        return table;
    }

    private static int readable(PrefixCache cache, Composition composition, int[] prompt) {
        BlockTable table = cache.take(composition, prompt, prompt.length - 1, prompt.length);
        int readable = table.readable(0);
        cache.give(table);
        return readable;
    }

    @Test
    void wholeBlocksOfAPromptAreShared() {
        PrefixCache cache = new PrefixCache(10, 4);
        BlockTable first = compute(cache, NONE, prompt(11));
        BlockTable second = cache.take(NONE, prompt(14), 13, 14);
        assertEquals(8, second.readable(0));
        assertArrayEquals(Arrays.copyOf(first.places(), 2), Arrays.copyOf(second.places(), 2));
        assertNotEquals(first.places()[2], second.places()[2]);
        assertEquals(10 - 3 - 2, cache.available());
        cache.give(first);
        cache.give(second);
        assertEquals(10, cache.available());
        assertEquals(8, readable(cache, NONE, prompt(11)));
    }

    /** The row of the last token is computed in any case, because the next token is chosen from it. */
    @Test
    void theLastTokenIsNotShared() {
        PrefixCache cache = new PrefixCache(10, 4);
        cache.give(compute(cache, NONE, prompt(8)));
        assertEquals(4, readable(cache, NONE, prompt(8)));
        assertEquals(4, readable(cache, NONE, prompt(5)));
        assertEquals(0, readable(cache, NONE, prompt(4)));
    }

    @Test
    void whatStandsBeforeABlockBelongsToIt() {
        PrefixCache cache = new PrefixCache(10, 4);
        cache.give(compute(cache, NONE, prompt(13)));
        int[] other = prompt(13);
        other[1] = 77;
        assertEquals(0, readable(cache, NONE, other));
        int[] later = prompt(13);
        later[6] = 77;
        assertEquals(4, readable(cache, NONE, later));
    }

    @Test
    void nothingIsSharedBetweenCompositions() {
        PrefixCache cache = new PrefixCache(20, 4);
        FakeModel.FakeAdapter a = new FakeModel.FakeAdapter(1);
        FakeModel.FakeAdapter b = new FakeModel.FakeAdapter(1);
        List<Composition> different = List.of(
                NONE,
                of(new Composition.Term(a, 1)),
                of(new Composition.Term(a, 0.5f)),
                of(new Composition.Term(b, 1)),
                of(new Composition.Term(a, 1), new Composition.Term(b, 1)),
                of(new Composition.Term(b, 1), new Composition.Term(a, 1)));
        for (Composition composition : different) {
            assertEquals(0, readable(cache, composition, prompt(9)));
            cache.give(compute(cache, composition, prompt(9)));
        }
        for (Composition composition : different) {
            assertEquals(8, readable(cache, new Composition(composition.terms()), prompt(9)));
        }
    }

    private static Composition of(Composition.Term... terms) {
        return new Composition(List.of(terms));
    }

    /** Its place in the slab is the same one, the adapter isn't. */
    @Test
    void anAdapterThatIsLoadedAgainIsAnotherOne() {
        Path model = Path.of("src/test/resources/reference/tiny-llama-3.1");
        var shape = ModelFolder.open(model).config().decoderShape();
        var adapter = PeftFolder.read(model.resolve("golden/adapter-0"), shape);
        PrefixCache cache = new PrefixCache(20, 4);
        try (PlainDevice device = new PlainDevice();
                AdapterSlab slab = new AdapterSlab(device, shape, AdapterSlab.footprint(adapter))) {
            ResidentAdapter before = slab.load(adapter);
            cache.give(compute(cache, of(new Composition.Term(before, 1)), prompt(9)));
            assertEquals(8, readable(cache, of(new Composition.Term(before, 1)), prompt(9)));
            before.close();
            try (ResidentAdapter after = slab.load(adapter)) {
                assertEquals(0, readable(cache, of(new Composition.Term(after, 1)), prompt(9)));
            }
        }
    }

    @Test
    void theLeastRecentlyUsedGoesFirstAndItsContinuationBeforeIt() {
        PrefixCache cache = new PrefixCache(6, 4);
        int[] other = new int[9];
        cache.give(compute(cache, NONE, prompt(9)));
        cache.give(compute(cache, NONE, other));
        assertEquals(8, readable(cache, NONE, prompt(9)));
        assertEquals(4, cache.cached());
        // Three blocks that are shared with nobody: two are free, so one has to go.
        BlockTable large = cache.take(NONE, new int[] {5}, 0, 12);
        assertEquals(3, cache.cached());
        assertEquals(3, cache.available());
        cache.give(large);
        assertEquals(4, readable(cache, NONE, other));
        assertEquals(8, readable(cache, NONE, prompt(9)));
    }

    @Test
    void blocksInUseAreNeverTaken() {
        PrefixCache cache = new PrefixCache(5, 4);
        BlockTable first = compute(cache, NONE, prompt(9));
        assertNull(cache.take(NONE, new int[] {5}, 0, 12));
        // Needs two of its own beside the two that it shares.
        BlockTable second = cache.take(NONE, prompt(9), 8, 16);
        assertEquals(0, cache.available());
        cache.give(first);
        assertEquals(1, cache.available());
        // A table that shares all but one block fits where another of its length doesn't.
        assertNull(cache.take(NONE, new int[12], 11, 12));
        cache.give(cache.take(NONE, prompt(9), 8, 12));
        cache.give(second);
        assertEquals(5, cache.available());
    }

    /** What is found unused can't make room for the rest of the same sequence. */
    @Test
    void aSequenceDoesNotEvictWhatItFound() {
        PrefixCache cache = new PrefixCache(3, 4);
        cache.give(compute(cache, NONE, prompt(9)));
        assertEquals(2, cache.cached());
        BlockTable blocks = cache.take(NONE, prompt(9), 8, 12);
        assertEquals(3, Arrays.stream(blocks.places()).distinct().count());
        assertEquals(8, blocks.readable(0));
        cache.give(blocks);
        assertNull(cache.take(NONE, prompt(9), 8, 16));
        assertEquals(8, readable(cache, NONE, prompt(9)));
    }

    @Test
    void oneWritesAndTheOthersWait() {
        PrefixCache cache = new PrefixCache(20, 4);
        BlockTable first = cache.take(NONE, prompt(13), 12, 13);
        BlockTable second = cache.take(NONE, prompt(15), 14, 15);
        assertEquals(13, first.claim(0, 13));
        assertEquals(0, second.claim(0, 15));
        first.written(6);
        assertEquals(4, second.readable(0));
        assertEquals(0, second.claim(4, 15));
        // The first one leaves with a block half written: the second computes it whole.
        cache.give(first);
        assertEquals(4, second.readable(4));
        assertEquals(11, second.claim(4, 15));
        second.written(15);
        assertEquals(12, readable(cache, NONE, prompt(13)));
        cache.give(second);
        assertEquals(20, cache.available());
    }

    @Test
    void whatNobodyHasWrittenIsForgotten() {
        PrefixCache cache = new PrefixCache(20, 4);
        BlockTable first = cache.take(NONE, prompt(13), 12, 13);
        first.written(5);
        cache.give(first);
        assertEquals(1, cache.cached());
        assertEquals(20, cache.available());
        assertEquals(4, readable(cache, NONE, prompt(13)));
    }
}
