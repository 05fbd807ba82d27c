package io.lora4j.adapter;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.deeplearning4j.gradientcheck.GradientCheckUtil;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;

/** Analytic against numeric gradients of A and B, and of a layer below (so dx is checked), in float64. */
@Tag("gradcheck")
class LoraLinearGradientCheckTest {
    private static DataType before = DataType.FLOAT;

    /** The checker refuses to work unless the process-wide default is float64. */
    @BeforeAll
    static void useFloat64() {
        before = Nd4j.dataType();
        Nd4j.setDefaultDataTypes(DataType.DOUBLE, DataType.DOUBLE);
    }

    @AfterAll
    static void restore() {
        Nd4j.setDefaultDataTypes(before, before);
    }

    @ParameterizedTest
    @CsvSource({"1,ENABLED,true,0", "4,ENABLED,true,0", "4,NONE,false,0", "4,ENABLED,true,0.3", "3,NONE,true,0.3"})
    void analyticEqualsNumeric(int minibatch, WorkspaceMode workspaces, boolean bias, double dropout) {
        ComputationGraphConfiguration base = TestNetworks.configuration(DataType.DOUBLE, new NoOp(), workspaces, bias);
        AdaptedModel model = AdaptedModel.of(
                AdapterInjector.inject(base, TestNetworks.lora(dropout)), TestNetworks.weights(DataType.DOUBLE));
        TestNetworks.randomizeB(model);
        MultiDataSet data = TestNetworks.data(DataType.DOUBLE, minibatch, 3);

        boolean passed = GradientCheckUtil.checkGradients(new GradientCheckUtil.GraphConfig()
                .net(model.graph())
                .epsilon(1e-6)
                .maxRelError(1e-5)
                .minAbsoluteError(1e-9)
                .exitOnFirstError(true)
                .inputs(new INDArray[] {data.getFeatures(0)})
                .labels(new INDArray[] {data.getLabels(0)})
                // Every pass must see the same dropout masks.
                .callEachIter(net -> Nd4j.getRandom().setSeed(12345)));

        assertTrue(passed);
    }
}
