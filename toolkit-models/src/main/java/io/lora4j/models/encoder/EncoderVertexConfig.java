package io.lora4j.models.encoder;

import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.nn.conf.memory.MemoryReport;

/**
 * What the encoder's vertex configurations have in common: their output is rows, and, but for {@link TrainableVertexConfig}, they
 * are immutable and hold no trainable parameters.
 *
 * <p>Jackson writes them through their getters and reads them through their annotated constructors.
 */
abstract class EncoderVertexConfig extends GraphVertex {
    private static final long serialVersionUID = 1L;

    /** This object itself: it is immutable. */
    @Override
    public GraphVertex clone() {
        return this;
    }

    @Override
    public long numParams(boolean backprop) {
        return 0;
    }

    @Override
    public InputType getOutputType(int layerIndex, InputType... vertexInputs) {
        return vertexInputs[0];
    }

    /** Only the parameters' and the output's size is reported: DL4J's report knows nothing of packed rows, whose number differs from batch to batch. */
    @Override
    public MemoryReport getMemoryReport(InputType... inputTypes) {
        InputType out = getOutputType(-1, inputTypes);
        return new LayerMemoryReport.Builder(null, getClass(), inputTypes[0], out)
                .standardMemory(numParams(true), 0)
                .workingMemory(0, 0, 0, 0)
                .cacheMemory(0, 0)
                .build();
    }

    /**
     * Checks a dropout rate.
     *
     * @param rate probability of a zero
     * @return the rate
     * @throws IllegalArgumentException if it is not in [0, 1)
     */
    static double rate(double rate) {
        if (!(rate >= 0 && rate < 1)) {
            throw new IllegalArgumentException("dropout must be in [0, 1): " + rate);
        }
        return rate;
    }

    /**
     * Checks a size.
     *
     * @param what the name of the size
     * @param size its value
     * @return the size
     * @throws IllegalArgumentException if it is less than 1
     */
    static int positive(String what, int size) {
        if (size < 1) {
            throw new IllegalArgumentException(what + " must be at least 1: " + size);
        }
        return size;
    }
}
