package dev.prag.retrieval;

import dev.prag.base.Hashes;
import dev.prag.retrieval.Filter.Condition;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.lucene.document.BinaryPoint;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.StringField;
import org.apache.lucene.index.IndexableField;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.TermInSetQuery;
import org.apache.lucene.util.BytesRef;
import org.apache.lucene.util.NumericUtils;

/** Metadata as fields of Lucene's, and filters as its queries. */
final class LuceneMetadata {
    private static final int HASH_BYTES = 8;

    private LuceneMetadata() {}

    /** The fields of a document's metadata, for each of its passages. */
    static List<IndexableField> fields(Map<String, Object> metadata) {
        MetadataTerms terms = MetadataTerms.of(metadata);
        List<IndexableField> fields = new ArrayList<>();
        terms.terms().forEach(term -> fields.add(new StringField(MetadataTerms.TERMS, term, Field.Store.NO)));
        terms.ordered()
                .forEach(ordered ->
                        fields.add(new BinaryPoint(MetadataTerms.ORDERED, point(ordered.path(), ordered.value()))));
        return fields;
    }

    static Query query(Condition condition) {
        return switch (condition) {
            case Condition.Documents documents -> in(IndexedFields.DOCUMENT, documents.ids());
            case Condition.AnyOf anyOf -> in(MetadataTerms.TERMS, anyOf.terms());
            case Condition.Between between ->
                BinaryPoint.newRangeQuery(
                        MetadataTerms.ORDERED,
                        point(between.path(), between.from()),
                        point(between.path(), between.to()));
        };
    }

    private static Query in(String field, Set<String> terms) {
        return new TermInSetQuery(field, terms.stream().map(BytesRef::new).toList());
    }

    /** The paths one after the other, and the values of each in their order: all in one dimension of one field. */
    private static byte[] point(String path, long value) {
        byte[] bytes = new byte[HASH_BYTES + Long.BYTES];
        byte[] hash = HexFormat.of().parseHex(Hashes.sha256(path));
        System.arraycopy(hash, 0, bytes, 0, HASH_BYTES);
        NumericUtils.longToSortableBytes(value, bytes, HASH_BYTES);
        return bytes;
    }
}
