package dev.prag.parameterization;

/** Hears what an encoder does, from several threads, one call at a time. */
public interface EncodingListener {
    /** Hears nothing. */
    EncodingListener NONE = new EncodingListener() {
        @Override
        public void onProgress(EncodingProgress progress) {}

        @Override
        public void onFailed(PassageFailure failure, boolean givenUp) {}
    };

    void onProgress(EncodingProgress progress);

    /**
     * Encoding a passage failed this time.
     *
     * @param givenUp whether it is not tried again
     */
    void onFailed(PassageFailure failure, boolean givenUp);
}
