package dev.prag.lora;

import dev.prag.base.UserException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** How the numbers of an adapter are written; all of them are read, and computed with as F32. */
public enum AdapterFormat {
    /** As they were trained. */
    F32,
    /** Rounded to bfloat16. */
    BF16,
    /** Integers, with a factor for each row of A and each column of B ({@link dev.prag.tensor.Int8}). */
    INT8;

    /**
     * The format of that name.
     *
     * @param setting where it was given, for the message
     * @throws UserException naming those there are
     */
    public static AdapterFormat of(String setting, String name) {
        return Arrays.stream(values())
                .filter(format -> format.label().equals(name.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> new UserException(setting + " is \"" + name + "\"; it has to be one of "
                        + Arrays.stream(values()).map(AdapterFormat::label).collect(Collectors.joining(", "))));
    }

    /** As settings have it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
