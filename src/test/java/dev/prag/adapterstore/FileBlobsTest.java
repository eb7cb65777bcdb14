package dev.prag.adapterstore;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class FileBlobsTest extends BlobsContract {
    @TempDir
    Path folder;

    @Override
    Blobs blobs() {
        return new FileBlobs(folder);
    }
}
