package io.lora4j.kernel;

import org.junit.jupiter.api.Tag;

/** The kernels of ND4J operations. */
@Tag("gradcheck")
class Nd4jEncoderKernelsGradientTest extends EncoderKernelsGradientTest {
    Nd4jEncoderKernelsGradientTest() {
        super(KernelChoice.choose("nd4j"));
    }
}
