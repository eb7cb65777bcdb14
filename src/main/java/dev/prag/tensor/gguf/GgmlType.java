package dev.prag.tensor.gguf;

import dev.prag.tensor.DType;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** The element types of the format, by their numbers: how many values and bytes a block has, and how it is read. */
public enum GgmlType {
    F32(0, 1, 4, DType.F32, Floats::f32),
    F16(1, 1, 2, DType.F16, Floats::f16),
    Q4_0(2, SmallBlocks.VALUES, 18, SmallBlocks::q4With0),
    Q4_1(3, SmallBlocks.VALUES, 20, SmallBlocks::q4With1),
    Q5_0(6, SmallBlocks.VALUES, 22, SmallBlocks::q5With0),
    Q5_1(7, SmallBlocks.VALUES, 24, SmallBlocks::q5With1),
    Q8_0(8, SmallBlocks.VALUES, 34, SmallBlocks::q8With0),
    Q8_1(9, 32, 40),
    Q2_K(10, 256, 84),
    Q3_K(11, 256, 110),
    Q4_K(12, SuperBlocks.VALUES, 144, SuperBlocks::q4k),
    Q5_K(13, SuperBlocks.VALUES, 176, SuperBlocks::q5k),
    Q6_K(14, SuperBlocks.VALUES, 210, SuperBlocks::q6k),
    Q8_K(15, 256, 292),
    IQ2_XXS(16, 256, 66),
    IQ2_XS(17, 256, 74),
    IQ3_XXS(18, 256, 98),
    IQ1_S(19, 256, 50),
    IQ4_NL(20, 32, 18),
    IQ3_S(21, 256, 110),
    IQ2_S(22, 256, 82),
    IQ4_XS(23, 256, 136),
    I8(24, 1, 1),
    I16(25, 1, 2),
    I32(26, 1, 4),
    I64(27, 1, 8),
    F64(28, 1, 8),
    IQ1_M(29, 256, 56),
    BF16(30, 1, 2, DType.BF16, Floats::bf16),
    TQ1_0(34, 256, 54),
    TQ2_0(35, 256, 66),
    MXFP4(39, 32, 17),
    NVFP4(40, 64, 36),
    Q1_0(41, 128, 18);

    private final int number;
    private final int blockValues;
    private final int blockBytes;
    private final DType dtype;
    private final Blocks blocks;

    GgmlType(int number, int blockValues, int blockBytes, DType dtype, Blocks blocks) {
        this.number = number;
        this.blockValues = blockValues;
        this.blockBytes = blockBytes;
        this.dtype = dtype;
        this.blocks = blocks;
    }

    GgmlType(int number, int blockValues, int blockBytes, Blocks blocks) {
        this(number, blockValues, blockBytes, null, blocks);
    }

    /** A type whose size is known, and nothing else here. */
    GgmlType(int number, int blockValues, int blockBytes) {
        this(number, blockValues, blockBytes, null, null);
    }

    static Optional<GgmlType> of(int number) {
        return Arrays.stream(values()).filter(type -> type.number == number).findFirst();
    }

    /** Names of the types that can be read, for messages. */
    static String supported() {
        return Arrays.stream(values())
                .filter(type -> type.blocks != null)
                .map(Enum::name)
                .collect(Collectors.joining(", "));
    }

    int number() {
        return number;
    }

    int blockValues() {
        return blockValues;
    }

    /** Bytes of so many values, a multiple of {@link #blockValues()}. */
    long bytes(long values) {
        return Math.multiplyExact(values / blockValues, (long) blockBytes);
    }

    /** The type that devices know, where it is not quantised. */
    public Optional<DType> dtype() {
        return Optional.ofNullable(dtype);
    }

    /** What reads it; empty if it isn't supported. */
    Optional<Blocks> blocks() {
        return Optional.ofNullable(blocks);
    }
}
