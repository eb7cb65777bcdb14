package dev.prag.documents;

import dev.prag.base.Hashes;
import dev.prag.base.UserException;
import dev.prag.base.UserException.Kind;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A document that was looked over, under the id that it will have, cut into passages.
 *
 * @param splitter version of what cut it, or {@link PassageSplitter#WHOLE}
 */
public record DocumentDraft(
        String id,
        String title,
        String source,
        String text,
        String metadata,
        String contentHash,
        List<Piece> pieces,
        List<GivenPair> pairs,
        List<String> readers,
        List<Integer> pages,
        List<String> notes,
        int splitter) {

    private static final int MOST_PAIRS = 10_000;
    /** A question or an answer, in bytes. */
    private static final int LONGEST_PART = 2000;

    /**
     * A passage to be.
     *
     * @param textHash what its text is known by, as {@link Readers#textHash} has it
     * @param page that it begins on, from 1; null where the document has none
     */
    public record Piece(String passageId, String text, String textHash, String headings, Integer page) {}

    /**
     * Looks a document over and cuts it.
     *
     * @param maxBytes that its text may have, in UTF-8
     * @throws UserException naming the document, and what it can't have
     */
    public static DocumentDraft of(DocumentInput input, int maxBytes) {
        String title = isBlank(input.title()) ? null : input.title().strip();
        String name = name(input, title);
        if (isBlank(input.text())) {
            throw new UserException("document " + name + " is empty; give it a text");
        }
        int bytes = utf8(name, "text", input.text());
        if (bytes > maxBytes) {
            throw new UserException(
                    Kind.TOO_LARGE,
                    "document " + name + " is too large: " + bytes + " bytes, where the limit is " + maxBytes
                            + "; cut it, or raise prag.corpus.max-document-bytes");
        }
        utf8(name, "title", title);
        String metadata = DocumentMetadata.json(name, input.metadata());
        utf8(name, "metadata", metadata);
        Hashes.Builder hash = Hashes.builder()
                .add(title == null ? "" : title)
                .add(input.text())
                .add(metadata);
        for (GivenPair pair : pairs(name, input.pairs())) {
            hash.add(pair.question()).add(pair.answer()).add(pair.sentence());
        }
        List<String> readers = Readers.checked("document " + name, input.readers());
        if (!readers.isEmpty()) {
            // No pair has this character.
            hash.add("\0readers");
            readers.forEach(hash::add);
        }
        input.pages().forEach(hash::add);
        String id = id(input, title);
        String problem = DocumentId.problem(id);
        if (problem != null) {
            throw new UserException("document " + name + " has an id that isn't one: it " + problem);
        }
        if (input.whole()) {
            return new DocumentDraft(
                    id,
                    title,
                    input.source(),
                    input.text(),
                    metadata,
                    hash.hex(),
                    List.of(whole(id, input.text().strip(), readers)),
                    input.pairs(),
                    readers,
                    List.of(),
                    input.notes(),
                    PassageSplitter.WHOLE);
        }
        ReadableText readable = ReadableText.of(input.text());
        if (readable.isBlank()) {
            throw new UserException("document " + name + " is empty: it has no text beside "
                    + (readable.notes().isEmpty() ? "comments" : "what is no text") + "; give it one");
        }
        List<String> notes = new ArrayList<>(input.notes());
        notes.addAll(readable.notes());
        return new DocumentDraft(
                id,
                title,
                input.source(),
                input.text(),
                metadata,
                hash.hex(),
                pieces(id, input.text(), readable, input.pages(), readers),
                input.pairs(),
                readers,
                input.pages(),
                notes,
                PassageSplitter.VERSION);
    }

    private static Piece whole(String documentId, String text, List<String> readers) {
        String id = passageId(documentId, Hashes.sha256(text), 1);
        return new Piece(id, text, Readers.textHash(text, readers), "", null);
    }

    private static String passageId(String documentId, String textHash, int occurrence) {
        return Hashes.builder()
                .add(documentId)
                .add(textHash)
                .add(occurrence)
                .hex()
                .substring(0, 32);
    }

    private static List<GivenPair> pairs(String name, List<GivenPair> pairs) {
        if (pairs.size() > MOST_PAIRS) {
            throw new UserException(
                    Kind.TOO_LARGE,
                    "document " + name + " has " + pairs.size() + " pairs, where the limit is " + MOST_PAIRS
                            + "; cut the document");
        }
        for (GivenPair pair : pairs) {
            requirePart(name, "question", pair.question());
            requirePart(name, "answer", pair.answer());
            requirePart(name, "full_answer", pair.sentence());
        }
        return pairs;
    }

    private static void requirePart(String name, String field, String text) {
        if (isBlank(text)) {
            throw new UserException(
                    "document " + name + ": a pair has no " + field + "; give every pair a question and an answer");
        }
        if (utf8(name, field, text) > LONGEST_PART) {
            throw new UserException(
                    Kind.TOO_LARGE,
                    "document " + name + ": the " + field + " " + text.substring(0, 40) + "… of a pair is longer than "
                            + LONGEST_PART + " bytes; shorten it");
        }
    }

    /** The passages of a text that was kept before. */
    public static List<Piece> pieces(String documentId, String text, List<Integer> pages, List<String> readers) {
        return pieces(documentId, text, ReadableText.of(text), pages, readers);
    }

    private static String id(DocumentInput input, String title) {
        if (!isBlank(input.id())) {
            return input.id();
        }
        return isBlank(input.source())
                ? Hashes.builder()
                        .add(title == null ? "" : title)
                        .add(input.text())
                        .hex()
                : input.source();
    }

    private static String name(DocumentInput input, String title) {
        String name = !isBlank(input.id()) ? input.id() : !isBlank(input.source()) ? input.source() : title;
        if (name == null) {
            return "without id and title";
        }
        return name.length() > 100 ? name.substring(0, 100) + "…" : name;
    }

    private static boolean isBlank(String text) {
        return text == null || text.codePoints().allMatch(PassageSplitter::isSpace);
    }

    /** Its length in UTF-8, refusing what PostgreSQL can't keep. */
    private static int utf8(String name, String field, String text) {
        if (text == null) {
            return 0;
        }
        if (text.indexOf('\0') >= 0) {
            throw new UserException(
                    "document " + name + ": the " + field + " contains the character U+0000; is it a binary file?");
        }
        try {
            return StandardCharsets.UTF_8
                    .newEncoder()
                    .encode(CharBuffer.wrap(text))
                    .remaining();
        } catch (CharacterCodingException e) {
            throw new UserException(
                    Kind.BAD_INPUT,
                    "document " + name + ": the " + field + " contains half of a surrogate pair, which is no "
                            + "character; write it in valid Unicode",
                    e);
        }
    }

    private static List<Piece> pieces(
            String documentId, String text, ReadableText readable, List<Integer> pageStarts, List<String> readers) {
        Map<String, Integer> seen = new HashMap<>();
        List<PassageSplitter.Cut> cuts = PassageSplitter.split(readable);
        List<Integer> pages = Pages.of(
                text, pageStarts, cuts.stream().map(PassageSplitter.Cut::text).toList());
        List<Piece> pieces = new ArrayList<>();
        for (int i = 0; i < cuts.size(); i++) {
            PassageSplitter.Cut passage = cuts.get(i);
            String hash = Hashes.sha256(passage.text());
            int occurrence = seen.merge(hash, 1, Integer::sum);
            String id = passageId(documentId, hash, occurrence);
            pieces.add(new Piece(
                    id, passage.text(), Readers.textHash(passage.text(), readers), passage.headings(), pages.get(i)));
        }
        return pieces;
    }
}
