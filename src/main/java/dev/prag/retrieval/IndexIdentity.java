package dev.prag.retrieval;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What an index is made of and for: one of another corpus, language or format is made anew.
 *
 * @param corpusId as {@link dev.prag.corpus.Changes#corpusId} has it
 * @param questions whether passages are found by the questions that were made of them, too
 */
public record IndexIdentity(String corpusId, Language language, boolean questions) {
    /** Raised when what is indexed changes. */
    static final String FORMAT = "5";

    /** One with questions. */
    public IndexIdentity(String corpusId, Language language) {
        this(corpusId, language, true);
    }

    /** As an index keeps it. */
    Map<String, String> data() {
        Map<String, String> data = new LinkedHashMap<>();
        data.put("format", FORMAT);
        data.put("language", language.code());
        data.put("corpus", corpusId);
        data.put("text", questions ? "passages and their questions" : "passages alone");
        return data;
    }

    /** In what an index that keeps this differs from one that would be made now, in words; null where it doesn't. */
    String difference(Map<String, String> kept) {
        for (Map.Entry<String, String> now : data().entrySet()) {
            if (!now.getValue().equals(kept.get(now.getKey()))) {
                return "its " + now.getKey() + " is " + kept.get(now.getKey()) + ", not " + now.getValue();
            }
        }
        return null;
    }
}
