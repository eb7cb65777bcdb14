package dev.prag.llm;

import dev.prag.base.UserException;
import dev.prag.llm.AddedTokens.AddedToken;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Byte-pair encoding as tokenizer.json describes it, byte-level or SentencePiece's, giving the ids and texts that Hugging
 * Face's tokenizers give: added tokens are found, the text between them is normalised, cut into pieces, and each piece's bytes are merged.
 * Immutable to its users, and safe for many threads.
 */
public final class Tokenizer {
    /**
     * The parts of a tokenizer.
     *
     * @param vocabulary ids by spelling, without added tokens
     * @param normalizers in their order
     * @param metaspace spaces as marks, ahead of the pre-tokenizer
     * @param spelling tokens as text
     * @param prefix ids that the post-processor puts first
     * @param suffix ids that it puts last
     * @param embeddings ids below this have a row in the model's embedding
     */
    record Parts(
            Map<String, Integer> vocabulary,
            BytePairs bytePairs,
            List<AddedToken> addedTokens,
            List<Normalization> normalizers,
            Optional<Metaspace> metaspace,
            PreTokenizer preTokenizer,
            TokenSpelling spelling,
            List<Integer> prefix,
            List<Integer> suffix,
            int embeddings) {}

    private static final byte[] NO_BYTES = {};

    private final Parts parts;
    private final AddedTokens inText = new AddedTokens();
    private final AddedTokens inNormalized = new AddedTokens();
    /** Bytes of each id; null where there is no token. */
    private final byte[][] bytes;

    private final boolean[] special;

    Tokenizer(Parts parts) {
        this.parts = parts;
        int highest = IntStream.concat(
                        parts.vocabulary.values().stream().mapToInt(Integer::intValue),
                        parts.addedTokens.stream().mapToInt(AddedToken::id))
                .max()
                .orElse(-1);
        bytes = new byte[highest + 1][];
        special = new boolean[highest + 1];
        parts.vocabulary.forEach((token, id) -> bytes[id] = parts.spelling.bytes(token));
        for (AddedToken token : parts.addedTokens) {
            String text = token.normalized() ? normalize(token.content(), true) : token.content();
            (token.normalized() ? inNormalized : inText).add(text, token);
            bytes[token.id()] = parts.spelling.bytes(token.content());
            special[token.id()] = token.special();
        }
    }

    /**
     * Reads tokenizer.json.
     *
     * @throws UserException naming what is damaged or not supported
     */
    static Tokenizer read(JsonFile json, TokenizerSettings settings) {
        return new Tokenizer(TokenizerReader.read(json, settings));
    }

    /**
     * The ids of a text. Special tokens written in it are found as such; unpaired surrogates count as U+FFFD.
     *
     * @param special whether the post-processor adds its tokens, such as the one that begins a text
     */
    public int[] encode(String text, boolean special) {
        return encode(PromptText.of(text), special, true, true);
    }

    /**
     * The ids of a text that is content: special tokens written in it are text, as transformers' {@code
     * split_special_tokens} has it; added tokens that aren't special are found.
     *
     * @param special whether the post-processor adds its tokens
     */
    public int[] encodeText(String text, boolean special) {
        return encode(PromptText.of(text), special, false, true);
    }

    /**
     * The ids of content that goes on behind other ids: as {@link #encodeText}, but without the space that SentencePiece
     * puts before a text.
     */
    public int[] encodeFollowing(String text) {
        return encode(PromptText.of(text), false, false, false);
    }

    /** The ids of a rendered prompt; control tokens are those that the template wrote. */
    public int[] encode(PromptText prompt) {
        return encode(prompt, false, true, true);
    }

    /** @param opens whether a text begins here, rather than goes on */
    private int[] encode(PromptText prompt, boolean special, boolean control, boolean opens) {
        Ids ids = new Ids(prompt.text().length() / 3 + 8);
        if (special) {
            parts.prefix.forEach(ids::token);
        }
        // Mending a text keeps its length, and so the breaks.
        PromptText text = new PromptText(wellFormed(prompt.text()), prompt.breaks());
        inText.split(text.text(), allowed(text, control), new AddedTokens.Pieces() {
            @Override
            public void token(int id) {
                ids.token(id);
            }

            @Override
            public void text(int from, int to) {
                addNormalized(text.part(from, to), control, opens && from == 0, opens || from > 0, ids);
            }
        });
        if (special) {
            parts.suffix.forEach(ids::token);
        }
        return ids.toArray();
    }

    private static AddedTokens.Allowed allowed(PromptText text, boolean control) {
        return (start, end) -> control && !text.forbids(start, end);
    }

    /**
     * @param opensText whether a whole text begins with the piece
     * @param opens whether it stands alone, rather than goes on from other ids
     */
    private void addNormalized(PromptText piece, boolean control, boolean opensText, boolean opens, Ids ids) {
        String whole = normalize(piece.text(), opens);
        Optional<PromptText> normal = normalize(piece, whole, opens);
        AddedTokens.Allowed allowed = normal.map(text -> allowed(text, control)).orElse((start, end) -> false);
        inNormalized.split(whole, allowed, new AddedTokens.Pieces() {
            @Override
            public void token(int id) {
                ids.token(id);
            }

            @Override
            public void text(int from, int to) {
                ids.text(whole.substring(from, to), opensText && from == 0, opens || from > 0);
            }
        });
    }

