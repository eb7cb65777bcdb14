package dev.prag.devices;

import dev.prag.base.UserException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How much of a GPU's memory to take: so many bytes, or a share of what is free.
 *
 * @param bytes 0 where a share is taken
 * @param percent of what is free, from 1 to 100; 0 where bytes are
 */
record DeviceMemory(long bytes, int percent) {
    private static final Pattern SHARE = Pattern.compile("(\\d{1,3}) ?%");
    private static final Pattern SIZE = Pattern.compile("(\\d{1,12}(?:\\.\\d{1,3})?) ?(gib|mib|gb|mb)?");

    /**
     * Reads {@code 20GiB}, {@code 20000 MiB}, {@code 90%}, or bytes.
     *
     * @throws UserException for anything else
     */
    static DeviceMemory of(String setting, String text) {
        String value = text.strip().toLowerCase(Locale.ROOT);
        Matcher share = SHARE.matcher(value);
        if (share.matches()) {
            int percent = Integer.parseInt(share.group(1));
            if (percent >= 1 && percent <= 100) {
                return new DeviceMemory(0, percent);
            }
        }
        Matcher size = SIZE.matcher(value);
        if (size.matches()) {
            double bytes = Double.parseDouble(size.group(1)) * unit(size.group(2));
            if (bytes >= 1 && bytes < 1L << 50) {
                return new DeviceMemory((long) bytes, 0);
            }
        }
        throw new UserException(setting + " is \"" + text
                + "\"; give the memory as 20GiB or 20000MiB, or as a share of what is free, such as 90%");
    }

    private static double unit(String name) {
        return switch (name == null ? "" : name) {
            case "gib" -> 1L << 30;
            case "mib" -> 1L << 20;
            case "gb" -> 1e9;
            case "mb" -> 1e6;
            default -> 1;
        };
    }

    /** Bytes to take where so many are free; may be more than those. */
    long of(long free) {
        return percent > 0 ? Math.max(1, free * percent / 100) : bytes;
    }
}
