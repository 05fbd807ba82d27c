package io.lora4j.adapter;

import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
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
    private static final Map<String, List<WeakReference<FrozenWeights>>> ALIVE = new ConcurrentHashMap<>();

    /** Elements that are checked at a time. */
    private static final int BLOCK = 1 << 18;

    private static final List<WeakReference<FrozenWeights>> NONE = List.of();

    private FrozenStore() {}

    /**
     * Makes the arrays of one layer findable while somebody holds them.
     *
     * @param weights the layer's arrays; shared, held weakly
     * @return their checksum, to be put into the layer's configuration
     */
    public static synchronized String put(FrozenWeights weights) {
        String id = checksum(weights);
        ALIVE.values().forEach(references -> references.removeIf(reference -> reference.get() == null));
        ALIVE.values().removeIf(List::isEmpty);
        // Several owners of equal arrays: each keeps its own alive.
        ALIVE.computeIfAbsent(id, key -> new CopyOnWriteArrayList<>()).add(new WeakReference<>(weights));
        return id;
    }

    /**
     * The arrays of a checksum.
     *
     * @param id a checksum, or null
     * @return the shared arrays, or null if there are none alive
     */
    public static @Nullable FrozenWeights find(@Nullable String id) {
        for (WeakReference<FrozenWeights> reference : id == null ? NONE : ALIVE.getOrDefault(id, NONE)) {
            FrozenWeights weights = reference.get();
            if (weights != null) {
                return weights;
            }
        }
        return null;
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

    /** In blocks, so that no second copy of a large array is made. */
    private static void update(MessageDigest digest, INDArray array) {
        long size = array.size(0);
        long block = Math.max(1, BLOCK / Math.max(1, array.length() / size));
        for (long from = 0; from < size; from += block) {
            double[] values = array.get(NDArrayIndex.interval(from, Math.min(size, from + block)))
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
