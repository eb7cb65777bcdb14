package dev.prag.tensor.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.base.UserException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code types.gguf} is what make_types.py beside it made with the gguf package. */
class GgufFileTest {
    private static final Path TYPES = Path.of("src/test/resources/gguf/types.gguf");

    @TempDir
    private Path temporary;

    @ParameterizedTest
    @EnumSource(
            value = GgmlType.class,
            names = {"F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q4_K", "Q5_K", "Q6_K"})
    void blocksBecomeTheFloatsOfTheReference(GgmlType type) {
        GgufFile file = GgufFile.open(TYPES);
        GgufTensor tensor = file.tensor(type.name()).orElseThrow();
        GgufTensor expected = file.tensor("expected." + type.name()).orElseThrow();
        assertEquals(type, tensor.type());
        assertArrayEquals(new int[] {3, 512}, tensor.shape());
        for (int row = 0; row < tensor.rows(); row++) {
            assertArrayEquals(expected.row(row), tensor.row(row), "row " + row);
        }
    }

    @Test
    void valuesOfAllKindsAreRead() {
        Metadata metadata = GgufFile.open(TYPES).metadata();
        assertEquals(200L, metadata.values().get("of.uint8"));
        assertEquals(-100L, metadata.values().get("of.int8"));
        assertEquals(60000L, metadata.values().get("of.uint16"));
        assertEquals(-30000L, metadata.values().get("of.int16"));
        assertEquals(2_000_000_000, metadata.needInteger("of.uint32"));
        assertEquals(-2_000_000_000L, metadata.values().get("of.int32"));
        assertEquals(5_000_000_000L, metadata.values().get("of.uint64"));
        assertEquals(-5_000_000_000L, metadata.values().get("of.int64"));
        assertEquals(0.5, metadata.needNumber("of.float32"));
        assertEquals(0.1, metadata.needNumber("of.float64"));
        assertEquals(true, metadata.flag("of.bool").orElseThrow());
        assertEquals("grüße ▁", metadata.text("of.string").orElseThrow());
        assertEquals(
                List.of("a", "Ġb"), metadata.list("of.strings", String.class).orElseThrow());
        assertEquals(
                List.of(1L, 2L, 3L), metadata.list("of.numbers", Long.class).orElseThrow());
        assertEquals("test", metadata.text("general.architecture").orElseThrow());
    }

    private static GgufBytes small() {
        return new GgufBytes()
                .put("general.architecture", "test")
                .floats("first", new float[] {1, 2, 3, 4, 5, 6}, 2, 3)
                .floats("second", new float[] {7, 8}, 2);
    }

