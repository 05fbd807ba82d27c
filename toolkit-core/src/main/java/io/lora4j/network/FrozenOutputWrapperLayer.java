package io.lora4j.network;

import java.util.List;
import org.deeplearning4j.nn.api.layers.IOutputLayer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/** A frozen output layer: its loss starts the backward pass. */
public final class FrozenOutputWrapperLayer extends FrozenWrapperLayer implements IOutputLayer {
    private static final long serialVersionUID = 1L;

    FrozenOutputWrapperLayer(IOutputLayer inner, NeuralNetConfiguration conf, INDArray flat) {
        super(inner, conf, flat);
    }

    private IOutputLayer output() {
        return (IOutputLayer) underlying;
    }

    @Override
    public boolean needsLabels() {
        return output().needsLabels();
    }

    @Override
    public void setLabels(INDArray labels) {
        output().setLabels(labels);
    }

    @Override
    public INDArray getLabels() {
        return output().getLabels();
    }

    @Override
    public double computeScore(double fullNetworkRegScore, boolean training, LayerWorkspaceMgr workspaceMgr) {
        return output().computeScore(fullNetworkRegScore, training, workspaceMgr);
    }

    @Override
    public INDArray computeScoreForExamples(double fullNetworkRegScore, LayerWorkspaceMgr workspaceMgr) {
        return output().computeScoreForExamples(fullNetworkRegScore, workspaceMgr);
    }

    @Override
    public double f1Score(DataSet data) {
        return output().f1Score(data);
    }

    @Override
    public double f1Score(INDArray examples, INDArray labels) {
        return output().f1Score(examples, labels);
    }

    @Override
    @Deprecated
    public int numLabels() {
        return output().numLabels();
    }

    @Override
    public void fit(DataSetIterator iterator) {
        throw new UnsupportedOperationException("fit the network, not one layer");
    }

    @Override
    public int[] predict(INDArray examples) {
        return output().predict(examples);
    }

    @Override
    public List<String> predict(DataSet dataSet) {
        return output().predict(dataSet);
    }

    @Override
    public void fit(INDArray examples, INDArray labels) {
        throw new UnsupportedOperationException("fit the network, not one layer");
    }

    @Override
    public void fit(DataSet data) {
        throw new UnsupportedOperationException("fit the network, not one layer");
    }

    @Override
    public void fit(INDArray examples, int[] labels) {
        throw new UnsupportedOperationException("fit the network, not one layer");
    }
}
