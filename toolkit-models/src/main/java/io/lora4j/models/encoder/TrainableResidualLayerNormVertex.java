package io.lora4j.models.encoder;

import static io.lora4j.models.encoder.TrainableResidualLayerNorm.BIAS;
import static io.lora4j.models.encoder.TrainableResidualLayerNorm.WEIGHT;

import io.lora4j.kernel.EncoderKernels.Normalized;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Implementation of {@link TrainableResidualLayerNorm}. */
final class TrainableResidualLayerNormVertex extends ResidualLayerNormVertex {
    private static final long serialVersionUID = 1L;

    private final transient VertexParameters own;

    TrainableResidualLayerNormVertex(
            ComputationGraph graph,
            String name,
            int index,
            DataType dataType,
            ResidualLayerNorm config,
            VertexParameters own) {
        super(graph, name, index, dataType, config, own);
        this.own = own;
    }

    @Override
    INDArray weight() {
        return own.get(WEIGHT);
    }

    @Override
    INDArray bias() {
        return own.get(BIAS);
    }

    @Override
    void backpropParameters(INDArray dy, Normalized saved) {
        kernels.layerNormParameterGradients(dy, saved, own.gradientOf(WEIGHT), own.gradientOf(BIAS));
    }
}
