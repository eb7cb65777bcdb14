package dev.prag.corpus;

import dev.prag.base.UserException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Which documents a list shows.
 *
 * @param limit documents of a page
 * @param after what the page before called {@code next}; null for the first
 * @param state one that a passage of theirs is in; null for any
 * @param title words of it, or beginnings of words; null for any
 * @param filter values of metadata by their paths, as {@link MetadataFilter} reads it; null for any
 */
public record DocumentQuery(int limit, String after, EncodingState state, String title, Map<String, Object> filter) {
    /** Documents of the largest page. */
    public static final int MOST = 200;

    public DocumentQuery {
        if (limit < 1 || limit > MOST) {
            throw new UserException("limit " + limit + " is not from 1 to " + MOST);
        }
        if (title != null && words(title).isEmpty()) {
            throw new UserException("title \"" + title + "\" has no word to look for; give one, or leave it out");
        }
    }

    boolean isFiltered() {
        return state != null || title != null || filter != null;
    }

    /** The title as PostgreSQL's full-text search takes it. */
    String titleTerms() {
        return Arrays.stream(words(title).split(" "))
                .map(word -> "'" + word + "':*")
                .collect(Collectors.joining(" & "));
    }

    private static String words(String title) {
        return title.replaceAll("[^\\p{L}\\p{M}\\p{N}]+", " ").strip();
    }

    /** The document that the page before ended with. */
    Optional<Place> place() {
        return after == null ? Optional.empty() : Optional.of(Place.of(after));
    }

    /** A place in the order of lists. */
    record Place(Instant createdAt, String id) {
        static Place of(String cursor) {
            try {
                String place = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
                int space = place.indexOf(' ');
                return new Place(Instant.parse(place.substring(0, Math.max(0, space))), place.substring(space + 1));
            } catch (IllegalArgumentException | DateTimeParseException e) {
                throw new UserException(
                        UserException.Kind.BAD_INPUT,
                        "after is " + cursor + ", which no page gave as next; send that exactly as it is",
                        e);
            }
        }

        String cursor() {
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString((createdAt + " " + id).getBytes(StandardCharsets.UTF_8));
        }
    }
}
