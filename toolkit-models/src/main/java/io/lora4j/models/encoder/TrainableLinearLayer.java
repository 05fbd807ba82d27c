package io.lora4j.models.encoder;

import static org.deeplearning4j.nn.params.DefaultParamInitializer.BIAS_KEY;
import static org.deeplearning4j.nn.params.DefaultParamInitializer.WEIGHT_KEY;

import io.lora4j.adapter.ReleasedOutput;
import io.lora4j.kernel.EncoderKernels;
import java.util.Arrays;
import java.util.Objects;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.BaseLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Implementation of {@link TrainableLinear}: z = x W + b, y = f(z); with delta = dL/dy f'(z): dW = x^T delta, db = column sums of delta, dx
 * = delta W^T. Gradients are written straight into the network's gradient vector. Not thread-safe, as no DL4J layer is.
 */
final class TrainableLinearLayer extends BaseLayer<TrainableLinear> implements ReleasedOutput {
    private static final long serialVersionUID = 1L;

    private transient @Nullable INDArray preActivation;

    TrainableLinearLayer(NeuralNetConfiguration conf, DataType dataType) {
        super(conf, dataType);
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaceMgr) {
        assertInputSet(false);
        applyDropOutIfNecessary(training, workspaceMgr);
        INDArray x = checkedInput();
        INDArray w = getParamWithNoise(WEIGHT_KEY, training, workspaceMgr);
        INDArray z = workspaceMgr.createUninitialized(
                ArrayType.ACTIVATIONS, dataType, new long[] {x.size(0), w.size(1)}, 'c');
        Nd4j.gemm(x, w, z, false, false, 1.0, 0.0);
        z.addiRowVector(getParamWithNoise(BIAS_KEY, training, workspaceMgr));
        if (maskArray != null) {
            applyMask(z);
        }
        if (layerConf().getActivationFn() instanceof ActivationIdentity) {
            return z;
        }
        if (training) {
            // f works in place, and the backward pass needs z itself.
            preActivation = z;
            z = workspaceMgr.dup(ArrayType.ACTIVATIONS, z, 'c');
        }
        INDArray y = layerConf().getActivationFn().getActivation(z, training);
        if (maskArray != null) {
            applyMask(y);
        }
        return y;
    }

    private INDArray checkedInput() {
        if (input.rank() != 2 || input.size(1) != layerConf().getNIn()) {
            throw new IllegalArgumentException("layer " + layerConf().getLayerName() + " takes rows of shape [N, "
                    + layerConf().getNIn() + "], got " + Arrays.toString(input.shape()));
        }
        return input.castTo(dataType);
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
        assertInputSet(true);
        INDArray x = input.castTo(dataType);
        INDArray delta = epsilon;
        INDArray z = preActivation;
        if (z != null) {
            delta = layerConf().getActivationFn().backprop(z, epsilon).getFirst();
        }
        if (maskArray != null) {
            applyMask(delta);
        }
        INDArray dW = gradientViews.get(WEIGHT_KEY);
        INDArray db = Objects.requireNonNull(gradientViews.get(BIAS_KEY), BIAS_KEY);
        Nd4j.gemm(x, delta, dW, true, false, 1.0, 0.0);
        EncoderKernels.get().columnSums(delta, db);
        Gradient gradient = new DefaultGradient();
        gradient.setGradientFor(WEIGHT_KEY, dW);
        gradient.setGradientFor(BIAS_KEY, db);

        INDArray dx = workspaceMgr.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, x.shape(), 'c');
        Nd4j.gemm(delta, getParamWithNoise(WEIGHT_KEY, true, workspaceMgr), dx, false, true, 1.0, 0.0);
        weightNoiseParams.clear();
        return new Pair<>(gradient, backpropDropOutIfPresent(dx));
    }

    @Override
    public void clear() {
        super.clear();
        preActivation = null;
    }

    @Override
    public boolean isPretrainLayer() {
        return false;
    }
}
