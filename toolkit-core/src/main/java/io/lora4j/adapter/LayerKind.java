package io.lora4j.adapter;

/** The kinds of layers that can carry an adapter; each is a matrix underneath. */
public enum LayerKind {
    /** A {@link FrozenLinear} of a hand-built encoder. */
    LINEAR,
    /** DL4J's DenseLayer, W [in, out]. */
    DENSE,
    /** DL4J's OutputLayer, W [in, out]. */
    OUTPUT,
    /** DL4J's RnnOutputLayer, W [in, out]; a row is a time step. */
    RNN_OUTPUT,
    /** DL4J's EmbeddingLayer, W [vocabulary, out]. */
    EMBEDDING,
    /** DL4J's EmbeddingSequenceLayer, W [vocabulary, out]. */
    EMBEDDING_SEQUENCE,
    /** DL4J's Convolution1DLayer, W [kernel * channels, out]. */
    CONVOLUTION_1D,
    /** DL4J's ConvolutionLayer, W [channels * kernel height * kernel width, out]. */
    CONVOLUTION_2D
}
