package dev.prag.tensor;

/**
 * Weights that were brought to a device with memory of its own so far.
 *
 * @param bytes of weights, as they came: of a file as they are stored, of rows that are made as F32
 * @param nanoseconds that this took
 */
public record LoadedWeights(long bytes, long nanoseconds) {
    /** Of a device that has loaded nothing, or uses the files' own memory. */
    public static final LoadedWeights NONE = new LoadedWeights(0, 0);

    /** Gigabytes, of 10⁹ bytes, a second; 0 before anything was loaded. */
    public double gigabytesPerSecond() {
        return nanoseconds == 0 ? 0 : (double) bytes / nanoseconds;
    }

    /** What came since an earlier look. */
    public LoadedWeights since(LoadedWeights earlier) {
        return new LoadedWeights(bytes - earlier.bytes, nanoseconds - earlier.nanoseconds);
    }
}
