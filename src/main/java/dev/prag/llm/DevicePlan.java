package dev.prag.llm;

import dev.prag.base.UserException;
import dev.prag.tensor.Device;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;

/** What is to lie on a device, by what it is for: held against the device's room before any of it is brought there. */
public final class DevicePlan {
    private static final long MIB = 1L << 20;
    private static final long GIB = 1L << 30;

    private final Map<String, Long> parts = new LinkedHashMap<>();

    /** Adds bytes under a name for people, such as {@code weights}. */
    public DevicePlan with(String part, long bytes) {
        parts.merge(part, bytes, Long::sum);
        return this;
    }

    /** Bytes by what they are for. */
    public Map<String, Long> parts() {
        return Collections.unmodifiableMap(parts);
    }

    /** Bytes in all. */
    public long bytes() {
        return parts.values().stream().mapToLong(Long::longValue).sum();
    }

    /**
     * Refuses what doesn't fit.
     *
     * @param what it is, such as {@code the model}
     * @param remedy what to give less of, or instead; what holds for every plan is added
     * @throws UserException with the numbers, if the device knows its room and it doesn't suffice
     */
    public void require(Device device, String what, String remedy) {
        OptionalLong room = device.room();
        if (room.isPresent() && bytes() > room.getAsLong()) {
            throw new UserException(
                    UserException.Kind.TOO_LARGE,
                    what + " needs " + size(bytes()) + " on " + device.name() + " (" + listed(parts) + "), which has "
                            + size(room.getAsLong()) + " for it; " + remedy
                            + ", more of the GPU's memory (prag.cuda.memory), another GPU (--device cuda:N) or the"
                            + " processor (--device cpu)");
        }
    }

    /** Parts with their sizes, for people. */
    public static String listed(Map<String, Long> parts) {
        StringBuilder listed = new StringBuilder();
        parts.forEach((part, bytes) -> listed.append(listed.isEmpty() ? "" : ", ")
                .append(part)
                .append(' ')
                .append(size(bytes)));
        return listed.toString();
    }

    /** A size for people. */
    public static String size(long bytes) {
        return bytes < GIB ? bytes / MIB + " MiB" : String.format(Locale.ROOT, "%.1f GiB", bytes / (double) GIB);
    }
}
