package dev.prag.retrieval;

import dev.prag.base.NativeImage;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.store.NIOFSDirectory;

/** How the files of an index are read. */
final class LuceneFolder {
    private LuceneFolder() {}

    /**
     * Mapped into memory; but a mapped file is given back by closing a shared arena, which a native image can't, so there
     * they are read.
     */
    static Directory open(Path folder) throws IOException {
        return NativeImage.isRunning() ? new NIOFSDirectory(folder) : FSDirectory.open(folder);
    }
}
