package io.lora4j.models.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.error.UserException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** What is written is read back, laid out as the reference writer lays it out, and never half there. */
class SafetensorsWriterTest {
    @TempDir
    Path folder = Path.of("");

    private static Map<String, INDArray> sample() {
        Map<String, INDArray> arrays = new LinkedHashMap<>();
        INDArray matrix = Nd4j.linspace(DataType.FLOAT, -3.0, 0.25, 24).reshape(4, 6);
        arrays.put("z.float", matrix);
        arrays.put("transposed", matrix.transpose());
        arrays.put("view", matrix.get(NDArrayIndex.interval(1, 3), NDArrayIndex.interval(2, 5)));
        arrays.put("half", matrix.castTo(DataType.FLOAT16));
        arrays.put("double \"quoted\" ü", Nd4j.createFromArray(1.0 / 3, Math.PI));
        arrays.put("scalar", Nd4j.scalar(7.5f));
        arrays.put("long", Nd4j.createFromArray(Long.MIN_VALUE, 5L, Long.MAX_VALUE));
        return arrays;
    }

    @Test
    void roundTripKeepsEveryBit() {
        Path path = folder.resolve("model.safetensors");
        Map<String, INDArray> arrays = sample();
        SafetensorsWriter.write(path, arrays, Map.of("format", "pt"));
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertEquals(Map.of("format", "pt"), file.metadata());
            assertEquals(arrays.keySet(), Set.copyOf(file.names()));
            arrays.forEach((name, array) -> {
                INDArray back = file.read(name, array.dataType());
                assertArrayEquals(array.shape(), back.shape(), name);
                assertEquals('c', back.ordering(), name);
                assertEquals(array.dup('c'), back, name);
            });
        }
    }

    @Test
    void tensorsLargerThanAWindowAreReadAndWrittenInParts() throws IOException {
        Path whole = folder.resolve("whole.safetensors");
        Path parts = folder.resolve("parts.safetensors");
        SafetensorsWriter.write(whole, sample(), Map.of());
        SafetensorsWriter.write(parts, sample(), Map.of(), 7);
        assertEquals(-1, Files.mismatch(whole, parts));
        try (SafetensorsFile one = SafetensorsFile.open(whole);
                SafetensorsFile many = SafetensorsFile.open(whole, 5)) {
            one.names().forEach(name -> {
                DataType type = sample().get(name).dataType();
                assertEquals(one.read(name, type), many.read(name, type), name);
            });
        }
    }

    @Test
    void aFileOfMoreThanTwoGibibytesIsRead() throws IOException {
        long padding = (1L << 31) + 24;
        byte[] header = ("{\"padding\":{\"dtype\":\"U8\",\"shape\":[" + padding + "],\"data_offsets\":[0," + padding
                        + "]},\"last\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[" + padding + ","
                        + (padding + 8)
                        + "]}}")
                .getBytes(StandardCharsets.US_ASCII);
        Path path = folder.resolve("large.safetensors");
        // The padding is never written: on a file system with sparse files this takes no space.
        try (FileChannel channel = FileChannel.open(
                path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SPARSE)) {
            ByteBuffer start = ByteBuffer.allocate(8 + header.length).order(ByteOrder.LITTLE_ENDIAN);
            channel.write(start.putLong(header.length).put(header).flip());
            ByteBuffer end = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
            channel.write(end.putFloat(1.5f).putFloat(-2f).flip(), 8 + header.length + padding);
        }
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertEquals(Nd4j.createFromArray(1.5f, -2f), file.read("last", DataType.FLOAT));
        }
    }

    @Test
    void layoutIsAlignedSortedAndRepeatable() throws IOException {
        Path first = folder.resolve("first.safetensors");
        Path second = folder.resolve("second.safetensors");
        Map<String, INDArray> arrays = sample();
        SafetensorsWriter.write(first, arrays, Map.of());
        Map<String, INDArray> reversed = new LinkedHashMap<>();
        arrays.keySet().stream().sorted(Comparator.reverseOrder()).forEach(n -> reversed.put(n, arrays.get(n)));
        SafetensorsWriter.write(second, reversed, Map.of());
        assertEquals(-1, Files.mismatch(first, second));
        try (SafetensorsFile file = SafetensorsFile.open(first)) {
            assertEquals(
                    List.of("double \"quoted\" ü", "long", "scalar", "transposed", "view", "z.float", "half"),
                    List.copyOf(file.names()));
            for (String name : file.names()) {
                TensorInfo info = file.find(name);
                assertTrue(info != null && info.offset() % info.type().bytes() == 0, name);
            }
            TensorInfo start = file.find("double \"quoted\" ü");
            assertTrue(start != null && start.offset() % 8 == 0);
        }
    }

    @Test
    void replacesInOneStepAndLeavesNothingBeside() throws IOException {
        Path path = folder.resolve("model.safetensors");
        SafetensorsWriter.write(path, Map.of("a", Nd4j.ones(2)), Map.of());
        SafetensorsWriter.write(path, Map.of("b", Nd4j.ones(3)), Map.of());
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertEquals(Set.of("b"), file.names());
        }
        UserException e = assertThrows(
                UserException.class,
                () -> AtomicFile.write(path, beside -> {
                    Files.writeString(beside, "half");
                    throw new IOException("disk full");
                }));
        assertTrue(e.getMessage().contains(path.toString()) && e.getMessage().contains("disk full"), e.getMessage());
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(List.of(path), files.toList());
        }
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
            assertEquals(Set.of("b"), file.names());
        }
    }

    @Test
    void aMissingFolderIsAUsersMistake() {
        Path path = folder.resolve("nowhere").resolve("model.safetensors");
        UserException e = assertThrows(
                UserException.class, () -> SafetensorsWriter.write(path, Map.of("a", Nd4j.ones(2)), Map.of()));
        assertTrue(e.getMessage().contains(path.toString()), e.getMessage());
    }
}
