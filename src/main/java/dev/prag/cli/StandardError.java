package dev.prag.cli;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;

/**
 * Takes back the real standard error from the launcher. The JVM announces incubator modules on standard error before
 * any program runs; the launcher hands it a filtered one and passes the number of the real one in {@code
 * prag.stderr.fd}. Without that property nothing happens.
 */
final class StandardError {
    private static final int STDERR = 2;

    private StandardError() {}

    static void takeOver() {
        Integer real = Integer.getInteger("prag.stderr.fd");
        if (real == null) {
            return;
        }
        Linker linker = Linker.nativeLinker();
        var dup2 = linker.defaultLookup().find("dup2");
        if (dup2.isEmpty()) {
            return;
        }
        var handle = linker.downcallHandle(
                dup2.get(), FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        try {
            int result = (int) handle.invokeExact((int) real, STDERR);
            if (result != STDERR) {
                System.err.println("prag: standard error stays filtered: descriptor " + real + " is not open");
            }
        } catch (Throwable e) {
            throw new IllegalStateException("standard error could not be taken over", e);
        }
    }

    /** Whether a person watches standard error. */
    static boolean isTerminal() {
        return Boolean.getBoolean("prag.stderr.tty");
    }
}
