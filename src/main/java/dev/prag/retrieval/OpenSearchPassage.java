package dev.prag.retrieval;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.prag.base.Hashes;
import dev.prag.corpus.DocumentPassages;
import dev.prag.corpus.PassageText;
import java.util.Base64;

/**
 * Passages as OpenSearch keeps them. It gets the words that {@link PassageAnalyzer} makes, so that both engines have the
 * same, whatever plugins a node has: forms of a word at one place are joined by bars, which no word contains.
 */
final class OpenSearchPassage {
    static final String SEQ = "seq";
    static final String WRITTEN = "written";
    private static final int HASH_DIGITS = 16;

    private OpenSearchPassage() {}

    /** How indexes are made. */
    static ObjectNode index(IndexIdentity identity, int shards) {
        ObjectNode index = OpenSearchClient.object();
        ObjectNode settings = index.putObject("settings").putObject("index");
        settings.put("number_of_shards", shards);
        settings.put("auto_expand_replicas", "0-1");
        // Searches see what is written when it is complete.
        settings.put("refresh_interval", "-1");
        settings.put("merge.policy.deletes_pct_allowed", 5);
        settings.putObject("similarity")
                .putObject("default")
                .put("type", "BM25")
                .put("k1", 1.2)
                .put("b", 0.75);
        ObjectNode analysis = settings.putObject("analysis");
        analysis.putObject("tokenizer")
                .putObject("places")
                .put("type", "whitespace")
                .put("max_token_length", 1 << 15);
        analysis.putObject("filter")
                .putObject("forms")
                .put("type", "pattern_capture")
                .put("preserve_original", false)
                .putArray("patterns")
                .add("([^|]+)");
        analysis.putObject("analyzer")
                .putObject("words")
                .put("type", "custom")
                .put("tokenizer", "places")
                .putArray("filter")
                .add("forms");
        ObjectNode mappings = index.putObject("mappings");
        mappings.put("dynamic", false);
        mappings.putObject("_source").put("enabled", false);
        identity.data().forEach(mappings.putObject("_meta")::put);
        ObjectNode fields = mappings.putObject("properties");
        for (String field : new String[] {
            IndexedFields.ID,
            IndexedFields.DOCUMENT,
            IndexedFields.CONTENT,
            IndexedFields.READERS,
            MetadataTerms.TERMS,
            MetadataTerms.ORDERED
        }) {
            fields.putObject(field).put("type", "keyword");
        }
        fields.putObject(SEQ).put("type", "long");
        fields.putObject(WRITTEN).put("type", "long").put("store", true);
        for (IndexedFields.Searched searched : IndexedFields.SEARCHED) {
            fields.putObject(searched.field())
                    .put("type", "text")
                    .put("analyzer", "words")
                    .put("index_options", "freqs");
        }
        return index;
    }

    /** The fields of a document's metadata and readers, for each of its passages. */
    static ObjectNode beside(DocumentPassages document) {
        MetadataTerms all = MetadataTerms.of(document.metadata());
        ObjectNode fields = OpenSearchClient.object();
        ArrayNode terms = fields.putArray(MetadataTerms.TERMS);
        all.terms().forEach(terms::add);
        ArrayNode ordered = fields.putArray(MetadataTerms.ORDERED);
        all.ordered().forEach(value -> ordered.add(ordered(value.path(), value.value())));
        ArrayNode readers = fields.putArray(IndexedFields.READERS);
        ReaderTerms.of(document.readers()).forEach(readers::add);
        return fields;
    }

    /** @param seq number of the document's change */
    static ObjectNode passage(PassageText passage, ObjectNode beside, long seq, PassageAnalyzer analyzer) {
        ObjectNode fields = beside.deepCopy();
        fields.put(IndexedFields.ID, passage.id());
        fields.put(IndexedFields.DOCUMENT, passage.documentId());
        fields.put(IndexedFields.CONTENT, Base64.getEncoder().encodeToString(IndexedFields.content(passage.text())));
        fields.put(SEQ, seq);
        for (IndexedFields.Searched searched : IndexedFields.SEARCHED) {
            String text = searched.of().apply(passage);
            if (text != null) {
                fields.put(searched.field(), analyzer.places(text));
            }
        }
        return fields;
    }

    /** A term that has the order of the values of a path. */
    static String ordered(String path, long value) {
        return Hashes.sha256(path).substring(0, HASH_DIGITS) + String.format("%016x", value ^ Long.MIN_VALUE);
    }
}
