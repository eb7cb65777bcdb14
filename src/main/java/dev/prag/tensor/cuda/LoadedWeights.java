package dev.prag.tensor.cuda;

/**
 * What was loaded onto a device so far.
 *
 * @param bytes of weights, as they came: of a file as they are stored, of rows that are made as F32
 * @param nanoseconds that this took
 */
public record LoadedWeights(long bytes, long nanoseconds) {
    /** Gigabytes, of 10⁹ bytes, a second; 0 before anything was loaded. */
    public double gigabytesPerSecond() {
        return nanoseconds == 0 ? 0 : (double) bytes / nanoseconds;
    }

    /** What came since an earlier look. */
    public LoadedWeights since(LoadedWeights earlier) {
        return new LoadedWeights(bytes - earlier.bytes, nanoseconds - earlier.nanoseconds);
    }
}
