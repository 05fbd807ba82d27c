package io.lora4j.kernel;

import org.junit.jupiter.api.Tag;

/** The kernels of the Vector API. */
@Tag("gradcheck")
class VectorEncoderKernelsGradientTest extends EncoderKernelsGradientTest {
    VectorEncoderKernelsGradientTest() {
        super(KernelChoice.choose("vector"));
    }
}
