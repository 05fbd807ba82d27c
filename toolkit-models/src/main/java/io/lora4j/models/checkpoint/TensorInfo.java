package io.lora4j.models.checkpoint;

import java.util.List;

/**
 * Where one tensor of a safetensors file stands and what it is.
 *
 * @param name its name in the file
 * @param type its element type
 * @param shape its shape as stored, row-major; empty for a scalar
 * @param offset its first byte, counted from the file's beginning
 * @param bytes its length in bytes, equal to the shape's product times the type's size
 */
public record TensorInfo(String name, TensorType type, List<Long> shape, long offset, long bytes) {
    /** Copies the shape. */
    public TensorInfo {
        shape = List.copyOf(shape);
    }

    /**
     * The shape as ND4J takes it.
     *
     * @return a new array
     */
    public long[] shapeArray() {
        return shape.stream().mapToLong(Long::longValue).toArray();
    }
}
