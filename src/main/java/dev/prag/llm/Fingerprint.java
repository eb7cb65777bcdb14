package dev.prag.llm;

import dev.prag.base.IoReason;
import dev.prag.base.UserException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** SHA-256 over names and contents of a model's files, in a fixed order: what a model is known by. */
final class Fingerprint {
    private static final int CHUNK = 1 << 20;

    private Fingerprint() {}

    static String of(Path folder, List<String> names, FingerprintCache cache) {
        try {
            List<FingerprintCache.Stamp> stamps = new ArrayList<>();
            for (String name : names) {
                Path file = folder.resolve(name);
                stamps.add(new FingerprintCache.Stamp(
                        name, Files.size(file), Files.getLastModifiedTime(file).to(TimeUnit.NANOSECONDS)));
            }
            String known = cache.find(folder, stamps).orElse(null);
            if (known != null) {
                return known;
            }
            String fresh = hash(folder, stamps);
            cache.put(folder, stamps, fresh);
            return fresh;
        } catch (IOException e) {
            throw new UserException(
                    UserException.Kind.BAD_INPUT,
                    "model folder " + folder + " can't be read: " + IoReason.of(e) + "; copy it whole",
                    e);
        }
    }

    private static String hash(Path folder, List<FingerprintCache.Stamp> stamps) throws IOException {
        MessageDigest digest = digest();
        byte[] chunk = new byte[CHUNK];
        for (FingerprintCache.Stamp stamp : stamps) {
            byte[] name = stamp.name().getBytes(StandardCharsets.UTF_8);
            digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(name.length).flip());
            digest.update(name);
            digest.update(ByteBuffer.allocate(Long.BYTES).putLong(stamp.size()).flip());
            try (InputStream in = Files.newInputStream(folder.resolve(stamp.name()))) {
                for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                    digest.update(chunk, 0, read);
                }
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
