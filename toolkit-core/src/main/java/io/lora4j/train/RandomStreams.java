package io.lora4j.train;

import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * One seed per run, split into named streams, so that methods which draw different amounts of randomness still see the same
 * head, batches and order.
 *
 * <p>A stream's seed is the 64-bit FNV-1a hash of its name, mixed with the run's seed by the finaliser of SplitMix64 (Steele et
 * al., 2014). Immutable, thread-safe, the same on every platform.
 */
public final class RandomStreams {
    /** Order of the training examples. */
    public static final String DATA = "data";
    /** Initial weights of the classification head. */
    public static final String HEAD = "head";
    /** Random factors of the adapters. */
    public static final String INIT = "init";
    /** Dropout masks during training. */
    public static final String DROPOUT = "dropout";
    /** Choice of the examples of the gradient estimate. */
    public static final String GRADIENT = "gradient";

    private final long seed;

    /**
     * @param seed the run's seed; any value
     */
    public RandomStreams(long seed) {
        this.seed = seed;
    }

    /**
     * The run's seed.
     *
     * @return the value given to the constructor
     */
    public long seed() {
        return seed;
    }

    /**
     * The seed of a named stream.
     *
     * @param name the stream's name, for example {@link #DATA}
     * @return 64 well-mixed bits
     */
    public long seedOf(String name) {
        long hash = 0xcbf29ce484222325L;
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
        }
        return mix(seed + 0x9e3779b97f4a7c15L * (hash | 1));
    }

    /**
     * A generator of a named stream, at its beginning.
     *
     * @param name the stream's name
     * @return a new generator, owned by the caller
     */
    public RandomGenerator generator(String name) {
        return new SplittableRandom(seedOf(name));
    }

    /**
     * The seed of the n-th member of a stream's family, e.g. the dropout masks of micro-batch n.
     *
     * @param name the stream's name
     * @param index the member, any value
     * @return 64 well-mixed bits
     */
    public long seedOf(String name, long index) {
        return mix(seedOf(name) + 0x9e3779b97f4a7c15L * (index + 1));
    }

    private static long mix(long value) {
        long z = value;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
