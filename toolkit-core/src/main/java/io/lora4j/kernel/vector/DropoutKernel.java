package io.lora4j.kernel.vector;

import io.lora4j.kernel.Dropout;
import java.nio.FloatBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** {@link Dropout} by vectors: the mask is computed where it is used, forward and again backward. One object per mask and call. */
final class DropoutKernel {
    private static final VectorSpecies<Integer> WHOLE = Lanes.SPECIES.withLanes(int.class);
    private static final int BLOCK = 2048;
    private static final ThreadLocal<float[]> SCRATCH = ThreadLocal.withInitial(() -> new float[BLOCK]);
    private static final int[] COUNT = count();

    private int firstKey;
    private int secondKey;
    private int limit;
    private int kept;

    DropoutKernel() {}

    private static int[] count() {
        int[] numbers = new int[Lanes.COUNT];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = i;
        }
        return numbers;
    }

    /** Takes over a mask. */
    DropoutKernel use(Dropout dropout) {
        firstKey = dropout.firstKey();
        secondKey = dropout.secondKey();
        limit = dropout.limit();
        kept = Float.floatToRawIntBits((float) dropout.kept());
        return this;
    }

    /** Multiplies values[at ...] by the mask of the indices first, first + 1, ...; whole vectors, so up to the next multiple of them. */
    void multiply(float[] values, int at, int count, int first) {
        for (int i = 0; i < count; i += Lanes.COUNT) {
            FloatVector.fromArray(Lanes.SPECIES, values, at + i)
                    .mul(factors(first + i))
                    .intoArray(values, at + i);
        }
    }

    private FloatVector factors(int index) {
        IntVector x = IntVector.fromArray(WHOLE, COUNT, 0).add(index + firstKey);
        x = x.lanewise(VectorOperators.XOR, x.lanewise(VectorOperators.LSHR, 16))
                .mul(Dropout.FIRST_FACTOR);
        x = x.lanewise(VectorOperators.XOR, secondKey);
        x = x.lanewise(VectorOperators.XOR, x.lanewise(VectorOperators.LSHR, 15))
                .mul(Dropout.SECOND_FACTOR);
        x = x.lanewise(VectorOperators.XOR, x.lanewise(VectorOperators.LSHR, 16));
        // Negative where the element is dropped: all ones after the arithmetic shift, which clear the factor's bits.
        IntVector dropped = x.lanewise(VectorOperators.LSHR, Dropout.COMPARED_SHIFT)
                .sub(limit)
                .lanewise(VectorOperators.ASHR, 31);
        return IntVector.broadcast(WHOLE, kept)
                .lanewise(VectorOperators.AND, dropped.lanewise(VectorOperators.NOT))
                .reinterpretAsFloats();
    }

    /** y = x times the mask; may be in place. */
    static void run(Dropout dropout, FloatBuffer x, FloatBuffer y, int length) {
        DropoutKernel kernel = new DropoutKernel().use(dropout);
        Parallel.run((length + BLOCK - 1) / BLOCK, 4, (from, to) -> {
            float[] scratch = SCRATCH.get();
            for (int block = from; block < to; block++) {
                int start = block * BLOCK;
                int count = Math.min(BLOCK, length - start);
                x.get(start, scratch, 0, count);
                kernel.multiply(scratch, 0, count, start);
                y.put(start, scratch, 0, count);
            }
        });
    }
}
