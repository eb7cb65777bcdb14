package dev.prag.retrieval;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.lucene.index.IndexReader;
import org.apache.lucene.index.LeafReader;
import org.apache.lucene.index.LeafReaderContext;

/**
 * What callers may read of the segments of an index, kept by segment and set of readers, so that a change of the corpus
 * costs no more than the segments it changes; the least recently used goes first.
 */
final class ReadableSegments {
    /** Memory for all, in bytes. */
    private static final long MOST_BYTES = 64L << 20;

    /** The segment as it was at one time, and the terms of which a readable passage has one. */
    private record Key(Object segment, Set<String> terms) {}

    /** In the order of use; guarded by this. */
    private final Map<Key, ReadableSegment> kept = new LinkedHashMap<>(16, 0.75f, true);

    private long bytes;

    /** What is readable of each segment of a reader, in their order. */
    List<ReadableSegment> of(IndexReader reader, Set<String> terms) throws IOException {
        List<ReadableSegment> segments = new ArrayList<>();
        for (LeafReaderContext leaf : reader.leaves()) {
            segments.add(of(leaf.reader(), terms));
        }
        return segments;
    }

    private ReadableSegment of(LeafReader leaf, Set<String> terms) throws IOException {
        IndexReader.CacheHelper helper = leaf.getReaderCacheHelper();
        if (helper == null) {
            return ReadableSegment.of(leaf, terms);
        }
        Key key = new Key(helper.getKey(), Set.copyOf(terms));
        synchronized (this) {
            ReadableSegment before = kept.get(key);
            if (before != null) {
                return before;
            }
        }
        ReadableSegment segment = ReadableSegment.of(leaf, terms);
        keep(key, segment);
        helper.addClosedListener(this::forget);
        return segment;
    }

    private synchronized void keep(Key key, ReadableSegment segment) {
        if (kept.putIfAbsent(key, segment) == null) {
            bytes += segment.bytes();
        }
        var eldest = kept.values().iterator();
        while (bytes > MOST_BYTES && kept.size() > 1) {
            bytes -= eldest.next().bytes();
            eldest.remove();
        }
    }

    private synchronized void forget(IndexReader.CacheKey segment) {
        kept.entrySet().removeIf(entry -> {
            boolean isIts = entry.getKey().segment().equals(segment);
            if (isIts) {
                bytes -= entry.getValue().bytes();
            }
            return isIts;
        });
    }
}
