package io.lora4j.train;

import java.lang.management.ManagementFactory;
import org.nd4j.linalg.api.memory.AllocationsTracker;
import org.nd4j.linalg.api.memory.enums.AllocationKind;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The highest memory seen over a stretch of work: ND4J's off-heap bytes (arrays and workspaces, by its own counters) plus used heap
 * bytes, sampled after every optimiser step and wherever {@link #sample()} is called.
 *
 * <p>Workspaces keep what a step needed, so a sample after the step sees the step's activations. Not counted: memory-mapped files, the
 * JVM's own native memory, and short peaks between samples of what was freed again. One object per trial; not thread-safe.
 */
public final class PeakMemory implements TrainListener {
    private long peak;

    /** Starts with a first sample. */
    public PeakMemory() {
        sample();
    }

    /**
     * ND4J's off-heap bytes at this moment: arrays on the current device and workspaces.
     *
     * @return bytes
     */
    public static long offHeapBytes() {
        int device = Nd4j.getAffinityManager().getDeviceForCurrentThread();
        // The counter's name is misspelt in ND4J 1.0.0-M2.1.
        return Nd4j.getEnvironment().getDeviceCouner(device)
                + AllocationsTracker.getInstance().bytesOnDevice(AllocationKind.WORKSPACE, device);
    }

    /** Takes a sample now. */
    public void sample() {
        long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        peak = Math.max(peak, offHeapBytes() + heap);
    }

    /**
     * The highest sample.
     *
     * @return bytes
     */
    public long peakBytes() {
        return peak;
    }

    @Override
    public void onStep(StepInfo info) {
        sample();
    }
}
