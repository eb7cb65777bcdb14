package dev.prag.devices;

import dev.prag.base.UserException;
import dev.prag.tensor.DType;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/**
 * Settings that only some devices have.
 *
 * @param memory of a GPU that is taken at the start
 * @param cacheType of keys and values on a GPU
 * @param graphs whether a GPU's steps that come again alike run as graphs
 */
public record DeviceSettings(DeviceMemory memory, DType cacheType, boolean graphs) {
    static final String MEMORY = "prag.cuda.memory";
    static final String CACHE = "prag.cuda.cache";
    static final String GRAPHS = "prag.cuda.graphs";

    /** What holds where nobody says otherwise. */
    public static final DeviceSettings DEFAULT = of(name -> Optional.empty());

    /**
     * Reads them.
     *
     * @param setting gives the value of a setting by its name, if there is one
     * @throws UserException for a value that can't be
     */
    public static DeviceSettings of(Function<String, Optional<String>> setting) {
        DeviceMemory memory = DeviceMemory.of(MEMORY, setting.apply(MEMORY).orElse("90%"));
        String cache = setting.apply(CACHE).orElse("bf16");
        DType cacheType =
                switch (cache.strip().toLowerCase(Locale.ROOT)) {
                    case "bf16" -> DType.BF16;
                    case "f32" -> DType.F32;
                    default ->
                        throw new UserException(
                                CACHE + " is \"" + cache + "\"; keys and values are kept in bf16 or f32");
                };
        String graphs = setting.apply(GRAPHS).orElse("true");
        return new DeviceSettings(
                memory,
                cacheType,
                switch (graphs.strip().toLowerCase(Locale.ROOT)) {
                    case "true" -> true;
                    case "false" -> false;
                    default -> throw new UserException(GRAPHS + " is \"" + graphs + "\"; give true or false");
                });
    }
}
