package dev.prag.tensor.safetensors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.prag.base.UserException;
import dev.prag.tensor.DType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
    @TempDir
    Path folder;

    private static final StoredTensor WIDE = StoredTensor.of(
            "wide", DType.F32, new int[] {2, 3}, new float[] {1, -2, 0.1f, Float.MAX_VALUE, Float.MIN_VALUE, Float.NaN
            });
    private static final StoredTensor NARROW =
            StoredTensor.of("a narrow one", DType.BF16, new int[] {3}, new float[] {1, -2, 3.25f});
    private static final StoredTensor SCALAR = StoredTensor.of("scalar", DType.F16, new int[0], new float[] {0.5f});
    private static final StoredTensor EMPTY = StoredTensor.of("nothing", DType.F32, new int[] {0, 4}, new float[0]);

    @Test
    void whatIsWrittenIsRead() {
        Map<String, String> notes = Map.of("format", "pt", "a note", "größer\n\"quoted\"");
        byte[] bytes = Safetensors.write(List.of(NARROW, SCALAR, WIDE, EMPTY), notes);
        Safetensors read = Safetensors.parse(bytes, "memory");
        assertEquals(notes, read.metadata());
        assertEquals(List.of("nothing", "wide", "a narrow one", "scalar"), List.copyOf(read.names()));
        assertArrayEquals(WIDE.toFloats(), read.tensor("wide").toFloats());
        assertArrayEquals(new int[] {2, 3}, read.tensor("wide").shape());
        assertArrayEquals(
                new float[] {1, -2, 3.25f}, read.tensors().get("a narrow one").toFloats());
        assertEquals(DType.BF16, read.tensor("a narrow one").dtype());
        assertArrayEquals(new float[] {0.5f}, Safetensors.toFloats(read.tensor("scalar")));
        assertEquals(0, read.tensor("nothing").size());
    }

    @Test
    void theSameContentGivesTheSameBytes() {
        Map<String, String> notes = Map.of("z", "1", "b", "2", "y", "3", "c", "4");
        byte[] bytes = Safetensors.write(List.of(NARROW, WIDE, SCALAR), notes);
        assertArrayEquals(bytes, Safetensors.write(List.of(SCALAR, NARROW, WIDE), notes));
        long header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
        assertEquals(0, header % 8);
    }

    @Test
    void aFileHoldsTheSameBytesAndNothingIsLeftBesideIt() throws IOException {
        Path file = folder.resolve("adapter.safetensors");
        Files.writeString(file, "old");
        Safetensors.write(file, List.of(NARROW, WIDE), Map.of("format", "pt"));
        assertArrayEquals(Safetensors.write(List.of(NARROW, WIDE), Map.of("format", "pt")), Files.readAllBytes(file));
        assertArrayEquals(WIDE.toFloats(), Safetensors.open(file).tensor("wide").toFloats());
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(List.of(file), files.toList());
        }
    }

    @Test
    void aFileThatCannotBeWrittenIsNobodysFault() {
        Path file = folder.resolve("no such folder/adapter.safetensors");
        UserException e = assertThrows(UserException.class, () -> Safetensors.write(file, List.of(WIDE), Map.of()));
        assertEquals(UserException.Kind.ENVIRONMENT, e.kind());
        assertTrue(e.getMessage().contains("adapter.safetensors can't be written"), e.getMessage());
    }

    @Test
    void everyHalfFloatConvertsExactly() {
        byte[] bits = new byte[2 * 65536];
        ByteBuffer buffer = ByteBuffer.wrap(bits).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < 65536; i++) {
            buffer.putShort((short) i);
        }
        int[] shape = {65536};
        float[] halves = new StoredTensor("h", DType.F16, shape, MemorySegment.ofArray(bits)).toFloats();
        float[] brains = new StoredTensor("b", DType.BF16, shape, MemorySegment.ofArray(bits)).toFloats();
        for (int i = 0; i < 65536; i++) {
            int exponent = i >> 10 & 31;
            double mantissa = i & 1023;
            double size = exponent == 31
                    ? (mantissa == 0 ? Double.POSITIVE_INFINITY : Double.NaN)
                    : exponent == 0 ? mantissa * Math.pow(2, -24) : (1024 + mantissa) * Math.pow(2, exponent - 25);
            assertEquals((float) (i < 32768 ? size : -size), halves[i], "half " + i);
            assertEquals(Float.intBitsToFloat(i << 16), brains[i], "bfloat16 " + i);
        }
    }

    @Test
    void tensorsBeyondTwoGigabytesAreReached() throws IOException {
        long large = 3L << 30;
        String header = """
            {"large":{"dtype":"F32","shape":[3,268435456],"data_offsets":[0,%d]},\
            "last":{"dtype":"F32","shape":[2],"data_offsets":[%d,%d]}}\
            """.formatted(large, large, large + 8);
        Path file = folder.resolve("sparse.safetensors");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(file(header, 0)));
            ByteBuffer last = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
            last.putFloat(1.5f).putFloat(-7).flip();
            channel.write(last, 8 + header.length() + large);
        }
        Safetensors read = Safetensors.open(file);
        assertArrayEquals(new float[] {1.5f, -7}, read.tensor("last").toFloats());
        assertEquals(large / 4, read.tensor("large").size());
    }

    @Test
    void otherElementTypesAreRefusedOnlyWhenAskedFor() {
        String header = """
            {"ids":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},\
            "x":{"dtype":"F32","shape":[1],"data_offsets":[8,12]},\
            "bits":{"dtype":"F4","shape":[4],"data_offsets":[12,14]},\
            "n":{"dtype":"I32","shape":[1],"data_offsets":[14,18]}}\
            """;
        Safetensors read = Safetensors.parse(file(header, 18), "some file");
        assertEquals(List.of("ids", "x", "bits", "n"), List.copyOf(read.names()));
        assertEquals(List.of("x", "n"), List.copyOf(read.tensors().keySet()));
        UserException e = assertThrows(UserException.class, () -> read.tensor("ids"));
        assertTrue(e.getMessage().contains("some file: tensor ids has the dtype I64"), e.getMessage());
        assertTrue(assertThrows(UserException.class, () -> read.tensor("n").toFloats())
                .getMessage()
                .contains("I32"));
        assertTrue(assertThrows(UserException.class, () -> read.tensor("y"))
                .getMessage()
                .contains("some file has no tensor y"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
        {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}|9|overlong
        {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}|7|a has offsets outside the file
        {"a":{"dtype":"F32","shape":[2],"data_offsets":[100,108]}}|8|offsets outside the file
        {"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}|12|hole of 4 bytes before tensor a
        {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}|8|overlapping
        {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}|8|overlapping
        {"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}|8|a has the wrong size
        {"a":{"dtype":"F32","shape":[],"data_offsets":[0,8]}}|8|wrong size
        {"a":{"dtype":"F4","shape":[3],"data_offsets":[0,1]}}|1|wrong size
        {"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}|8|negative
        {"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}|8|negative
        {"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}|8|end before they begin
        {"a":{"dtype":"F32","shape":[2147483647,2147483647,2147483647],"data_offsets":[0,8]}}|8|too large
        {"a":{"dtype":"F32","shape":[4294967298],"data_offsets":[0,8]}}|8|too large
        {"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]}}|8|not a whole number
        {"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}|8|not a whole number
        {"a":{"dtype":"F32","shape":["2"],"data_offsets":[0,8]}}|8|not a whole number
        {"a":{"dtype":"F32","shape":2,"data_offsets":[0,8]}}|8|shape of tensor a is not a list
        {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4,8]}}|8|not a pair
        {"a":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}}|8|unknown dtype "F31"
        {"a":{"dtype":7,"shape":[2],"data_offsets":[0,8]}}|8|unknown dtype 7
        {"a":{"shape":[2],"data_offsets":[0,8]}}|8|no dtype
        {"a":{"dtype":"F32","data_offsets":[0,8]}}|8|no shape
        {"a":{"dtype":"F32","shape":[2]}}|8|no data_offsets
        {"a":[]}|8|a is not described
        {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}|8|twice
        {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}|8|not JSON
        {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} x|8|not JSON
        PK garbage|8|not JSON
        [1]|8|not JSON
        {"__metadata__":[]}|0|__metadata__ is not
        {"__metadata__":{"epoch":3}}|0|__metadata__ holds epoch
        """)
    void aLyingHeaderIsRefused(String header, int dataBytes, String cause) {
        UserException e =
                assertThrows(UserException.class, () -> Safetensors.parse(file(header, dataBytes), "bad.safetensors"));
        assertTrue(e.getMessage().contains(cause), e.getMessage());
        assertTrue(e.getMessage().startsWith("bad.safetensors is not a valid safetensors file"), e.getMessage());
        assertTrue(e.getMessage().endsWith("copy or download it again"), e.getMessage());
    }

    @Test
    void aLyingLengthIsRefused() throws IOException {
        assertRefused(new byte[0], "empty");
        assertRefused(new byte[] {1, 0, 0, 0}, "truncated");
        byte[] good = Safetensors.write(List.of(WIDE), Map.of());
        assertRefused(Arrays.copyOf(good, 20), "truncated: its header should have");
        assertRefused(Arrays.copyOf(good, good.length - 1), "truncated");
        assertRefused(Arrays.copyOf(good, good.length + 1), "overlong");
        for (long length : new long[] {Header.MAX_BYTES + 1, Long.MAX_VALUE, -1}) {
            byte[] lying = good.clone();
            ByteBuffer.wrap(lying).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
            assertRefused(lying, "more than the limit of 100000000");
        }
        byte[] notUtf8 = good.clone();
        notUtf8[10] = (byte) 0xFF;
        assertRefused(notUtf8, "not UTF-8");
    }

    private void assertRefused(byte[] bytes, String cause) throws IOException {
        Path file = folder.resolve("model.safetensors");
        Files.write(file, bytes);
        UserException e = assertThrows(UserException.class, () -> Safetensors.open(file));
        assertTrue(e.getMessage().contains(cause), e.getMessage());
        assertTrue(e.getMessage().contains("model.safetensors"), e.getMessage());
    }

    @Test
    void aMissingFileIsNamed() {
        UserException e =
                assertThrows(UserException.class, () -> Safetensors.open(folder.resolve("model-00002-of-00003")));
        assertEquals(UserException.Kind.NOT_FOUND, e.kind());
        assertTrue(e.getMessage().contains("model-00002-of-00003 is missing"), e.getMessage());
        assertFalse(assertThrows(UserException.class, () -> Safetensors.open(folder))
                .getMessage()
                .isBlank());
    }

    private static byte[] file(String header, int dataBytes) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + json.length + dataBytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length)
                .put(json)
                .array();
    }
}
