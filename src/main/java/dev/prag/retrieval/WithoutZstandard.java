package dev.prag.retrieval;

import com.oracle.svm.core.annotate.Substitute;
import com.oracle.svm.core.annotate.TargetClass;
import org.apache.hc.client5.http.impl.ZstdRuntime;

/**
 * In a native image: the HTTP client uses this library where it is there, and the builder of the image would link what
 * refers to it although it isn't.
 */
@TargetClass(ZstdRuntime.class)
final class WithoutZstandard {
    private WithoutZstandard() {}

    @Substitute
    static boolean available() {
        return false;
    }
}
