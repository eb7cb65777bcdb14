package dev.prag.documents;

import dev.prag.documents.PassedOver.Kind;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** Files that are packed, unpacked into temporary ones within bounds. */
final class Unpacked {
    private Unpacked() {}

    /** More comes out than may. */
    static final class TooMuchException extends IOException {
        private static final long serialVersionUID = 1;
    }

    /** Reads what is packed in a file by gzip. */
    static PassedOver read(NamedFile file, FileLimits limits, Function<NamedFile, PassedOver> read) throws IOException {
        Path plain = Files.createTempFile("prag-unpacked-", null);
        try {
            try (InputStream in = new GZIPInputStream(Files.newInputStream(file.content()), 1 << 16)) {
                copy(in, plain, limits.file());
            } catch (TooMuchException e) {
                return tooLarge(file.name(), limits.file());
            } catch (ZipException | EOFException e) {
                return new PassedOver(file.name(), Kind.BROKEN, "is damaged, or not packed by gzip; pack it again");
            }
            return read.apply(
                    new NamedFile(plain, file.name(), FileKinds.unpacked(file.file()), file.id(), file.pairs()));
        } finally {
            Files.delete(plain);
        }
    }

    static PassedOver tooLarge(String name, long most) {
        return new PassedOver(
                name,
                Kind.TOO_LARGE,
                "is too large: it unpacks to more than " + most
                        + " bytes; cut it, or raise prag.extraction.max-file-mib");
    }

    /**
     * Copies to a file; returns how many bytes.
     *
     * @throws TooMuchException if there are more
     */
    static long copy(InputStream in, Path to, long most) throws IOException {
        byte[] some = new byte[1 << 16];
        long copied = 0;
        try (OutputStream out = Files.newOutputStream(to)) {
            for (int read = in.read(some); read >= 0; read = in.read(some)) {
                copied += read;
                if (copied > most) {
                    throw new TooMuchException();
                }
                out.write(some, 0, read);
            }
        }
        return copied;
    }
}
