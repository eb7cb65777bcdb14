package dev.prag.retrieval;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAccessor;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a date says, in milliseconds since 1970 in UTC: a day from its first to its last, a time of day both at once.
 *
 * @param first millisecond
 * @param last millisecond, still in it
 */
record DateSpan(long first, long last) {
    /** What may be one, before anything expensive is tried. */
    private static final Pattern SHAPE = Pattern.compile("\\d{4}-\\d{2}-\\d{2}([T ]\\d{2}:\\d{2}.{0,24})?");

    private static final int DATE = 10;

    /** Of an ISO 8601 date, or of a date with a time of day, which is UTC where no offset follows. */
    static Optional<DateSpan> of(String text) {
        if (!SHAPE.matcher(text).matches()) {
            return Optional.empty();
        }
        try {
            if (text.length() == DATE) {
                LocalDate day = LocalDate.parse(text);
                return Optional.of(new DateSpan(start(day), start(day.plusDays(1)) - 1));
            }
            TemporalAccessor time = DateTimeFormatter.ISO_DATE_TIME.parseBest(
                    text.replace(' ', 'T'), OffsetDateTime::from, LocalDateTime::from);
            long millis = time instanceof OffsetDateTime offset
                    ? offset.toInstant().toEpochMilli()
                    : LocalDateTime.from(time).toInstant(ZoneOffset.UTC).toEpochMilli();
            return Optional.of(new DateSpan(millis, millis));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static long start(LocalDate day) {
        return day.atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli();
    }
}
