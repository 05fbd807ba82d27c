package io.lora4j.models.encoder;

import java.util.List;

/**
 * A tensor as a checkpoint must have it.
 *
 * @param shape its shape in the file; a linear map's matrix is [out, in] there
 * @param linear whether it is a linear map's matrix, which is used as [in, out]
 */
public record TensorSpec(List<Long> shape, boolean linear) {
    /** Copies the list. */
    public TensorSpec {
        shape = List.copyOf(shape);
    }
}
