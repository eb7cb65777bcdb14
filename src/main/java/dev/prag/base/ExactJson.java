package dev.prag.base;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.math.BigDecimal;
import java.util.Optional;

/** JSON of which nothing is lost on the way: decimals stay as they are written, and no key counts twice. */
public final class ExactJson {
    /** Digits of a number written out; a number with more is data of another kind, and databases have bounds, too. */
    public static final int MOST_DIGITS = 500;

    private ExactJson() {}

    /** A mapper that reads so, and refuses what follows the value. */
    public static JsonMapper.Builder builder() {
        return JsonMapper.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES);
    }

    /**
     * A number in digits as it is written, such as 123456789.0; empty if it is written with an exponent that adds zeros
     * (1e400), or has too many digits.
     */
    public static Optional<String> digits(JsonNode number) {
        BigDecimal value = number.decimalValue();
        return value.scale() < 0 || isTooLong(value) ? Optional.empty() : Optional.of(value.toPlainString());
    }

    /** Whether the number has more than {@link #MOST_DIGITS} digits, written out. */
    public static boolean isTooLong(BigDecimal value) {
        return Math.max((long) value.precision() - Math.min(value.scale(), 0), value.scale()) > MOST_DIGITS;
    }
}
