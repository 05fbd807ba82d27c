package io.lora4j.kernel;

/** The kernels of ND4J operations. */
class Nd4jEncoderKernelsTest extends EncoderKernelsTest {
    Nd4jEncoderKernelsTest() {
        super(KernelChoice.choose("nd4j"));
    }
}
