package dev.prag.base;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 in lower-case hexadecimal: the identity of everything that is known by its content. */
public final class Hashes {
    private static final int BUFFER_BYTES = 1 << 16;

    private Hashes() {}

    /** SHA-256 of the bytes. */
    public static String sha256(byte[] bytes) {
        return HexFormat.of().formatHex(digest().digest(bytes));
    }

    /** SHA-256 of the text's UTF-8. */
    public static String sha256(String text) {
        return sha256(text.getBytes(StandardCharsets.UTF_8));
    }

    /** SHA-256 of all that is still to be read. */
    public static String sha256(InputStream content) throws IOException {
        MessageDigest digest = digest();
        byte[] buffer = new byte[BUFFER_BYTES];
        for (int read = content.read(buffer); read >= 0; read = content.read(buffer)) {
            digest.update(buffer, 0, read);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** A hash over several parts, each preceded by its length, so that no two lists of parts share one. */
    public static Builder builder() {
        return new Builder();
    }

    /** Takes parts in their order. */
    public static final class Builder {
        private final MessageDigest digest = digest();

        private Builder() {}

        public Builder add(String part) {
            return add(part.getBytes(StandardCharsets.UTF_8));
        }

        public Builder add(byte[] part) {
            digest.update(ByteBuffer.allocate(Long.BYTES).putLong(part.length).flip());
            digest.update(part);
            return this;
        }

        public Builder add(long part) {
            digest.update(ByteBuffer.allocate(2 * Long.BYTES)
                    .putLong(Long.BYTES)
                    .putLong(part)
                    .flip());
            return this;
        }

        /** The hash of all parts; ends this builder. */
        public String hex() {
            return HexFormat.of().formatHex(digest.digest());
        }

        /** The first 63 bits of the hash, as a seed; ends this builder. */
        public long seed() {
            return ByteBuffer.wrap(digest.digest()).getLong() & Long.MAX_VALUE;
        }
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
