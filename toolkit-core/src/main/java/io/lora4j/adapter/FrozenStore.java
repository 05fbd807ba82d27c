package io.lora4j.adapter;

import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The frozen arrays that are alive in this process, by the checksum of their content.
 *
 * <p>A layer's configuration carries that checksum, so a network that DL4J itself makes out of a configuration (a clone, the best model
 * of early stopping, a replica, a restored file) finds its frozen arrays again as long as any bound network still holds them. Arrays are
 * held weakly and never copied; equal content is interchangeable, so an entry can never be the wrong one. Thread-safe.
 */
public final class FrozenStore {
    private static final Map<String, WeakReference<FrozenWeights>> ALIVE = new ConcurrentHashMap<>();

    private FrozenStore() {}

    /**
     * Makes the arrays of one layer findable while somebody holds them.
     *
     * @param weights the layer's arrays; shared, held weakly
     * @return their checksum, to be put into the layer's configuration
     */
    public static String put(FrozenWeights weights) {
        String id = checksum(weights);
        ALIVE.values().removeIf(reference -> reference.get() == null);
        ALIVE.put(id, new WeakReference<>(weights));
        return id;
    }

    /**
     * The arrays of a checksum.
     *
     * @param id a checksum, or null
     * @return the shared arrays, or null if there are none alive
     */
    public static @Nullable FrozenWeights find(@Nullable String id) {
        WeakReference<FrozenWeights> reference = id == null ? null : ALIVE.get(id);
        return reference == null ? null : reference.get();
    }

    /**
     * The checksum of arrays: names, types, shapes and values.
     *
     * @param weights any arrays
     * @return SHA-256 in hexadecimal
     */
    public static String checksum(FrozenWeights weights) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String name : weights.names()) {
                INDArray array = weights.get(name);
                String head = name + array.dataType() + Arrays.toString(array.shape());
                digest.update(head.getBytes(StandardCharsets.UTF_8));
                update(digest, array);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** In blocks of rows, so that no second copy of a large array is made. */
    private static void update(MessageDigest digest, INDArray array) {
        INDArray rows = array.rank() < 2 ? array.reshape(1, array.length()) : array;
        long block = Math.max(1, (1 << 20) / Math.max(1, rows.length() / rows.size(0)));
        for (long from = 0; from < rows.size(0); from += block) {
            long to = Math.min(rows.size(0), from + block);
            double[] values = rows.get(NDArrayIndex.interval(from, to))
                    .castTo(DataType.DOUBLE)
                    .dup('c')
                    .data()
                    .asDouble();
            ByteBuffer bytes = ByteBuffer.allocate(values.length * Double.BYTES);
            bytes.asDoubleBuffer().put(values);
            digest.update(bytes);
        }
    }
}
