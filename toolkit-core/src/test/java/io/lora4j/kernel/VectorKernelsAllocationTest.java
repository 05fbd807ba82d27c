package io.lora4j.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.lora4j.error.UserException;
import io.lora4j.kernel.EncoderKernels.Attention;
import java.lang.management.ManagementFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Vectors stay in registers: a kernel that the compiler gave up inlining puts every one of them on the heap. */
class VectorKernelsAllocationTest {
    /** Views and tasks of a call; one boxed vector per step of a loop would be hundreds of thousands. */
    private static final long FEW = 20_000;

    private final EncoderKernels kernels = KernelChoice.choose("vector");
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Bytes that this thread allocates in one call when the compiler has finished, for which it gets up to 20 seconds. */
    private long allocated(Runnable call) {
        long end = System.nanoTime() + 20_000_000_000L;
        long least = Long.MAX_VALUE;
        while (least >= FEW && System.nanoTime() < end) {
            long before = threads.getCurrentThreadAllocatedBytes();
            call.run();
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        return least;
    }

    @Test
    void geluAllocatesAlmostNothing() {
        INDArray x = Nd4j.rand(DataType.FLOAT, 256, 384);
        INDArray y = Nd4j.create(DataType.FLOAT, 256, 384);
        INDArray slope = Nd4j.create(DataType.FLOAT, 256, 384);
        assertFew(allocated(() -> kernels.gelu(x, y, slope)), "gelu");
    }

    @Test
    void dropoutAllocatesAlmostNothing() {
        INDArray x = Nd4j.rand(DataType.FLOAT, 256, 384);
        assertFew(allocated(() -> kernels.dropout(new Dropout(0.1, 3), x, x)), "dropout");
    }

    @Test
    void attentionAllocatesAlmostNothing() {
        attention(null);
    }

    @Test
    void attentionWithDropoutAllocatesAlmostNothing() {
        attention(new Dropout(0.1, 3));
    }

    private void attention(@Nullable Dropout dropout) {
        PackedLayout layout = PackedLayout.ofLengths(40, 64, 33, 64);
        INDArray rows = Nd4j.rand(DataType.FLOAT, layout.rows(), 128);
        Attention input = new Attention(rows, rows, rows, layout, 4, dropout);
        INDArray p = Nd4j.create(DataType.FLOAT, EncoderKernels.statisticsShape(layout, 4));
        INDArray out = Nd4j.create(DataType.FLOAT, layout.rows(), 128);
        INDArray dK = out.dup();
        INDArray dV = out.dup();
        assertFew(allocated(() -> kernels.attention(input, out, p)), "attention");
        assertFew(allocated(() -> kernels.attentionBackward(input, p, rows, out, dK, dV)), "attention, backward");
    }

    @Test
    void thinProductsAllocateAlmostNothing() {
        LowRankKernels thin = KernelChoice.lowRank(kernels);
        INDArray x = Nd4j.rand(DataType.FLOAT, 256, 1536);
        INDArray a = Nd4j.rand(DataType.FLOAT, 4, 1536).transpose();
        INDArray dA = a.dup('f');
        INDArray t = Nd4j.create(DataType.FLOAT, 256, 4);
        INDArray u = t.dup();
        INDArray b = Nd4j.rand(DataType.FLOAT, 1536, 4).transpose();
        INDArray dB = b.dup('f');
        INDArray z = Nd4j.create(DataType.FLOAT, 256, 1536);
        assertFew(allocated(() -> thin.project(x, a, t)), "x A");
        assertFew(allocated(() -> thin.expand(t, b, 1, null, z)), "t B");
        assertFew(allocated(() -> thin.backwardB(t, x, b, 1, dB, u)), "dB");
        assertFew(allocated(() -> thin.backwardA(x, u, a, dA, z)), "dA");
    }

    private static void assertFew(long bytes, String what) {
        assertTrue(bytes < FEW, what + " allocated " + bytes + " bytes");
    }

    @Test
    void theVariableChooses() {
        assertTrue(KernelChoice.choose("auto").toString().startsWith("vector"));
        assertEquals(Nd4jKernels.INSTANCE, KernelChoice.choose("nd4j"));
        UserException e = assertThrows(UserException.class, () -> KernelChoice.choose("cuda"));
        assertTrue(e.getMessage().contains("LORA4J_KERNELS"), e.getMessage());
    }
}
