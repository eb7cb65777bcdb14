package dev.prag.documents;

import com.oracle.svm.core.annotate.Substitute;
import com.oracle.svm.core.annotate.TargetClass;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.ZipException;
import org.apache.commons.compress.archivers.zip.ZipFile;

/** In a native image: zips packed by Zstandard want a library that isn't there, which its builder doesn't take. */
@TargetClass(ZipFile.class)
final class WithoutZstandard {
    private WithoutZstandard() {}

    @Substitute
    InputStream createZstdInputStream(InputStream packed) throws IOException {
        throw new ZipException("is packed by Zstandard, which isn't read");
    }
}
