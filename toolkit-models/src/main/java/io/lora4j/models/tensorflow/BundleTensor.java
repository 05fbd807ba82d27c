package io.lora4j.models.tensorflow;

import java.util.List;

/**
 * A variable of a tensor bundle: what it is and where its bytes stand.
 *
 * @param name its name
 * @param type TensorFlow's number of its element type; 1 is 32-bit float
 * @param shape its dimensions
 * @param shard number of the data file
 * @param offset its first byte in that file
 * @param bytes its length
 * @param crc the stored, masked CRC-32C of its bytes
 */
record BundleTensor(String name, int type, List<Long> shape, int shard, long offset, long bytes, int crc) {
    /** TensorFlow's number of 32-bit float. */
    static final int FLOAT = 1;

    /** Copies the shape. */
    BundleTensor {
        shape = List.copyOf(shape);
    }

    long end() {
        return offset + bytes;
    }
}
