package dev.prag.retrieval;

import dev.prag.corpus.Change;
import dev.prag.corpus.DocumentPassages;
import dev.prag.corpus.PassageSource;
import dev.prag.corpus.PassageText;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Documents in memory, and the sequence of their changes. */
final class MadeUpCorpus implements PassageSource {
    private final Map<String, DocumentPassages> documents = new HashMap<>();
    private final Map<String, Long> changes = new HashMap<>();
    private long last;

    /** A document with a passage for each text; their ids are the document's and a number. */
    void put(String id, String title, Map<String, Object> metadata, String... texts) {
        List<PassageText> passages = new ArrayList<>();
        for (int i = 0; i < texts.length; i++) {
            passages.add(new PassageText(texts.length == 1 ? id : id + "-" + i, id, i, title, texts[i]));
        }
        put(new DocumentPassages(id, metadata, passages));
    }

    void put(String id, String title, String... texts) {
        put(id, title, Map.of(), texts);
    }

    void put(DocumentPassages document) {
        documents.put(document.documentId(), document);
        changes.put(document.documentId(), ++last);
    }

    void delete(String id) {
        documents.remove(id);
        changes.put(id, ++last);
    }

    long last() {
        return last;
    }

    List<Change> after(long seq) {
        return changes.entrySet().stream()
                .filter(change -> change.getValue() > seq)
                .map(change -> new Change(change.getValue(), change.getKey()))
                .sorted((a, b) -> Long.compare(a.seq(), b.seq()))
                .toList();
    }

    /** Brings an index up to date, as searches see it. */
    void follow(FollowingIndex index) throws IOException {
        List<Change> next = after(index.written());
        if (!next.isEmpty()) {
            index.follow(next, this);
        }
        index.show();
    }

    @Override
    public void read(Collection<String> documentIds, Sink sink) throws IOException {
        for (String id : documentIds) {
            if (documents.containsKey(id)) {
                sink.take(documents.get(id));
            }
        }
    }
}
