package io.lora4j.network;

import java.util.Objects;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Broadcast;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Frozen batch normalisation: y = gamma (x - mu) / sqrt(var + eps) + beta with the running mu and var, in training too, and so dx = dy
 * gamma / sqrt(var + eps). DL4J's own backward pass is that of batch statistics.
 */
public final class FrozenBatchNormLayer extends FrozenWrapperLayer {
    private static final long serialVersionUID = 1L;

    FrozenBatchNormLayer(Layer inner, NeuralNetConfiguration conf, INDArray flat) {
        super(inner, conf, flat);
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaceMgr) {
        return super.activate(false, workspaceMgr);
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
        INDArray scale = scale();
        INDArray dx = workspaceMgr.dup(ArrayType.ACTIVATION_GRAD, epsilon.castTo(scale.dataType()), 'c');
        boolean channelsLast = dx.rank() == 4 && config().getCnn2DFormat() == CNN2DFormat.NHWC;
        Broadcast.mul(dx, scale, dx, channelsLast ? 3 : 1);
        return new Pair<>(new DefaultGradient(), dx);
    }

    private BatchNormalization config() {
        return (BatchNormalization) ((FrozenWrapper) conf().getLayer()).getUnderlying();
    }

    /** gamma / sqrt(var + eps), [channels]. */
    private INDArray scale() {
        BatchNormalization config = config();
        INDArray variance;
        if (config.isUseLogStd()) {
            INDArray log =
                    Objects.requireNonNull(underlying.getParam(BatchNormalizationParamInitializer.GLOBAL_LOG_STD));
            INDArray deviation = Transforms.pow(Nd4j.valueArrayOf(log.shape(), 10.0, log.dataType()), log);
            variance = deviation.mul(deviation);
        } else {
            variance = Objects.requireNonNull(underlying.getParam(BatchNormalizationParamInitializer.GLOBAL_VAR));
        }
        INDArray scale = Transforms.sqrt(variance.add(config.getEps())).rdivi(1.0);
        INDArray flat = scale.reshape(scale.length());
        if (!config.isLockGammaBeta()) {
            INDArray gamma = Objects.requireNonNull(underlying.getParam(BatchNormalizationParamInitializer.GAMMA));
            return flat.muli(gamma.reshape(gamma.length()));
        }
        // DL4J applies a locked gamma only if beta is not zero as well.
        boolean applied = config.getGamma() != 1.0 && config.getBeta() != 0.0;
        return applied ? flat.muli(config.getGamma()) : flat;
    }
}
