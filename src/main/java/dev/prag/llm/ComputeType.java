package dev.prag.llm;

import dev.prag.base.UserException;
import dev.prag.tensor.DType;
import java.util.Locale;

/** The names under which people choose the type of a model's matrix products. */
public final class ComputeType {
    /** Weights in the type of the products. */
    public static final String FULL = "full";

    private ComputeType() {}

    /**
     * The type of the products.
     *
     * @param prefix of the two settings in messages: nothing, or the dashes of an option
     * @param dtype f32 or bf16
     * @param weights full: as dtype says; or int8
     * @throws UserException if a name is unknown or the two contradict each other
     */
    public static DType of(String prefix, String dtype, String weights) {
        DType full =
                switch (dtype.toLowerCase(Locale.ROOT)) {
                    case "f32" -> DType.F32;
                    case "bf16" -> DType.BF16;
                    case "int8" ->
                        throw new UserException(prefix + "dtype int8: this is a choice of " + prefix + "weights; give "
                                + prefix + "weights int8");
                    default ->
                        throw new UserException(prefix + "dtype " + dtype + ": not supported; choose f32 or bf16");
                };
        return switch (weights.toLowerCase(Locale.ROOT)) {
            case FULL -> full;
            case "int8" -> {
                if (full == DType.F32) {
                    throw new UserException(prefix + "weights int8 contradicts " + prefix
                            + "dtype f32: products are computed in one type; leave one of them out");
                }
                yield DType.I8;
            }
            case "sum", "mean", "score" ->
                throw new UserException(
                        prefix + "weights " + weights + ": this is the type of the model's weights, full"
                                + " or int8; how adapters are weighted is a choice of --weighting");
            default -> throw new UserException(prefix + "weights " + weights + ": not supported; choose full or int8");
        };
    }

    /** The name of a type: f32, bf16 or int8. */
    public static String name(DType type) {
        return type == DType.I8 ? "int8" : type.name().toLowerCase(Locale.ROOT);
    }
}
