package dev.prag.adapterstore;

import java.util.regex.Pattern;

/** The ids that every store takes: hexadecimal hashes, safe in any path. */
final class AdapterId {
    private static final Pattern ID = Pattern.compile("[0-9a-f]{8,128}");

    private AdapterId() {}

    /**
     * The id.
     *
     * @throws IllegalArgumentException if it is none
     */
    static String require(String id) {
        if (!ID.matcher(id).matches()) {
            throw new IllegalArgumentException("adapter id " + id + " is not a hexadecimal hash");
        }
        return id;
    }

    static boolean isOne(String name) {
        return ID.matcher(name).matches();
    }
}
