package dev.prag.bench;

import dev.prag.base.UserException;
import dev.prag.corpus.DocumentPassages;
import dev.prag.corpus.PassageText;
import dev.prag.retrieval.Filter;
import dev.prag.retrieval.IndexIdentity;
import dev.prag.retrieval.Language;
import dev.prag.retrieval.LuceneIndex;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * BM25 over a made-up corpus, with the index of the program: how long indexing takes, how large it is on disk, and how
 * long a search takes. Passages are made one after the other, so memory doesn't grow with their number.
 */
public final class RetrievalPart {
    private static final String PART = "retrieval";
    /** Passages of a search, as many as the method of the paper takes. */
    private static final int TOP_K = 3;
    /** What a passage takes on disk, twice, since segments that are merged are there beside the new one; with a margin. */
    private static final long BYTES_A_PASSAGE = 1200;
    /** What the index takes whatever is in it, and what other programs may need meanwhile. */
    private static final long BYTES_APART = 256L << 20;

    private static final IndexIdentity IDENTITY = new IndexIdentity("made up", Language.NEUTRAL);

    private static final long PASSAGE_SEED = 1;
    private static final long QUESTION_SEED = 2;

    private RetrievalPart() {}

    /**
     * Indexes and searches.
     *
     * @param passages of 80 to 120 words, with a title
     * @param searches counted, each with a question of 6 to 12 words
     * @param warmups searches before, not counted
     * @param folder an existing folder; the index lies in one of its own in it, deleted in the end
     * @throws UserException if the disk has no room for so many passages
     */
    public static List<Figure> run(int passages, int searches, int warmups, Path folder) throws IOException {
        requirePositive("passages", passages);
        requirePositive("searches", searches);
        requireRoom(passages, folder, Files.getFileStore(folder).getUsableSpace());
        try (TemporaryFolder temporary = new TemporaryFolder(folder)) {
            long start = System.nanoTime();
            index(passages, temporary.path());
            Spread indexing = Spread.of((System.nanoTime() - start) / 1e9);
            double megabytes = temporary.size() / 1e6;
            Times times = search(searches, warmups, temporary.path());
            String corpus = String.format(Locale.ROOT, "%,d passages", passages);
            return List.of(
                    Figure.of(PART, "index, " + corpus, "s", indexing),
                    Figure.of(PART, "index, rate", "passages/s", indexing.per(passages)),
                    Figure.of(PART, "index, on disk", "MB", Spread.of(megabytes)),
                    Figure.of(PART, "search, p50", "ms", Spread.of(times.wall())),
                    Figure.of(PART, "search, p99", "ms", Spread.of(percentile(times.wall(), 99))),
                    Figure.of(PART, "search, processor time", "ms", Spread.of(times.processor())));
        }
    }

    private static void requirePositive(String name, int value) {
        if (value < 1) {
            throw new UserException(value + " " + name + ": give at least 1");
        }
    }

    /** Says so before hours are spent on what the disk can't hold. */
    static void requireRoom(int passages, Path folder, long free) {
        long needed = BYTES_APART + passages * BYTES_A_PASSAGE;
        if (needed > free) {
            long most = Math.max(0, free - BYTES_APART) / BYTES_A_PASSAGE;
            throw new UserException(
                    UserException.Kind.TOO_LARGE,
                    String.format(
                            Locale.ROOT,
                            "%,d passages: their index may take %.1f GB, and %s has %.1f GB free; give at most %,d, or"
                                    + " make room there",
                            passages,
                            needed / 1e9,
                            folder,
                            free / 1e9,
                            most));
        }
    }

    /** Until all is on disk and nothing is merged any more. */
    private static void index(int passages, Path folder) throws IOException {
        MadeUpText text = new MadeUpText(PASSAGE_SEED);
        try (LuceneIndex index = LuceneIndex.open(folder, IDENTITY)) {
            for (int i = 0; i < passages; i++) {
                String id = text.id();
                PassageText passage = new PassageText(id, id, 0, text.words(1, 4), text.words(80, 120));
                index.add(new DocumentPassages(id, Map.of(), List.of(passage)));
            }
            index.commit();
        }
    }

    /**
     * Milliseconds of each counted search.
     *
     * @param processor of the searching thread: what others do meanwhile doesn't count
     */
    private record Times(double[] wall, double[] processor) {}

    private static Times search(int searches, int warmups, Path folder) throws IOException {
        MadeUpText text = new MadeUpText(QUESTION_SEED);
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        double[] wall = new double[searches];
        double[] processor = new double[searches];
        try (LuceneIndex index = LuceneIndex.open(folder, IDENTITY)) {
            for (int i = -warmups; i < searches; i++) {
                String question = text.words(6, 12);
                long start = System.nanoTime();
                long used = threads.getCurrentThreadCpuTime();
                index.search(question, TOP_K, Filter.NONE);
                if (i >= 0) {
                    processor[i] = (threads.getCurrentThreadCpuTime() - used) / 1e6;
                    wall[i] = (System.nanoTime() - start) / 1e6;
                }
            }
        }
        return new Times(wall, processor);
    }

    /** The smallest value that this percentage of all doesn't exceed. */
    static double percentile(double[] values, int percent) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[Math.max(0, (int) Math.ceil(sorted.length * percent / 100.0) - 1)];
    }
}
