package dev.prag.base;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SecretsTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    jdbc:postgresql://h:5432/d | jdbc:postgresql://h:5432/d
                    jdbc:postgresql://u:hush@h/d | jdbc:postgresql://…@h/d
                    jdbc:postgresql://u:hu@sh@h/d?a=b | jdbc:postgresql://…@h/d?a=b
                    jdbc:postgresql://h/d?user=u&password=hush&ssl=true | jdbc:postgresql://h/d?user=u&password=…&ssl=true
                    jdbc:postgresql://h/d?sslpassword=hush | jdbc:postgresql://h/d?sslpassword=…
                    jdbc:postgresql://h/d?PassWord=hush x | jdbc:postgresql://h/d?PassWord=… x
                    jdbc:postgresql://h/d?%70assword=hush | jdbc:postgresql://h/d?%70assword=…
                    https://api.example/v1?api_key=hush&x=1 | https://api.example/v1?api_key=…&x=1
                    mail@example.org wrote password=no | mail@example.org wrote password=no
                    """)
    void loginsAndSecretParametersAreDots(String text, String shown) {
        assertEquals(shown, Secrets.hidden(text));
    }
}
