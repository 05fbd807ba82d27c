package io.lora4j.kernel.vector;

import io.lora4j.kernel.KernelThreads;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;

/** Splits a range between the calling thread and Java's common pool, unless the caller is to stay alone ({@link KernelThreads}). */
final class Parallel {
    /** A part of the range. */
    @FunctionalInterface
    interface Body {
        /**
         * @param from first index
         * @param to behind the last
         */
        void run(int from, int to);
    }

    private Parallel() {}

    /**
     * Runs a body over 0 to count - 1, in as many equal parts as there are processors.
     *
     * @param grain the least indices worth a part of their own
     */
    static void run(int count, int grain, Body body) {
        int parts = Math.min(ForkJoinPool.getCommonPoolParallelism() + 1, Math.max(1, count / Math.max(1, grain)));
        if (parts == 1 || KernelThreads.isAlone()) {
            body.run(0, count);
            return;
        }
        ForkJoinTask<?>[] tasks = new ForkJoinTask<?>[parts - 1];
        for (int part = 1; part < parts; part++) {
            int from = (int) ((long) count * part / parts);
            int to = (int) ((long) count * (part + 1) / parts);
            tasks[part - 1] = ForkJoinPool.commonPool().submit(() -> body.run(from, to));
        }
        body.run(0, (int) ((long) count / parts));
        for (ForkJoinTask<?> task : tasks) {
            task.join();
        }
    }
}
