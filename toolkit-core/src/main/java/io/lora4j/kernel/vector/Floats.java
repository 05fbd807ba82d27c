package io.lora4j.kernel.vector;

import java.nio.FloatBuffer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The memory of float32 arrays without gaps. */
final class Floats {
    private Floats() {}

    /** Whether an array can be worked on here: float32, row-major, without gaps. */
    static boolean direct(INDArray array) {
        if (array.dataType() != DataType.FLOAT || array.length() > Integer.MAX_VALUE / Float.BYTES) {
            return false;
        }
        long expected = 1;
        for (int i = array.rank() - 1; i >= 0; i--) {
            if (array.size(i) != 1 && array.stride(i) != expected) {
                return false;
            }
            expected *= array.size(i);
        }
        return true;
    }

    /** Whether a matrix is float32 and column-major without gaps; its memory is then its transpose, row-major. */
    static boolean columnMajor(INDArray matrix) {
        return matrix.dataType() == DataType.FLOAT
                && matrix.rank() == 2
                && matrix.length() <= Integer.MAX_VALUE / Float.BYTES
                && (matrix.size(0) == 1 || matrix.stride(0) == 1)
                && (matrix.size(1) == 1 || matrix.stride(1) == matrix.size(0));
    }

    /**
     * An array's memory; it is the array's own, and valid as long as the array is.
     *
     * @param array one for which {@link #direct} or {@link #columnMajor} holds
     * @return a view of exactly its elements
     */
    static FloatBuffer of(INDArray array) {
        Pointer start = array.data().addressPointer();
        return new Located(start, array.length()).asBuffer();
    }

    /** A pointer to where another points, of a known length. */
    private static final class Located extends FloatPointer {
        Located(Pointer start, long length) {
            super(start);
            position = 0;
            address = start.address() + start.position() * Float.BYTES * (start instanceof FloatPointer ? 1 : 0);
            limit = length;
            capacity = length;
        }
    }
}
