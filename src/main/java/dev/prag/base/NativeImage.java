package dev.prag.base;

/** Whether this process is a native executable, where some things go another way than on a JVM. */
public final class NativeImage {
    /** Set by GraalVM: {@code buildtime} while an image is built, {@code runtime} in the executable. */
    private static final String STATE = "org.graalvm.nativeimage.imagecode";

    private NativeImage() {}

    /** Whether it is; false on a JVM. */
    public static boolean isRunning() {
        return "runtime".equals(System.getProperty(STATE));
    }
}
