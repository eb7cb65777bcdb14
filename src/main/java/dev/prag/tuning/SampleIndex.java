package dev.prag.tuning;

import dev.prag.base.UserException;
import dev.prag.corpus.DocumentPassages;
import dev.prag.corpus.PassageText;
import dev.prag.retrieval.Filter;
import dev.prag.retrieval.Hit;
import dev.prag.retrieval.IndexIdentity;
import dev.prag.retrieval.Language;
import dev.prag.retrieval.LuceneIndex;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The passages of a sample, searched as the corpus is, in an index of its own that lasts as long as this does. */
final class SampleIndex implements AutoCloseable {
    private final Path folder;
    private final LuceneIndex index;
    private final Map<String, Integer> places = new HashMap<>();

    /**
     * A passage that was found.
     *
     * @param passage index in the sample
     * @param score BM25
     */
    record Ranked(int passage, double score) {}

    SampleIndex(List<PassageText> passages, Language language) {
        try {
            folder = Files.createTempDirectory("prag-tune");
            index = LuceneIndex.open(folder, new IndexIdentity("sample", language));
            for (int i = 0; i < passages.size(); i++) {
                PassageText passage = passages.get(i);
                places.put(passage.id(), i);
                index.add(new DocumentPassages(passage.documentId(), Map.of(), List.of(passage)));
            }
            index.show();
        } catch (IOException e) {
            throw unusable(e);
        }
    }

    /** The best passages for a question, of different texts, best first. */
    List<Ranked> find(String question, int most) {
        try {
            List<Ranked> found = new ArrayList<>();
            for (Hit hit : index.search(question, most, Filter.NONE).hits()) {
                found.add(new Ranked(places.get(hit.passageId()), hit.score()));
            }
            return found;
        } catch (IOException e) {
            throw unusable(e);
        }
    }

    private static UserException unusable(IOException e) {
        return new UserException(
                UserException.Kind.ENVIRONMENT,
                "the index of the sample can't be kept in the folder for temporary files: " + e.getMessage(),
                e);
    }

    @Override
    public void close() {
        try {
            index.close();
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        } catch (IOException e) {
            throw unusable(e);
        }
    }
}
