package dev.prag.retrieval;

import com.oracle.svm.core.annotate.Substitute;
import com.oracle.svm.core.annotate.TargetClass;
import org.apache.hc.client5.http.ssl.ConscryptClientTlsStrategy;

/** In a native image: TLS of the HTTP client is Java's; the other library, which isn't there, would be linked. */
@TargetClass(ConscryptClientTlsStrategy.class)
final class WithoutConscrypt {
    private WithoutConscrypt() {}

    @Substitute
    public static boolean isSupported() {
        return false;
    }
}
