package io.lora4j.recipes.run;

import io.lora4j.error.UserException;
import io.lora4j.gradient.WeightGradients;
import io.lora4j.models.checkpoint.SafetensorsFile;
import io.lora4j.models.checkpoint.SafetensorsWriter;
import io.lora4j.models.checkpoint.TensorInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Estimated gradients on disk, so that a study estimates each once: safetensors files named by a checksum of all that the estimate depends on, in a
 * folder of at most {@value #MOST_BYTES} bytes; what was not used for longest goes first. A cached gradient is the estimated one to the last bit. A
 * file that is damaged is deleted, and nothing that goes wrong here ends a run: the gradient is then estimated.
 */
final class GradientCache {
    private static final Logger LOG = LoggerFactory.getLogger(GradientCache.class);

    /** Six gradients of BERT-base's linear maps in float32, or fifty of MiniLM's. */
    static final long MOST_BYTES = 2L << 30;

    private static final String ENDING = ".safetensors";
    private static final String EXAMPLES = "examples";
    private static final String SECONDS = "seconds";
    private static final String CHECKSUM = "crc32/";

    private final Path folder;
    private final long mostBytes;

    GradientCache(Path folder) {
        this(folder, MOST_BYTES);
    }

    GradientCache(Path folder, long mostBytes) {
        this.folder = folder;
        this.mostBytes = mostBytes;
    }

    /**
     * A gradient with what it took.
     *
     * @param gradients the sums
     * @param seconds seconds of the estimate
     */
    record Cached(WeightGradients gradients, double seconds) {}

    /**
     * Looks for a gradient.
     *
     * @param key the checksum of what it depends on
     * @param layers the layers it must have, in their order
     * @return null if it is not there or damaged
     */
    @Nullable
    Cached read(String key, Collection<String> layers) {
        Path file = folder.resolve(key + ENDING);
        if (!Files.exists(file)) {
            return null;
        }
        try (SafetensorsFile open = SafetensorsFile.open(file)) {
            Map<String, String> metadata = open.metadata();
            Map<String, INDArray> sums = new LinkedHashMap<>();
            for (String layer : layers) {
                sums.put(layer, sum(open, layer));
            }
            Cached cached = new Cached(
                    new WeightGradients(sums, Long.parseLong(text(metadata, EXAMPLES))),
                    Double.parseDouble(text(metadata, SECONDS)));
            Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
            return cached;
        } catch (UserException | IllegalArgumentException | IOException e) {
            LOG.info("{} is damaged: the gradient is estimated again", file, e);
            delete(file);
            return null;
        }
    }

    @SuppressWarnings("try") // the scope is held, not used
    private static INDArray sum(SafetensorsFile open, String layer) {
        TensorInfo info = open.find(layer);
        DataType type = info == null ? null : info.type().dataType();
        if (type == null) {
            throw new IllegalArgumentException("it has no layer " + layer);
        }
        try (MemoryWorkspace outside = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
            INDArray stored = open.read(layer, type);
            if (!checksum(stored).equals(text(open.metadata(), CHECKSUM + layer))) {
                throw new IllegalArgumentException("the sums of " + layer + " have another checksum");
            }
            // The order in memory is that of an estimate: the last digits of products depend on it.
            INDArray sum = Nd4j.createUninitialized(type, stored.shape(), 'f');
            sum.assign(stored);
            free(stored);
            return sum;
        }
    }

    private static String text(Map<String, String> metadata, String key) {
        String value = metadata.get(key);
        if (value == null) {
            throw new IllegalArgumentException("it has no " + key);
        }
        return value;
    }

    /** Of the values in the order of rows. */
    private static String checksum(INDArray array) {
        INDArray rows = array.dup('c');
        ByteBuffer bytes = rows.data().pointer().asByteBuffer();
        bytes.limit(Math.toIntExact(rows.length() * rows.dataType().width()));
        CRC32 crc = new CRC32();
        crc.update(bytes);
        free(rows);
        return Long.toHexString(crc.getValue());
    }

    /** Not left to the garbage collector, which does not see how large it is. */
    private static void free(INDArray array) {
        if (array.closeable()) {
            array.close();
        }
    }

    /**
     * Keeps a gradient, and makes room for it.
     *
     * @param key the checksum of what it depends on
     * @param gradients the sums, which are only read
     * @param seconds seconds of the estimate
     */
    void write(String key, WeightGradients gradients, double seconds) {
        Map<String, INDArray> sums = new LinkedHashMap<>();
        Map<String, String> metadata = new HashMap<>();
        metadata.put(EXAMPLES, String.valueOf(gradients.exampleCount()));
        metadata.put(SECONDS, String.valueOf(seconds));
        long bytes = 0;
        for (String layer : gradients.layers()) {
            INDArray sum = gradients.sum(layer);
            sums.put(layer, sum);
            metadata.put(CHECKSUM + layer, checksum(sum));
            bytes += sum.length() * sum.dataType().width();
        }
        if (bytes > mostBytes) {
            return;
        }
        try {
            Files.createDirectories(folder);
            makeRoom(mostBytes - bytes);
            SafetensorsWriter.write(folder.resolve(key + ENDING), sums, metadata);
        } catch (UserException | IOException e) {
            LOG.info("the gradient cannot be kept in {}", folder, e);
        }
    }

    /** Deletes what was not used for longest until the rest has at most so many bytes. */
    private void makeRoom(long most) throws IOException {
        record Known(Path file, FileTime used, long bytes) {}
        List<Known> known;
        try (Stream<Path> files = Files.list(folder)) {
            known = files.filter(file -> file.toString().endsWith(ENDING))
                    .map(Path::toFile)
                    .map(file -> new Known(file.toPath(), FileTime.fromMillis(file.lastModified()), file.length()))
                    .sorted(Comparator.comparing(Known::used))
                    .toList();
        }
        long bytes = known.stream().mapToLong(Known::bytes).sum();
        for (Known each : known) {
            if (bytes <= most) {
                return;
            }
            delete(each.file());
            bytes -= each.bytes();
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.info("{} cannot be deleted", file, e);
        }
    }
}
