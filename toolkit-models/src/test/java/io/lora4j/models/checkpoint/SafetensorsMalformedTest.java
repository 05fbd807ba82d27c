package io.lora4j.models.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.error.FormatException;
import io.lora4j.error.UserException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;

/** Every damaged file ends as one message that names the file, the tensor and the byte offset, before any data is touched. */
class SafetensorsMalformedTest {
    private static final String GOOD_A = "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}";

    @TempDir
    Path folder = Path.of("");

    /** 8 bytes of length, the header as it is (no padding), then zeros. */
    private static byte[] file(String header, int dataBytes) {
        return file(header.getBytes(StandardCharsets.UTF_8), dataBytes);
    }

    private static byte[] file(byte[] header, int dataBytes) {
        return ByteBuffer.allocate(8 + header.length + dataBytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(header.length)
                .put(header)
                .array();
    }

    private static byte[] lengthOnly(long length, int bytesAfter) {
        return ByteBuffer.allocate(8 + bytesAfter)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(length)
                .array();
    }

    private static String tensor(String name, String type, String shape, String offsets) {
        return "\"" + name + "\":{\"dtype\":" + type + ",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}";
    }

    private static Arguments broken(String what, byte[] bytes, long offset, String... inMessage) {
        return Arguments.of(what, bytes, offset, inMessage);
    }

    /** Where the value of the first {@code marker} in the header begins, as an offset in the file. */
    private static long at(String header, String marker) {
        return 8L + header.indexOf(marker);
    }

    static Stream<Arguments> headers() {
        String duplicate = "{" + GOOD_A + "," + GOOD_A + "}";
        String duplicateKey = "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}";
        String cut = "{\"a\":{\"dtype\":\"F32\",\"sha";
        String trailing = "{" + GOOD_A + "}  x";
        String noObject = "{\"a\":[1]}";
        String noType = "{\"a\":{\"shape\":[2],\"data_offsets\":[0,8]}}";
        String unknownKey = "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8],\"stride\":[1]}}";
        String metadata = "{\"__metadata__\":{\"n\":1}," + GOOD_A + "}";
        String metadataTwice = "{\"__metadata__\":{\"n\":\"1\",\"n\":\"1\"}," + GOOD_A + "}";
        byte[] notUtf8 = ("{" + GOOD_A + "}").getBytes(StandardCharsets.ISO_8859_1);
        notUtf8[2] = (byte) 0xff;
        return Stream.of(
                broken("empty file", new byte[0], 0, "0 bytes"),
                broken("ends in the length", new byte[5], 5, "5 bytes"),
                broken("header longer than the file", lengthOnly(100, 20), 28, "100 bytes", "truncated"),
                broken("header over the bound", lengthOnly(25_000_001, 10), 0, "25000001", "25000000"),
                broken("header length 2^63", lengthOnly(Long.MIN_VALUE, 10), 0, "9223372036854775808"),
                broken("header length 0", file("", 0), 8, "'{'"),
                broken("no object", file("[1]", 0), 8, "'{'"),
                broken("begins with a space", file(" {}", 0), 8, "'{'"),
                broken("JSON cut off", file(cut, 8), 8 + cut.length(), "tensor 'a'", "JSON"),
                broken("UTF-16", file("{}".getBytes(StandardCharsets.UTF_16LE), 0), 9, "zero byte"),
                broken("not UTF-8", file(notUtf8, 8), 12, "JSON", "UTF-8"),
                broken("text after the object", file(trailing, 8), at(trailing, "x") + 1, "tensor 'a'", "JSON"),
                broken("second object", file("{}{}", 0), 10, "goes on"),
                broken("duplicate name", file(duplicate, 16), 8 + GOOD_A.length() + 2, "tensor 'a'", "twice"),
                broken("duplicate key", file(duplicateKey, 8), 8 + 20, "tensor 'a'", "'dtype' twice"),
                broken("tensor is no object", file(noObject, 8), at(noObject, "[1]"), "tensor 'a'", "object"),
                broken("no dtype", file(noType, 8), at(noType, "\"a\""), "tensor 'a'", "dtype"),
                broken("unknown key", file(unknownKey, 8), at(unknownKey, "[1]}"), "tensor 'a'", "stride"),
                broken("metadata key twice", file(metadataTwice, 8), 8 + 25, "__metadata__", "'n' twice"),
                broken("metadata no string", file(metadata, 8), at(metadata, "1}"), "__metadata__", "'n'"));
    }

    static Stream<Arguments> tensors() {
        String unknownType = "{" + tensor("a", "\"F33\"", "[2]", "[0,8]") + "}";
        String typeNumber = "{" + tensor("a", "32", "[2]", "[0,8]") + "}";
        String negative = "{" + tensor("a", "\"F32\"", "[-2]", "[0,8]") + "}";
        String fraction = "{" + tensor("a", "\"F32\"", "[2.0]", "[0,8]") + "}";
        String huge = "{" + tensor("a", "\"F32\"", "[2]", "[0,9223372036854775808]") + "}";
        String large = "{" + tensor("a", "\"F32\"", "[2]", "[0,9223372036854775807]") + "}";
        String overflow = "{" + tensor("a", "\"F32\"", "[4294967296,4294967296]", "[0,8]") + "}";
        String mismatch = "{" + tensor("a", "\"F32\"", "[3]", "[0,8]") + "}";
        String wrongType = "{" + tensor("a", "\"F64\"", "[2]", "[0,8]") + "}";
        String backwards = "{" + tensor("a", "\"F32\"", "[2]", "[8,0]") + "}";
        String endless = "{" + tensor("a", "\"F32\"", "[2]", "[0," + "9".repeat(5000) + "]") + "}";
        String three = "{" + tensor("a", "\"F32\"", "[2]", "[0,8,8]") + "}";
        return Stream.of(
                broken("unknown dtype", file(unknownType, 8), at(unknownType, "\"F33"), "tensor 'a'", "F33", "F32"),
                broken("dtype no string", file(typeNumber, 8), at(typeNumber, "32,"), "tensor 'a'", "string"),
                broken("negative dimension", file(negative, 8), at(negative, "-2"), "tensor 'a'", "-2"),
                broken("fractional dimension", file(fraction, 8), at(fraction, "2.0"), "tensor 'a'", "integers"),
                broken("offset 2^63", file(huge, 8), at(huge, "92233"), "tensor 'a'", "9223372036854775808"),
                broken("offset 2^63 - 1", file(large, 8), 8 + large.length() + 8, "tensor 'a'", "truncated"),
                broken("shape overflows", file(overflow, 8), at(overflow, "\"a\""), "tensor 'a'", "2^63"),
                broken("shape against range", file(mismatch, 8), at(mismatch, "\"a\""), "tensor 'a'", "12", "8"),
                broken("type against range", file(wrongType, 8), at(wrongType, "\"a\""), "tensor 'a'", "F64", "16"),
                broken("range backwards", file(backwards, 8), at(backwards, "\"a\""), "tensor 'a'", "[8, 0]"),
                broken("endless number", file(endless, 8), 8 + endless.length() - 3, "tensor 'a'", "JSON"),
                broken("three offsets", file(three, 8), at(three, "\"a\""), "tensor 'a'", "3 data_offsets"));
    }

    static Stream<Arguments> data() {
        String truncated = "{" + GOOD_A + "}";
        String overlap = "{" + GOOD_A + "," + tensor("b", "\"F32\"", "[2]", "[4,12]") + "}";
        String same = "{" + GOOD_A + "," + tensor("b", "\"F32\"", "[2]", "[0,8]") + "}";
        String hole = "{" + GOOD_A + "," + tensor("b", "\"F32\"", "[1]", "[12,16]") + "}";
        String holeAtStart = "{" + tensor("b", "\"F32\"", "[1]", "[4,8]") + "}";
        long dataOfOverlap = 8L + overlap.length();
        return Stream.of(
                broken("truncated data", file(truncated, 7), 8 + truncated.length() + 7, "tensor 'a'", "truncated"),
                broken("no data at all", file(truncated, 0), 8 + truncated.length(), "tensor 'a'", "truncated"),
                broken("overlap", file(overlap, 12), dataOfOverlap + 4, "tensor 'b'", "overlaps tensor 'a'"),
                broken("twice the same bytes", file(same, 8), 8 + same.length(), "tensor 'b'", "overlaps tensor 'a'"),
                broken("hole", file(hole, 16), 8 + hole.length() + 8, "tensor 'b'", "hole"),
                broken("hole at the start", file(holeAtStart, 8), 8 + holeAtStart.length(), "tensor 'b'", "hole"),
                broken("bytes left over", file(truncated, 9), 8 + truncated.length() + 8, "tensor 'a'", "1 more"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"headers", "tensors", "data"})
    void isRefused(String what, byte[] bytes, long offset, String[] inMessage) throws IOException {
        Path path = Files.write(folder.resolve("broken.safetensors"), bytes);
        FormatException e = assertThrows(FormatException.class, () -> SafetensorsFile.open(path), what);
        assertEquals(path, e.path());
        assertTrue(e.getMessage().startsWith(path + ": "), e.getMessage());
        assertEquals(OptionalLong.of(offset), e.offset(), e.getMessage());
        for (String part : inMessage) {
            assertTrue(e.getMessage().contains(part), () -> part + " is not in: " + e.getMessage());
        }
    }

    @Test
    void cutAnywhereOrDamagedAtRandomItIsRefusedOrStillWellFormed() throws IOException {
        byte[] good = Files.readAllBytes(
                Path.of("src/test/resources/golden/peft_fixture/tiny_bert_qv_r4/adapter_model.safetensors"));
        Path path = folder.resolve("damaged.safetensors");
        for (int length = 0; length < good.length; length += 17) {
            Files.write(path, Arrays.copyOf(good, length));
            assertThrows(FormatException.class, () -> SafetensorsFile.open(path));
        }
        Random random = new Random(11);
        int refused = 0;
        for (int i = 0; i < 600; i++) {
            byte[] damaged = good.clone();
            for (int n = random.nextInt(3); n >= 0; n--) {
                damaged[random.nextInt(1400)] = (byte) random.nextInt(256); // in the header
            }
            Files.write(path, damaged);
            try (SafetensorsFile file = SafetensorsFile.open(path)) {
                file.names().forEach(name -> readIfPossible(file, name));
            } catch (FormatException e) {
                refused++;
            }
        }
        assertTrue(refused > 300, refused + " of 600 refused");
    }

    private static void readIfPossible(SafetensorsFile file, String name) {
        TensorInfo info = file.find(name);
        if (info != null && info.type().isFloatingPoint()) {
            assertEquals(
                    info.bytes() / info.type().bytes(),
                    file.read(name, DataType.FLOAT).length());
        }
    }

    @Test
    void theGoodTwinOfTheBrokenFilesIsAccepted() throws IOException {
        // unpadded header of odd length: the data are misaligned, which is allowed and read
        Path path = Files.write(folder.resolve("good.safetensors"), file("{" + GOOD_A + "}  ", 8));
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertEquals(0.0, file.read("a", DataType.FLOAT).sumNumber().doubleValue());
        }
    }

    @Test
    void missingFileIsAUsersMistake() {
        Path path = folder.resolve("nothing.safetensors");
        UserException e = assertThrows(UserException.class, () -> SafetensorsFile.open(path));
        assertEquals("no such file: " + path, e.getMessage());
    }

    @Test
    void anUnreadableTypeIsNamedWhenItIsRead() throws IOException {
        Path path = Files.write(
                folder.resolve("f8.safetensors"), file("{" + tensor("a", "\"F8_E4M3\"", "[2]", "[0,2]") + "}", 2));
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            FormatException e = assertThrows(FormatException.class, () -> file.read("a", DataType.FLOAT));
            assertTrue(e.getMessage().contains("tensor 'a' has type F8_E4M3"), e.getMessage());
        }
    }
}
