package dev.prag.base;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExceptionNamesTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "java.net.ConnectException: Connection refused | Connection refused",
                "org.infinispan.commons.CacheException: java.lang.SecurityException: ISPN000287: Unauthorized access"
                        + " | ISPN000287: Unauthorized access",
                "it failed: javax.net.ssl.SSLHandshakeException: no name | it failed: no name",
                "a.b.Outer$InnerException: so it is | so it is",
                "Exception: none that has a package | Exception: none that has a package",
                "see example.org/Error for more | see example.org/Error for more",
            })
    void namesOfClassesGo(String said, String read) {
        assertEquals(read, ExceptionNames.without(said));
    }
}
