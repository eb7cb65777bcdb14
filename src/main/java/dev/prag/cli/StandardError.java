package dev.prag.cli;

import dev.prag.base.NativeImage;
import java.io.FileDescriptor;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Takes back the real standard error from the launcher. The JVM announces incubator modules on standard error before
 * any program runs; the launcher hands it a filtered one, passes the number of the real one in {@code prag.stderr.fd}
 * and opens {@code java.io}. Without that property nothing happens.
 */
final class StandardError {
    private StandardError() {}

    /**
     * Points {@link System#err} at the real one. A {@code dup2} would do so for native code, too, but calling it costs a
     * tenth of a second at every start; what native code writes passes the filter.
     */
    static void takeOver() {
        Integer real = Integer.getInteger("prag.stderr.fd");
        if (real == null) {
            return;
        }
        try {
            Field number = FileDescriptor.class.getDeclaredField("fd");
            number.setAccessible(true);
            number.setInt(FileDescriptor.err, real);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("standard error could not be taken over", e);
        }
    }

    /** Whether a person watches standard error: the launcher tells; a native executable has none, and looks. */
    static boolean isTerminal() {
        if (!NativeImage.isRunning()) {
            return Boolean.getBoolean("prag.stderr.tty");
        }
        try {
            String file = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
            return file.startsWith("/dev/pts/") || file.startsWith("/dev/tty");
        } catch (IOException e) {
            return false;
        }
    }
}
