package dev.prag.parameterization;

/** Hears what an encoder does, from several threads, one call at a time. */
public interface EncodingListener {
    /** Hears nothing. */
    EncodingListener NONE = new EncodingListener() {
        @Override
        public void onProgress(EncodingProgress progress) {}

        @Override
        public void onFailed(String title, String reason) {}
    };

    void onProgress(EncodingProgress progress);

    /** Encoding a passage failed this time; it is tried again later unless it has failed too often. */
    void onFailed(String title, String reason);
}
