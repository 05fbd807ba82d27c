package io.lora4j.models.encoder;

/**
 * One parameter of a trainable vertex, row-major in the network's parameter vector.
 *
 * @param key name in DL4J's parameter table, after the vertex's name and an underscore; without an underscore itself, because DL4J's
 *     updater splits at the last one
 * @param tensor name in a checkpoint, after the vertex's name and a dot
 * @param rows rows of a matrix; 0 for a vector
 * @param columns columns of a matrix, or the length of a vector
 */
record VertexParameter(String key, String tensor, long rows, long columns) {
    /** A parameter of two dimensions. */
    static VertexParameter matrix(String key, String tensor, long rows, long columns) {
        return new VertexParameter(key, tensor, rows, columns);
    }

    /** A parameter of one dimension, which belongs to the optimiser's vectors. */
    static VertexParameter vector(String key, String tensor, long length) {
        return new VertexParameter(key, tensor, 0, length);
    }

    boolean isVector() {
        return rows == 0;
    }

    long length() {
        return isVector() ? columns : rows * columns;
    }

    long[] shape() {
        return isVector() ? new long[] {columns} : new long[] {rows, columns};
    }
}
