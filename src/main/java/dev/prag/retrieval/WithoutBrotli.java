package dev.prag.retrieval;

import com.oracle.svm.core.annotate.Substitute;
import com.oracle.svm.core.annotate.TargetClass;
import org.apache.hc.client5.http.impl.Brotli4jRuntime;

/** In a native image: what answers the HTTP client takes needs no library of machine code, as this one is. */
@TargetClass(Brotli4jRuntime.class)
final class WithoutBrotli {
    private WithoutBrotli() {}

    @Substitute
    static boolean available() {
        return false;
    }
}
