package io.lora4j.models.onnx;

import java.util.List;

/**
 * A tensor that an ONNX file stores (an initializer): what it is and where its bytes stand.
 *
 * @param name its name in the graph
 * @param shape its dimensions
 * @param type ONNX's number of its element type; 1 is 32-bit float
 * @param location ONNX's number of where the data are; 0 is in the file
 * @param offset its first byte, counted from the file's beginning; -1 if there are no raw data
 * @param bytes the length of its raw data
 */
record StoredTensor(String name, List<Long> shape, int type, int location, long offset, long bytes) {
    /** Copies the shape. */
    StoredTensor {
        shape = List.copyOf(shape);
    }
}