    private GgufFile open(byte[] bytes) {
        try {
            return GgufFile.open(Files.write(temporary.resolve("file.gguf"), bytes));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void refused(byte[] bytes, String... words) {
        refused(() -> open(bytes), words);
    }

    private static void refused(Executable action, String... words) {
        String message = assertThrows(UserException.class, action).getMessage();
        for (String word : words) {
            assertTrue(message.contains(word), word + " is not in: " + message);
        }
        assertTrue(message.contains("; "), "no remedy: " + message);
    }

    @Test
    void anotherAlignmentIsObserved() {
        GgufFile file = open(small().alignment(64).bytes());
        assertArrayEquals(
                new float[] {4, 5, 6}, file.tensor("first").orElseThrow().row(1));
        assertArrayEquals(
                new float[] {7, 8}, file.tensor("second").orElseThrow().row(0));
        refused(small().put("general.alignment", 24).bytes(), "general.alignment", "24", "power of two");
        refused(small().put("general.alignment", 0).bytes(), "general.alignment");
        refused(small().put("general.alignment", "wide").bytes(), "general.alignment", "whole number");
    }

    @Test
    void whatIsNoGgufFileIsNamed() {
        refused(() -> GgufFile.open(temporary.resolve("nowhere.gguf")), "nowhere.gguf", "missing");
        refused(new byte[0], "empty");
        refused("GGUF".getBytes(StandardCharsets.US_ASCII), "truncated", "4 bytes");
        refused(changed(at -> at.put(0, (byte) 'X')), "doesn't begin with GGUF", "58 47 55 46");
        refused(changed(at -> at.putInt(0, 0x67676A74)), "older format ggjt");
        refused(changed(at -> at.putInt(4, 1)), "version 1");
        refused(changed(at -> at.putInt(4, 99)), "version 99");
        refused(changed(at -> at.putInt(4, Integer.reverseBytes(3))), "big-endian");
        refused(small().put("split.count", 3).bytes(), "one of 3 parts", "--merge");
    }

    private static byte[] changed(Consumer<ByteBuffer> change) {
        ByteBuffer bytes = ByteBuffer.wrap(small().bytes()).order(ByteOrder.LITTLE_ENDIAN);
        change.accept(bytes);
        return bytes.array();
    }

    @Test
    void hugeCountsAskForNoMemory() {
        for (long count : new long[] {Long.MAX_VALUE, -1, 1L << 40, 1 << 20}) {
            refused(changed(at -> at.putLong(8, count)), "the number of tensors", Long.toUnsignedString(count));
            refused(changed(at -> at.putLong(16, count)), "the number of metadata", Long.toUnsignedString(count));
            refused(changed(at -> at.putLong(24, count)), "the length of the key", Long.toUnsignedString(count));
        }
        byte[] list = small().put("many", List.of("a", "b")).bytes();
        int at = new String(list, StandardCharsets.ISO_8859_1).indexOf("many") + 4 + 4 + 4;
        ByteBuffer.wrap(list).order(ByteOrder.LITTLE_ENDIAN).putLong(at, 1L << 33);
        refused(list, "the length of the metadata many", String.valueOf(1L << 33));
    }

    @Test
    void everyTruncationIsFound() {
        byte[] whole = small().bytes();
        int data = whole.length - 64;
        for (int length = 0; length < data + 40; length += length < data - 40 ? 7 : 1) {
            refused(Arrays.copyOf(whole, length), "file.gguf");
        }
    }

    @Test
    void damageNeverEndsInAnythingButARefusal() {
        byte[] whole = small().put("list", List.of("a", "b")).put("flag", true).bytes();
        Random random = new Random(1);
        for (int round = 0; round < 1000; round++) {
            byte[] bytes = whole.clone();
            for (int i = 0; i < 1 + round % 3; i++) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            try {
                open(bytes).tensors().values().forEach(tensor -> tensor.data().byteSize());
            } catch (UserException e) {
                assertTrue(e.getMessage().contains("file.gguf"), e.getMessage());
            }
        }
    }

    @Test
    void tensorsThatCantBeAreNamed() {
        byte[] data = new byte[32];
        refused(new GgufBytes().tensor("t", 0, data, 64L, 8).bytes(), "tensor t", "truncated", "64");
        refused(new GgufBytes().tensor("t", 0, data, 8L, 8).bytes(), "tensor t", "no multiple of the alignment");
        refused(new GgufBytes().tensor("t", 0, data, -32L, 8).bytes(), "tensor t", "alignment");
        refused(new GgufBytes().tensor("t", 0, data, Long.MAX_VALUE - 31, 8).bytes(), "tensor t", "truncated");
        refused(
                new GgufBytes()
                        .tensor("t", 0, data, 0L, 8)
                        .tensor("u", 0, data, 0L, 8)
                        .bytes(),
                "tensor u",
                "overlaps");
        refused(
                new GgufBytes()
                        .tensor("t", 0, data, null, 8)
                        .tensor("t", 0, data, null, 8)
                        .bytes(),
                "tensor t",
                "twice");
        refused(new GgufBytes().tensor("t", 0, data, null, 0).bytes(), "tensor t", "dimension of 0");
        refused(new GgufBytes().tensor("t", 0, data, null).bytes(), "tensor t", "0 dimensions");
        refused(new GgufBytes().tensor("t", 0, data, null, 1, 1, 2, 2, 2).bytes(), "tensor t", "5 dimensions");
        int most = Integer.MAX_VALUE;
        refused(new GgufBytes().tensor("t", 0, data, null, most, most, most).bytes(), "tensor t", "too large");
        refused(new GgufBytes().tensor("t", GgmlType.Q8_0, data, 40).bytes(), "tensor t", "rows of 40", "32", "Q8_0");
        refused(new GgufBytes().tensor("t", 4, data, null, 8).bytes(), "tensor t", "type number 4", "Q4_K");
        refused(twice("general.name"), "general.name", "twice");
    }

    /** A second value under the key of the first: its name is written over another of the same length. */
    private static byte[] twice(String key) {
        byte[] bytes =
                new GgufBytes().put(key, "a").put("x".repeat(key.length()), "b").bytes();
        byte[] name = key.getBytes(StandardCharsets.US_ASCII);
        int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("xxx");
        System.arraycopy(name, 0, bytes, at, name.length);
        return bytes;
    }

    @Test
    void typesThatAreKnownButNotReadAreNamedWhenTheyAreAskedFor() {
        GgufTensor tensor = open(new GgufBytes()
                        .tensor("t", GgmlType.IQ4_XS, new byte[136], 256)
                        .bytes())
                .tensor("t")
                .orElseThrow();
        refused(tensor::requireReadable, "tensor t", "IQ4_XS", "Q4_K");
        refused(() -> tensor.row(0), "tensor t", "IQ4_XS");
    }

    @Test
    void metadataOfAnotherKindAreNamed() {
        Metadata metadata = open(small().put("n", -1L)
                        .put("list", List.of(1, 2))
                        .put("text", "t")
                        .bytes())
                .metadata();
        refused(() -> metadata.needInteger("absent"), "absent", "use a complete GGUF file");
        refused(() -> metadata.integer("text"), "text", "whole number");
        refused(() -> metadata.integer("n"), "n is -1", "from 0");
        refused(() -> metadata.integer("list"), "a list of 2", "whole number");
        refused(() -> metadata.number("text"), "must be a number");
        refused(() -> metadata.flag("text"), "true or false");
        refused(() -> metadata.list("list", String.class), "list of texts");
    }

    @Test
    void aFileThatShrinksAfterwardsIsNamed() throws IOException {
        GgufFile file = open(small().bytes());
        try (FileChannel channel = FileChannel.open(file.path(), StandardOpenOption.WRITE)) {
            channel.truncate(64);
        }
        refused(() -> file.tensor("first"), "shorter", "first");
    }
}
