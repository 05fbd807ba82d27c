package io.lora4j.kernel;

import java.util.function.Supplier;

/** How many threads the kernels of a calling thread use: all processors, or only itself where every processor has a caller of its own. */
public final class KernelThreads {
    private static final ThreadLocal<Boolean> ALONE = ThreadLocal.withInitial(() -> false);

    private KernelThreads() {}

    /**
     * Whether kernels called by this thread stay on it.
     *
     * @return true inside {@link #alone}
     */
    public static boolean isAlone() {
        return ALONE.get();
    }

    /**
     * Runs work whose kernels stay on the calling thread.
     *
     * @param work what to run
     * @param <T> its result
     * @return its result
     */
    public static <T> T alone(Supplier<T> work) {
        boolean before = ALONE.get();
        ALONE.set(true);
        try {
            return work.get();
        } finally {
            ALONE.set(before);
        }
    }
}
