package io.lora4j.recipes.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What Linux says about this process and its machine; null where there is no {@code /proc}. */
final class MachineLoad {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path STAT = Path.of("/proc/stat");
    /** Ticks of /proc/stat in a second, the same on every Linux (sysconf(_SC_CLK_TCK)). */
    private static final double TICKS = 100;

    private static final int IDLE = 4;
    private static final int WAITING = 5;
    private static final int STEAL = 8;

    private final long begun = System.nanoTime();
    private final double own = ownSeconds();
    private final @Nullable Double all = busySeconds();

    /** Peak resident memory of this process in MiB (VmHWM), memory-mapped files included. */
    static @Nullable Long peakResidentMb() {
        return statusMb("VmHWM:");
    }

    /** Resident memory of this process at this moment in MiB (VmRSS), memory-mapped files included. */
    static @Nullable Long residentMb() {
        return statusMb("VmRSS:");
    }

    private static @Nullable Long statusMb(String key) {
        return lines(STATUS).stream()
                .filter(line -> line.startsWith(key))
                .map(line -> Math.round(Long.parseLong(line.replaceAll("\\D", "")) / 1024.0))
                .findFirst()
                .orElse(null);
    }

    /** Processors that other processes have kept busy since this object was made, on average. */
    @Nullable
    Double otherProcessors() {
        Double now = busySeconds();
        if (all == null || now == null) {
            return null;
        }
        double others = now - all - (ownSeconds() - own);
        return Math.max(0, others) / ((System.nanoTime() - begun) * 1e-9);
    }

    /** Processor time of this process since this object was made, over all threads, in seconds. */
    double processorSeconds() {
        return ownSeconds() - own;
    }

    private static @Nullable Double busySeconds() {
        List<String> lines = lines(STAT);
        if (lines.isEmpty()) {
            return null;
        }
        String[] fields = lines.get(0).trim().split("\\s+", -1);
        double ticks = 0;
        for (int i = 1; i <= STEAL && i < fields.length; i++) {
            ticks += i == IDLE || i == WAITING ? 0 : Long.parseLong(fields[i]);
        }
        return ticks / TICKS;
    }

    private static double ownSeconds() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system
                ? system.getProcessCpuTime() * 1e-9
                : 0;
    }

    private static List<String> lines(Path file) {
        try {
            return Files.isReadable(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException e) {
            return List.of(); // a figure less, no failure of what is measured
        }
    }
}
