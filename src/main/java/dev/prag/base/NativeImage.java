package dev.prag.base;

/** Whether this code is part of a native image, where some things go another way than on a JVM. */
public final class NativeImage {
    /**
     * GraalVM sets the property while it builds an image, which is when this class is initialised: so it is a constant
     * there, and what only a JVM does is no part of the image.
     */
    private static final boolean RUNNING = System.getProperty("org.graalvm.nativeimage.imagecode") != null;

    private NativeImage() {}

    /** Whether it is; false on a JVM. */
    public static boolean isRunning() {
        return RUNNING;
    }
}
