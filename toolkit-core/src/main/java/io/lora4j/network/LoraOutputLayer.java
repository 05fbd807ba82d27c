package io.lora4j.network;

import io.lora4j.adapter.LoraLinearLayer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.deeplearning4j.nn.api.layers.IOutputLayer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.evaluation.classification.Evaluation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.lossfunctions.ILossFunction;

/**
 * An adapter over DL4J's OutputLayer: z = x W + b + s d(x) A B, loss and activation as the layer's own.
 *
 * <p>Gradient and score of one pass are taken from the same z, so that they see the same dropout mask.
 */
public class LoraOutputLayer extends LoraLinearLayer implements IOutputLayer {
    private static final long serialVersionUID = 1L;

    private transient @Nullable INDArray labels;
    private transient @Nullable INDArray trainingLogits;

    /**
     * @param conf the configuration whose layer is a {@link LoraWrapper} over an OutputLayer
     * @param dataType the network's data type
     */
    public LoraOutputLayer(NeuralNetConfiguration conf, DataType dataType) {
        super(conf, dataType);
    }

    private ILossFunction loss() {
        return ((BaseOutputLayer) ((LoraWrapper) layerConf()).getBase()).getLossFn();
    }

    private INDArray logits(boolean training, LayerWorkspaceMgr workspaceMgr) {
        INDArray kept = trainingLogits;
        if (training && kept != null) {
            return kept;
        }
        assertInputSet(false);
        applyDropOutIfNecessary(training, workspaceMgr);
        INDArray z = linearMap(training, workspaceMgr);
        // DL4J gives an output layer working memory that is gone when the score is computed.
        trainingLogits = training ? z.detach() : null;
        return z;
    }

    /**
     * What the loss is taken against.
     *
     * @return the labels as rows, in the order of {@link #rows}
     */
    protected INDArray lossLabels() {
        INDArray set = labels;
        if (input == null || set == null) {
            throw new IllegalStateException("layer " + name() + ": no score without input and labels");
        }
        return set;
    }

    @Override
    public void setInput(INDArray input, LayerWorkspaceMgr workspaceMgr) {
        super.setInput(input, workspaceMgr);
        trainingLogits = null;
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
        assertInputSet(true);
        INDArray z = logits(true, workspaceMgr);
        INDArray delta = loss().computeGradient(lossLabels(), z, layerConf().getActivationFn(), maskArray);
        return backpropDelta(delta.castTo(dataType), workspaceMgr);
    }

    @Override
    public double computeScore(double fullNetworkRegScore, boolean training, LayerWorkspaceMgr workspaceMgr) {
        double sum = loss().computeScore(
                        lossLabels(),
                        logits(training, workspaceMgr),
                        layerConf().getActivationFn(),
                        maskArray,
                        false);
        this.score = (conf().isMiniBatch() ? sum / getInputMiniBatchSize() : sum) + fullNetworkRegScore;
        return score;
    }

    @Override
    public INDArray computeScoreForExamples(double fullNetworkRegScore, LayerWorkspaceMgr workspaceMgr) {
        INDArray scores = loss().computeScoreArray(
                        lossLabels(), logits(false, workspaceMgr), layerConf().getActivationFn(), maskArray);
        return workspaceMgr.leverageTo(ArrayType.ACTIVATIONS, scores.addi(fullNetworkRegScore));
    }

    @Override
    protected void applyMask(INDArray to) {
        INDArray mask = Objects.requireNonNull(maskArray).castTo(to.dataType());
        if (mask.isColumnVectorOrScalar()) {
            to.muliColumnVector(mask);
        } else if (Arrays.equals(to.shape(), mask.shape())) {
            to.muli(mask);
        } else {
            throw new IllegalStateException("layer " + name() + ": a mask is a column or has the output's shape "
                    + Arrays.toString(to.shape()) + ", got " + Arrays.toString(mask.shape()));
        }
    }

    @Override
    public boolean needsLabels() {
        return true;
    }

    @Override
    public void setLabels(INDArray labels) {
        this.labels = labels;
    }

    @Override
    public @Nullable INDArray getLabels() {
        return labels;
    }

    @Override
    @SuppressWarnings("deprecation") // part of the interface
    public int numLabels() {
        return (int) layerConf().getNOut();
    }

    @Override
    public double f1Score(DataSet data) {
        return f1Score(data.getFeatures(), data.getLabels());
    }

    @Override
    public double f1Score(INDArray examples, INDArray exampleLabels) {
        Evaluation evaluation = new Evaluation();
        evaluation.eval(exampleLabels, activate(examples, false, LayerWorkspaceMgr.noWorkspacesImmutable()));
        return evaluation.f1();
    }

    @Override
    public int[] predict(INDArray examples) {
        return activate(examples, false, LayerWorkspaceMgr.noWorkspacesImmutable())
                .argMax(1)
                .toIntVector();
    }

    @Override
    public List<String> predict(DataSet dataSet) {
        List<String> names = new ArrayList<>();
        for (int label : predict(dataSet.getFeatures())) {
            names.add(dataSet.getLabelName(label));
        }
        return names;
    }

    @Override
    public void fit(DataSetIterator iterator) {
        throw new UnsupportedOperationException("fit the network, not one layer");
    }

    @Override
    public void fit(INDArray examples, INDArray exampleLabels) {
        throw new UnsupportedOperationException("fit the network, not one layer");
    }

    @Override
    public void fit(DataSet data) {
        throw new UnsupportedOperationException("fit the network, not one layer");
    }

    @Override
    public void fit(INDArray examples, int[] exampleLabels) {
        throw new UnsupportedOperationException("fit the network, not one layer");
    }

    @Override
    public void clear() {
        super.clear();
        labels = null;
        trainingLogits = null;
    }
}
