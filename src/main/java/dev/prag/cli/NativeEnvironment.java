package dev.prag.cli;

import dev.prag.base.NativeImage;
import org.graalvm.nativeimage.c.function.CFunction;
import org.graalvm.nativeimage.c.type.CCharPointer;
import org.graalvm.nativeimage.c.type.CTypeConversion;
import org.graalvm.nativeimage.c.type.CTypeConversion.CCharPointerHolder;

/** What the launcher sets for a JVM, and a native executable for itself. */
final class NativeEnvironment {
    private NativeEnvironment() {}

    /**
     * Turns off the threads of oneDNN, unless the caller's environment says something else: its library reads this when
     * it is loaded. To be called before anything else reads the environment; does nothing on a JVM.
     */
    static void prepare() {
        if (NativeImage.isRunning()) {
            CLibrary.set("OMP_NUM_THREADS", "1");
        }
    }

    /** Of the image alone: a JVM never loads this class. */
    private static final class CLibrary {
        static void set(String name, String value) {
            try (CCharPointerHolder cName = CTypeConversion.toCString(name);
                    CCharPointerHolder cValue = CTypeConversion.toCString(value)) {
                setenv(cName.get(), cValue.get(), 0);
            }
        }

        @CFunction
        private static native int setenv(CCharPointer name, CCharPointer value, int overwrite);
    }
}
