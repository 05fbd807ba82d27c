package io.lora4j.kernel;

/**
 * A dropout mask that is a function and needs no memory: element i is dropped if a hash of (seed, i) says so. Every kernel computes the same
 * mask, forward and again backward.
 *
 * <p>The hash is the 32-bit finaliser "lowbias32" (skeeto/hash-prospector, README.md), with a key added before and another in the middle, so
 * that the masks of two seeds are no shifts of each other. The rate is rounded to a multiple of 2^-24. Immutable, the same on every platform.
 *
 * @param rate probability with which an element becomes 0, at least 0 and below 1; what is kept is divided by 1 - rate
 * @param seed chooses the mask
 */
public record Dropout(double rate, long seed) {
    /** First factor of the hash. */
    public static final int FIRST_FACTOR = 0x7feb352d;
    /** Second factor of the hash. */
    public static final int SECOND_FACTOR = 0x846ca68b;
    /** How far a hash is shifted to the right before it is compared with {@link #limit}. */
    public static final int COMPARED_SHIFT = 8;

    private static final int HALF = 16;
    private static final int MIDDLE = 15;
    private static final int KEY_BITS = 32;
    private static final long STEP = 0x9e3779b97f4a7c15L;

    /** Checks the rate. */
    public Dropout {
        if (!(rate >= 0 && rate < 1)) {
            throw new IllegalArgumentException("a dropout rate is at least 0 and below 1: " + rate);
        }
    }

    /**
     * The mask of one of many parts, such as a head.
     *
     * @param part which
     * @return a mask of the same rate with a seed of its own
     */
    public Dropout part(long part) {
        return new Dropout(rate, mixed(seed + STEP * (part + 1)));
    }

    /** The finaliser of SplitMix64 (Steele et al., 2014). */
    private static long mixed(long value) {
        long z = value;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    /**
     * What is added to an index.
     *
     * @return the low half of the mixed seed
     */
    public int firstKey() {
        return (int) mixed(seed);
    }

    /**
     * What the hash is combined with half way.
     *
     * @return the high half of the mixed seed
     */
    public int secondKey() {
        return (int) (mixed(seed) >>> KEY_BITS);
    }

    /**
     * An element is dropped if its hash, shifted by {@link #COMPARED_SHIFT}, is less.
     *
     * @return rate times 2^24, rounded
     */
    public int limit() {
        return (int) Math.round(rate * (1 << (Integer.SIZE - COMPARED_SHIFT)));
    }

    /**
     * What a kept element is multiplied by.
     *
     * @return 1 / (1 - rate)
     */
    public double kept() {
        return 1 / (1 - rate);
    }

    /**
     * Multiplies elements by the mask.
     *
     * @param values elements with the indices first, first + 1, ...; changed
     * @param first index of the first one
     */
    public void apply(double[] values, int first) {
        int add = firstKey();
        int combine = secondKey();
        int limit = limit();
        double kept = kept();
        for (int i = 0; i < values.length; i++) {
            int x = first + i + add;
            x = (x ^ (x >>> HALF)) * FIRST_FACTOR ^ combine;
            x = (x ^ (x >>> MIDDLE)) * SECOND_FACTOR;
            x ^= x >>> HALF;
            values[i] = (x >>> COMPARED_SHIFT) < limit ? 0 : values[i] * kept;
        }
    }
}
