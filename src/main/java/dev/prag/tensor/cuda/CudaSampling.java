package dev.prag.tensor.cuda;

import dev.prag.tensor.SamplingRow;
import dev.prag.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** The best tokens, and the choice of the next; see src/main/cuda/sampling.cu. */
final class CudaSampling {
    private static final String FAMILY = "sampling";

    /** As in sampling.cu. */
    private static final int CHUNK = 4096;

    private static final int SCAN_THREADS = 256;
    private static final int THREADS = 1024;
    private static final int CHUNK_BYTES = 16;
    private static final int ROW_BYTES = 40;

    /** Rows that are chosen from at once: each needs a key and two candidates for every token. */
    private static final int ROWS_AT_ONCE = 64;

    private static final int KEY_BYTES = 4;
    private static final int CANDIDATE_BYTES = 8;

    /** Room for seen ids at least: they become more with every step. */
    private static final int FEWEST_SEEN = 1024;

    private final Core core;
    private final Room chunks;
    private final Room work;

    CudaSampling(Core core) {
        this.core = core;
        chunks = new Room(core.pool());
        work = new Room(core.pool());
    }

    void topK(Tensor ids, Tensor logProbabilities, Tensor logits) {
        for (int from = 0; from < logits.rows(); from += ROWS_AT_ONCE) {
            int count = Math.min(ROWS_AT_ONCE, logits.rows() - from);
            best(ids.rows(from, count), logProbabilities.rows(from, count), logits.rows(from, count));
        }
    }

    private void best(Tensor ids, Tensor logProbabilities, Tensor logits) {
        int rows = logits.rows();
        int columns = logits.cols();
        long found = found(logits);
        long keys = work.atLeast((long) rows * columns * (KEY_BYTES + CANDIDATE_BYTES));
        scan(logits, columns, found, keys, 0, 0, 0);
        core.launch(FAMILY, "top_k")
                .grid(rows)
                .block(THREADS)
                .pointer(core.out(ids))
                .pointer(core.out(logProbabilities))
                .pointer(found)
                .integer(chunks(columns))
                .pointer(keys)
                .pointer(keys + (long) rows * columns * KEY_BYTES)
                .pointer(Core.at(logits))
                .integer(columns)
                .integer(ids.cols())
                .go();
    }

    void sample(Tensor ids, Tensor logProbabilities, Tensor logits, int vocab, List<SamplingRow> choices) {
        for (int from = 0; from < logits.rows(); from += ROWS_AT_ONCE) {
            int count = Math.min(ROWS_AT_ONCE, logits.rows() - from);
            choose(
                    ids.rows(from, count),
                    logProbabilities.rows(from, count),
                    logits.rows(from, count),
                    vocab,
                    choices.subList(from, from + count));
        }
    }

    private void choose(Tensor ids, Tensor logProbabilities, Tensor logits, int vocab, List<SamplingRow> choices) {
        int drawn = (int) choices.stream().filter(row -> row.temperature() > 0).count();
        long found = found(logits);
        long slots = drawn == 0 ? 0 : Buckets.doubled(drawn);
        long keys = slots == 0 ? 0 : work.atLeast(slots * vocab * (KEY_BYTES + CANDIDATE_BYTES));
        long candidates = slots == 0 ? 0 : keys + slots * vocab * KEY_BYTES;
        Metadata metadata = core.queue().metadata();
        long rows = rows(metadata, choices);
        long seen = seen(metadata, choices);
        long masks = masks(metadata, choices, vocab);
        scan(logits, vocab, found, keys, rows, seen, masks);
        core.launch(FAMILY, "sample_choose")
                .grid(logits.rows())
                .block(THREADS)
                .pointer(core.out(ids))
                .pointer(core.out(logProbabilities))
                .pointer(found)
                .integer(chunks(logits.cols()))
                .pointer(keys)
                .pointer(candidates)
                .pointer(Core.at(logits))
                .pointer(rows)
                .integer(logits.cols())
                .integer(vocab)
                .go();
    }

    private static int chunks(int columns) {
        return Math.ceilDiv(columns, CHUNK);
    }

    /** Where the chunks' bests go. */
    private long found(Tensor logits) {
        return chunks.atLeast((long) Buckets.doubled(logits.rows()) * chunks(logits.cols()) * CHUNK_BYTES);
    }

    private void scan(Tensor logits, int vocab, long found, long keys, long rows, long seen, long masks) {
        core.launch(FAMILY, "sample_scan")
                .grid(logits.rows(), chunks(logits.cols()))
                .block(SCAN_THREADS)
                .pointer(found)
                .pointer(keys)
                .pointer(Core.at(logits))
                .pointer(rows)
                .pointer(seen)
                .pointer(masks)
                .integer(logits.cols())
                .integer(vocab)
                .go();
    }

    // ---- tables ----

    /** The ids whose logits a row's penalty changes. */
    private static int[] penalised(SamplingRow row) {
        return row.repetitionPenalty() == 1 ? new int[0] : row.seen();
    }

    private static long rows(Metadata metadata, List<SamplingRow> choices) {
        Metadata.Table table = metadata.reserve((long) choices.size() * ROW_BYTES);
        int seen = 0;
        int masks = 0;
        int slots = 0;
        for (SamplingRow row : choices) {
            int count = penalised(row).length;
            table.add(Double.doubleToRawLongBits(row.uniform()));
            table.add(row.temperature()).add(row.topP()).add(row.repetitionPenalty());
            table.add(row.topK()).add(seen).add(count);
            table.add(row.allowed() == null ? -1 : masks++);
            table.add(row.temperature() > 0 ? slots++ : -1);
            seen += count;
        }
        return table.address();
    }

    private static long seen(Metadata metadata, List<SamplingRow> choices) {
        int count = choices.stream().mapToInt(row -> penalised(row).length).sum();
        if (count == 0) {
            return 0;
        }
        Metadata.Table table = metadata.reserve(4L * Math.max(FEWEST_SEEN, Buckets.doubled(count)));
        for (SamplingRow row : choices) {
            for (int id : penalised(row)) {
                table.add(id);
            }
        }
        return table.address();
    }

    private static long masks(Metadata metadata, List<SamplingRow> choices, int vocab) {
        int count = (int) choices.stream().filter(row -> row.allowed() != null).count();
        if (count == 0) {
            return 0;
        }
        int words = Math.ceilDiv(vocab, Long.SIZE);
        MemorySegment bits = MemorySegment.ofArray(new long[words * Buckets.doubled(count)]);
        int at = 0;
        for (SamplingRow row : choices) {
            if (row.allowed() != null) {
                MemorySegment.copy(row.allowed(), 0, bits, ValueLayout.JAVA_LONG, 8L * words * at++, words);
            }
        }
        Metadata.Table table = metadata.reserve(bits.byteSize());
        table.copyFrom(bits);
        return table.address();
    }
}
