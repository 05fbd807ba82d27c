package io.lora4j.network;

import java.util.Map;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.layers.RecurrentLayer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A frozen recurrent layer, with its state for stepping and for truncated backpropagation through time. */
public final class FrozenRecurrentWrapperLayer extends FrozenWrapperLayer implements RecurrentLayer {
    private static final long serialVersionUID = 1L;

    FrozenRecurrentWrapperLayer(RecurrentLayer inner, NeuralNetConfiguration conf, INDArray flat) {
        super(inner, conf, flat);
    }

    private RecurrentLayer recurrent() {
        return (RecurrentLayer) underlying;
    }

    @Override
    public Layer getUnderlying() {
        return underlying;
    }

    @Override
    public INDArray rnnTimeStep(INDArray input, LayerWorkspaceMgr workspaceMgr) {
        return recurrent().rnnTimeStep(input, workspaceMgr);
    }

    @Override
    public Map<String, INDArray> rnnGetPreviousState() {
        return recurrent().rnnGetPreviousState();
    }

    @Override
    public void rnnSetPreviousState(Map<String, INDArray> stateMap) {
        recurrent().rnnSetPreviousState(stateMap);
    }

    @Override
    public void rnnClearPreviousState() {
        recurrent().rnnClearPreviousState();
    }

    @Override
    public INDArray rnnActivateUsingStoredState(
            INDArray input, boolean training, boolean storeLastForTBPTT, LayerWorkspaceMgr workspaceMgr) {
        return recurrent().rnnActivateUsingStoredState(input, training, storeLastForTBPTT, workspaceMgr);
    }

    @Override
    public Map<String, INDArray> rnnGetTBPTTState() {
        return recurrent().rnnGetTBPTTState();
    }

    @Override
    public void rnnSetTBPTTState(Map<String, INDArray> state) {
        recurrent().rnnSetTBPTTState(state);
    }

    @Override
    public Pair<Gradient, INDArray> tbpttBackpropGradient(
            INDArray epsilon, int tbpttBackLength, LayerWorkspaceMgr workspaceMgr) {
        lendGradients(workspaceMgr);
        INDArray dx = recurrent()
                .tbpttBackpropGradient(epsilon, tbpttBackLength, workspaceMgr)
                .getSecond();
        return new Pair<>(new DefaultGradient(), dx);
    }
}
