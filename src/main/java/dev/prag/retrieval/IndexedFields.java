package dev.prag.retrieval;

import dev.prag.base.Hashes;
import dev.prag.corpus.PassageText;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;

/** The fields of an indexed passage, which both engines have under the same names. */
final class IndexedFields {
    /** Of the passage. */
    static final String ID = "id";
    /** Id of the document: all of a document's passages are replaced together. */
    static final String DOCUMENT = "document";
    /** Hash of the text: passages of the same one are found once. */
    static final String CONTENT = "content";

    /** Who may read it, as {@link ReaderTerms}. */
    static final String READERS = "readers";

    /** What is searched: a clause for each word in each of them. */
    static final List<Searched> SEARCHED = List.of(
            new Searched("title", PassageText::title),
            new Searched("headings", passage -> passage.headings().isEmpty() ? null : passage.headings()),
            new Searched("text", IndexedFields::textAndQuestions));

    private static final int CONTENT_BYTES = 16;

    private IndexedFields() {}

    /** A field of words, and what of a passage is in it; null for nothing. */
    record Searched(String field, Function<PassageText, String> of) {}

    /**
     * Questions that a passage answers hold words that it doesn't have and that are asked with: document expansion
     * (Nogueira et al., doc2query, 2019), by the questions that are made to train on anyway.
     */
    private static String textAndQuestions(PassageText passage) {
        return passage.questions().isEmpty() ? passage.text() : passage.text() + "\n" + passage.questions();
    }

    static boolean isSearched(String field) {
        return SEARCHED.stream().anyMatch(searched -> searched.field().equals(field));
    }

    /** Of {@link #CONTENT}. */
    static byte[] content(String text) {
        return Arrays.copyOf(HexFormat.of().parseHex(Hashes.sha256(text)), CONTENT_BYTES);
    }
}
