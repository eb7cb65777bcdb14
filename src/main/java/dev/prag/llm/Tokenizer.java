package dev.prag.llm;

import dev.prag.base.UserException;
import dev.prag.llm.AddedTokens.AddedToken;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Byte-level byte-pair encoding as tokenizer.json describes it, giving the ids and texts that Hugging Face's tokenizers
 * give: added tokens are found, the text between them is normalised, cut into pieces, and each piece's bytes are merged.
 * Immutable to its users, and safe for many threads.
 */
public final class Tokenizer {
    /**
     * The parts of a tokenizer.
     *
     * @param vocabulary ids by spelling, without added tokens
     * @param normalizers in their order
     * @param prefix ids that the post-processor puts first
     * @param suffix ids that it puts last
     */
    record Parts(
            Map<String, Integer> vocabulary,
            BytePairs bytePairs,
            List<AddedToken> addedTokens,
            List<Normalizer.Form> normalizers,
            PreTokenizer preTokenizer,
            List<Integer> prefix,
            List<Integer> suffix) {}

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
        parts.vocabulary.forEach((token, id) -> bytes[id] = ByteAlphabet.bytes(token));
        for (AddedToken token : parts.addedTokens) {
            String text = token.normalized() ? normalize(token.content()) : token.content();
            (token.normalized() ? inNormalized : inText).add(text, token);
            bytes[token.id()] = ByteAlphabet.bytes(text);
            special[token.id()] = token.special();
        }
    }

    /**
     * Reads tokenizer.json.
     *
     * @throws UserException naming what is damaged or not supported
     */
    static Tokenizer read(JsonFile json) {
        return new Tokenizer(TokenizerReader.read(json));
    }

    /**
     * The ids of a text. Special tokens written in it are found as such; unpaired surrogates count as U+FFFD.
     *
     * @param special whether the post-processor adds its tokens, such as the one that begins a text
     */
    public int[] encode(String text, boolean special) {
        Ids ids = new Ids(text.length() / 3 + 8);
        if (special) {
            parts.prefix.forEach(ids::token);
        }
        inText.split(wellFormed(text), new AddedTokens.Pieces() {
            @Override
            public void token(int id) {
                ids.token(id);
            }

            @Override
            public void text(String piece) {
                inNormalized.split(normalize(piece), ids);
            }
        });
        if (special) {
            parts.suffix.forEach(ids::token);
        }
        return ids.toArray();
    }

    /** Collects ids; text that reaches it is cut and merged. */
    private final class Ids implements AddedTokens.Pieces {
        private int[] ids;
        private int size;

        Ids(int capacity) {
            ids = new int[capacity];
        }

        @Override
        public void token(int id) {
            append(new int[] {id});
        }

        @Override
        public void text(String text) {
            parts.preTokenizer.split(text, piece -> append(parts.bytePairs.encode(piece)));
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

    private String normalize(String text) {
        String normal = text;
        for (Normalizer.Form form : parts.normalizers) {
            normal = Normalizer.normalize(normal, form);
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
        return new StreamDecoder(this, skipSpecial);
    }

    /** The bytes that a token stands for; none for an id without a token. */
    public byte[] bytes(int id) {
        return known(id) ? bytes[id].clone() : NO_BYTES;
    }

    /** One more than the highest id that has a token. */
    public int vocabSize() {
        return bytes.length;
    }

    /** Whether that id has a token. */
    public boolean known(int id) {
        return id >= 0 && id < bytes.length && bytes[id] != null;
    }

    /** The id of a token, by its spelling in tokenizer.json ({@code Ġ} for a space, and so on). */
    public Optional<Integer> id(String token) {
        return parts.addedTokens.stream()
                .filter(added -> added.content().equals(token))
                .map(AddedToken::id)
                .findFirst()
                .or(() -> Optional.ofNullable(parts.vocabulary.get(token)));
    }

    /** Whether that id is a special token, which {@code decode} may leave out. */
    public boolean isSpecial(int id) {
        return id >= 0 && id < special.length && special[id];
    }
}
