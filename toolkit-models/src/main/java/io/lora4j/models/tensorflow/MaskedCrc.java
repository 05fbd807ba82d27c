package io.lora4j.models.tensorflow;

import java.util.zip.Checksum;

/**
 * The form in which LevelDB and TensorFlow store a CRC-32C, so that a checksum of data with checksums in them stays a good one.
 *
 * <p>Source: google/leveldb {@code util/crc32c.h}: rotate right by 15 bits, add 0xa282ead8.
 */
final class MaskedCrc {
    private static final int DELTA = 0xa282ead8;

    private MaskedCrc() {}

    /** The stored form of a checksum. */
    static int of(Checksum crc32c) {
        return Integer.rotateRight((int) crc32c.getValue(), 15) + DELTA;
    }
}
