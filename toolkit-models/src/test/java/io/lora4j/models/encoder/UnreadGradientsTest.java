package io.lora4j.models.encoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.adapter.AdaptedModel;
import io.lora4j.adapter.AdapterInjector;
import io.lora4j.adapter.FrozenLinearLayer;
import io.lora4j.adapter.FrozenWeights;
import io.lora4j.adapter.LoraConfig;
import io.lora4j.gradient.GradientEstimator;
import io.lora4j.train.RandomStreams;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Gradients that nobody reads are not computed, and those that are read do not change by that. */
class UnreadGradientsTest {
    private static final DataType TYPE = DataType.DOUBLE;
    private static final String FIRST = "bert.encoder.layer.0.attention.self.query";
    private static final String SECOND = "bert.encoder.layer.1.attention.self.query";

    private final EncoderConfig shape = BertFixtures.smallConfig().withDropout(0.3, 0.2, 0.1);
    private final FrozenWeights weights = BertFixtures.randomWeights(shape, TYPE, 8);
    private final MultiDataSet batch = new MultiDataSet(
            BertFixtures.randomFeatures(shape, 3, 7, 7, 2, 5), new INDArray[] {BertFixtures.oneHot(3, 2, TYPE)});

    private ComputationGraphConfiguration configuration(String targets) {
        return AdapterInjector.inject(
                EncoderGraph.classifier(shape, Pooling.CLS, 2, TYPE, 5),
                LoraConfig.builder()
                        .rank(2)
                        .alpha(4)
                        .dropout(0.1)
                        .targetPattern(targets)
                        .build());
    }

    /** DL4J's flat gradient of one batch. */
    private INDArray gradient(ComputationGraph graph) {
        Nd4j.getRandom().setSeed(77);
        graph.setInputs(batch.getFeatures());
        graph.setLabels(batch.getLabels());
        graph.computeGradientAndScore();
        return graph.gradient().gradient().dup();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ".*(query|value)",
                ".*layer\\.1\\.attention\\.self\\.key",
                ".*output\\.dense",
                ".*layer\\.1\\.output\\.dense",
                ".*(query|key|value|dense)",
            })
    void whatIsTrainedGetsTheSameGradient(String targets) {
        ComputationGraph whole = new ComputationGraph(configuration(targets));
        whole.init();
        whole.params().assign(Nd4j.rand(TYPE, whole.params().shape()).subi(0.5));
        weights.bindTo(whole); // no model: everything is computed
        AdaptedModel model = AdaptedModel.of(configuration(targets), weights);
        model.graph().params().assign(whole.params());
        INDArray expected = gradient(whole);
        assertEquals(0, expected.sub(gradient(model.graph())).amaxNumber().doubleValue());
        assertEquals(
                0, expected.sub(gradient(model.copy().graph())).amaxNumber().doubleValue());
    }

    private @Nullable INDArray inputGradient(FrozenLinearLayer layer) {
        INDArray rows = Nd4j.rand(TYPE, 4, shape.hiddenSize());
        LayerWorkspaceMgr none = LayerWorkspaceMgr.noWorkspaces();
        layer.setInput(rows, none);
        layer.activate(true, none);
        return layer.backpropGradient(rows, none).getSecond();
    }

    @Test
    void theEmbeddingsGetNoGradient() {
        AdaptedModel model = AdaptedModel.of(configuration(".*value"), weights);
        assertNull(inputGradient(Objects.requireNonNull(model.linears().get(FIRST))));
        assertNotNull(inputGradient(Objects.requireNonNull(model.linears().get(SECOND))));
    }

    /** The estimator listens where nothing is trained, below and above. */
    @Test
    void listenersAreReached() {
        EncoderConfig quiet = shape.withDropout(0, 0, 0);
        AdaptedModel model = AdaptedModel.of(EncoderGraph.classifier(quiet, Pooling.CLS, 2, TYPE, 5), weights);
        GradientEstimator estimator = new GradientEstimator(TYPE, new RandomStreams(3));
        INDArray alone =
                estimator.estimate(model, Set.of(FIRST), List.of(batch)).mean(FIRST);
        INDArray both =
                estimator.estimate(model, Set.of(FIRST, SECOND), List.of(batch)).mean(FIRST);
        assertTrue(alone.norm2Number().doubleValue() > 0);
        assertEquals(0, alone.sub(both).amaxNumber().doubleValue());
    }
}
