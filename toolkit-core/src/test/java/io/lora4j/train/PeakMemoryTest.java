package io.lora4j.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class PeakMemoryTest {
    private static final long FLOATS = 4_000_000;

    @Test
    void countsArraysAndRemembersThemAfterTheyAreFreed() {
        PeakMemory memory = new PeakMemory();
        long before = PeakMemory.offHeapBytes();
        try (INDArray array = Nd4j.createUninitialized(DataType.FLOAT, FLOATS)) {
            assertEquals(4.0 * FLOATS, (double) (PeakMemory.offHeapBytes() - before), 1000.0, "float32 has four bytes");
            assertEquals(FLOATS, array.length());
            memory.sample();
        }
        assertEquals((double) before, (double) PeakMemory.offHeapBytes(), 1000.0);
        assertTrue(memory.peakBytes() >= before + 4 * FLOATS);
    }

    @Test
    void countsWorkspaces() {
        long before = PeakMemory.offHeapBytes();
        WorkspaceConfiguration conf =
                WorkspaceConfiguration.builder().initialSize(8_000_000).build();
        try (MemoryWorkspace workspace = Nd4j.getWorkspaceManager().getAndActivateWorkspace(conf, "PEAK_MEMORY_TEST")) {
            assertTrue(PeakMemory.offHeapBytes() - before >= 8_000_000, workspace.getId());
        }
        Nd4j.getWorkspaceManager().destroyAllWorkspacesForCurrentThread();
    }
}