    /** The breaks within a normalised piece; empty where characters around a break became one. */
    private Optional<PromptText> normalize(PromptText piece, String whole, boolean opens) {
        StringBuilder normal = new StringBuilder();
        int[] breaks = new int[piece.breaks().length];
        int done = 0;
        for (int i = 0; i < breaks.length; i++) {
            normal.append(normalize(piece.text().substring(done, piece.breaks()[i]), opens && normal.isEmpty()));
            done = piece.breaks()[i];
            breaks[i] = normal.length();
        }
        normal.append(normalize(piece.text().substring(done), opens && normal.isEmpty()));
        return normal.toString().equals(whole) ? Optional.of(new PromptText(whole, breaks)) : Optional.empty();
    }

    /** Whether a text holds, or ends in the beginning of, what is a control token to this tokenizer. */
    boolean spellsControlToken(String text) {
        return breaks(text).length > 0;
    }

    /**
     * Where content has to be broken so that no control token comes of it, alone or with what follows it: after the
     * first character of each that it spells (before it where that is all) and of a beginning of one that it ends in;
     * everywhere where only its normal form spells one.
     *
     * @return ascending offsets
     */
    int[] breaks(String text) {
        BitSet breaks = new BitSet();
        for (String token : (Iterable<String>) Stream.concat(inText.controls(), inNormalized.controls())::iterator) {
            int first = Character.charCount(token.codePointAt(0));
            int within = first == token.length() ? 0 : first;
            for (int at = text.indexOf(token); at >= 0; at = text.indexOf(token, at + 1)) {
                breaks.set(at + within);
            }
            for (int length = Math.min(token.length() - 1, text.length()); length >= first; length--) {
                if (text.regionMatches(text.length() - length, token, 0, length)) {
                    breaks.set(text.length() - length + first);
                }
            }
        }
        if (!parts.normalizers.isEmpty() && inNormalized.controls().anyMatch(normalize(text, true)::contains)) {
            for (int at = 0; at < text.length(); at += Character.charCount(text.codePointAt(at))) {
                breaks.set(at);
            }
        }
        return breaks.stream().toArray();
    }

    /** Collects ids; text that reaches it is cut and merged. */
    private final class Ids {
        private int[] ids;
        private int size;

        Ids(int capacity) {
            ids = new int[capacity];
        }

        void token(int id) {
            if (id >= parts.embeddings) {
                throw new UserException(
                        "the text holds the token " + name(id) + ", for which the model has no embedding:"
                                + " its ids are 0 to " + (parts.embeddings - 1) + "; leave the token out");
            }
            append(new int[] {id});
        }

        void text(String text, boolean opensText, boolean opensPiece) {
            String marked = parts.metaspace
                    .map(spaces -> spaces.apply(text, opensText, opensPiece))
                    .orElse(text);
            parts.preTokenizer.split(marked, piece -> append(parts.bytePairs.encode(piece)));
        }

        private void append(int[] more) {
            if (size + more.length > ids.length) {
                ids = Arrays.copyOf(ids, Math.max(2 * ids.length, size + more.length));
            }
            System.arraycopy(more, 0, ids, size, more.length);
            size += more.length;
        }

        int[] toArray() {
            return Arrays.copyOf(ids, size);
        }
    }

    private String normalize(String text, boolean opens) {
        String normal = text;
        for (Normalization step : parts.normalizers) {
            normal = step.apply(normal, opens);
        }
        return normal;
    }

    private static String wellFormed(String text) {
        StringBuilder mended = null;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!Character.isSurrogate(c)) {
                continue;
            }
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
                continue;
            }
            if (mended == null) {
                mended = new StringBuilder(text);
            }
            mended.setCharAt(i, '\uFFFD');
        }
        return mended == null ? text : mended.toString();
    }

    /**
     * The text of ids; bytes that are no UTF-8 become U+FFFD, ids without a token nothing.
     *
     * @param skipSpecial whether special tokens are left out
     */
    public String decode(int[] ids, boolean skipSpecial) {
        StreamDecoder decoder = stream(skipSpecial);
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            text.append(decoder.push(id));
        }
        return text.append(decoder.finish()).toString();
    }

    /** Decodes ids as they come. */
    public StreamDecoder stream(boolean skipSpecial) {
        return new StreamDecoder(this, skipSpecial, parts.spelling.leadingSpaces());
    }

    /** The same of ids that go on behind others: a space at the beginning is part of the text. */
    public StreamDecoder streamFollowing(boolean skipSpecial) {
        return new StreamDecoder(this, skipSpecial, 0);
    }

    /** The bytes that a token stands for; none for an id without a token. */
    public byte[] bytes(int id) {
        return known(id) ? bytes[id].clone() : NO_BYTES;
    }

    /** One more than the highest id that has a token. */
    public int vocabSize() {
        return bytes.length;
    }

    /** The same without added tokens. */
    int baseVocabSize() {
        return parts.vocabulary.values().stream()
                        .mapToInt(Integer::intValue)
                        .max()
                        .orElse(-1)
                + 1;
    }

    /** Whether that id has a token. */
    public boolean known(int id) {
        return id >= 0 && id < bytes.length && bytes[id] != null;
    }

    /** The id of a token, by its spelling in tokenizer.json ({@code Ġ} or {@code ▁} for a space, and so on). */
    public Optional<Integer> id(String token) {
        return parts.addedTokens.stream()
                .filter(added -> added.content().equals(token))
                .map(AddedToken::id)
                .findFirst()
                .or(() -> Optional.ofNullable(parts.vocabulary.get(token)));
    }

    /** A token with its id, for messages. */
    public String name(int id) {
        return known(id) ? new String(bytes[id], StandardCharsets.UTF_8) + " (id " + id + ")" : "with the id " + id;
    }

    /** Whether that id is a special token, which {@code decode} may leave out. */
    public boolean isSpecial(int id) {
        return id >= 0 && id < special.length && special[id];
    }
}
