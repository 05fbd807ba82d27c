package io.lora4j.kernel;

/** The kernels of the Vector API. */
class VectorEncoderKernelsTest extends EncoderKernelsTest {
    VectorEncoderKernelsTest() {
        super(KernelChoice.choose("vector"));
    }
}
