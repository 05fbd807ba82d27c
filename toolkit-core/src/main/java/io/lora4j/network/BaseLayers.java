package io.lora4j.network;

import io.lora4j.adapter.Adaptable;
import io.lora4j.adapter.LayerKind;
import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.Convolution1D;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.Convolution2D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/** How DL4J's own layers look as a matrix [in, out]; the only place that knows how each of them lays its weights out. */
final class BaseLayers {
    private BaseLayers() {}

    /** The layer inside DL4J's own freezing wrappers, which would stop the backward pass. */
    static Layer unwrap(Layer layer) {
        if (layer instanceof FrozenLayer frozen) {
            return unwrap(frozen.getLayer());
        }
        return layer instanceof FrozenLayerWithBackprop frozen ? unwrap(frozen.getUnderlying()) : layer;
    }

    /** Whether DL4J itself froze the layer. */
    static boolean isWrapped(Layer layer) {
        return layer instanceof FrozenLayer || layer instanceof FrozenLayerWithBackprop;
    }

    /**
     * The matrix of a layer. Only DL4J's own classes: a subclass may compute something else with the same weights.
     *
     * @return null if the layer cannot carry an adapter
     */
    static @Nullable Adaptable adaptable(Layer layer) {
        LayerKind kind = kind(layer);
        if (kind == null) {
            return null;
        }
        FeedForwardLayer sized = (FeedForwardLayer) layer;
        long in = sized.getNIn();
        if (layer instanceof ConvolutionLayer conv) {
            int[] kernel = conv.getKernelSize();
            in *= kind == LayerKind.CONVOLUTION_1D ? kernel[0] : (long) kernel[0] * kernel[1];
        }
        return new Adaptable(kind, in, sized.getNOut());
    }

    private static @Nullable LayerKind kind(Layer layer) {
        Class<?> type = layer.getClass();
        if (type == DenseLayer.class) {
            return ((DenseLayer) layer).hasLayerNorm() ? null : LayerKind.DENSE;
        }
        if (type == OutputLayer.class) {
            return LayerKind.OUTPUT;
        }
        if (type == RnnOutputLayer.class) {
            return LayerKind.RNN_OUTPUT;
        }
        if (type == EmbeddingLayer.class) {
            return LayerKind.EMBEDDING;
        }
        if (type == EmbeddingSequenceLayer.class) {
            return LayerKind.EMBEDDING_SEQUENCE;
        }
        if (type == Convolution1DLayer.class || type == Convolution1D.class) {
            return LayerKind.CONVOLUTION_1D;
        }
        return type == ConvolutionLayer.class || type == Convolution2D.class ? LayerKind.CONVOLUTION_2D : null;
    }

    static boolean hasBias(Layer layer) {
        if (layer instanceof DenseLayer dense) {
            return dense.hasBias();
        }
        if (layer instanceof BaseOutputLayer output) {
            return output.hasBias();
        }
        if (layer instanceof EmbeddingLayer embedding) {
            return embedding.hasBias();
        }
        if (layer instanceof EmbeddingSequenceLayer embedding) {
            return embedding.hasBias();
        }
        return layer instanceof ConvolutionLayer conv && conv.hasBias();
    }

    /**
     * A layer's parameters as DL4J lays them out.
     *
     * @param layer the layer
     * @param flat its part of the network's parameters; a view
     * @return views by DL4J's own keys
     */
    static Map<String, INDArray> table(Layer layer, INDArray flat) {
        NeuralNetConfiguration holder = new NeuralNetConfiguration();
        holder.setLayer(layer);
        return layer.initializer().init(holder, flat, false);
    }

    /**
     * W of an adaptable layer.
     *
     * @param kind what the layer is
     * @param table its parameters
     * @return a view [in, out]; writing it changes the network
     */
    static INDArray matrix(LayerKind kind, Map<String, INDArray> table) {
        INDArray w = Objects.requireNonNull(table.get(DefaultParamInitializer.WEIGHT_KEY));
        return switch (kind) {
            // [out, channels, height, width] in 'c' order: a row of the matrix is one (channel, y, x).
            case CONVOLUTION_2D ->
                w.reshape('c', w.size(0), w.length() / w.size(0)).transpose();
            // DL4J reads the buffer of its [out, channels, kernel, 1] array as [kernel, channels, out].
            case CONVOLUTION_1D -> w.reshape('c', w.length() / w.size(0), w.size(0));
            default -> w;
        };
    }

    /** The bias [out] as a view, or null. */
    static @Nullable INDArray bias(Layer layer, Map<String, INDArray> table) {
        INDArray b = table.get(DefaultParamInitializer.BIAS_KEY);
        return b == null || !hasBias(layer) ? null : b.reshape(b.length());
    }
}
