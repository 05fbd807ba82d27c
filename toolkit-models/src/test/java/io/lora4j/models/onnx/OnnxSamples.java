package io.lora4j.models.onnx;

/** The small export for tests of other packages. */
public final class OnnxSamples {
    private OnnxSamples() {}

    /** An export that can be imported. */
    public static byte[] tiny() {
        return new TinyOnnx().bytes();
    }
}
