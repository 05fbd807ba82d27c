package io.lora4j.network;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.adapter.LoraConfig;
import io.lora4j.adapter.WeightForm;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.gradientcheck.GradientCheckUtil;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;

/** Analytic against numeric gradients of every adapted layer type, through frozen layers above it, in float64. */
@Tag("gradcheck")
class AdaptedLayersGradientCheckTest {
    private static DataType before = DataType.FLOAT;

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
    @EnumSource(Networks.Kind.class)
    void withoutDropout(Networks.Kind kind) {
        check(kind, 0, null);
    }

    @ParameterizedTest
    @EnumSource(
            value = Networks.Kind.class,
            names = {"MLP", "CONV_SAME_DILATED", "CONV_NHWC", "CONV_1D_CAUSAL", "EMBEDDING_SEQUENCE"})
    void withDropout(Networks.Kind kind) {
        check(kind, 0.3, null);
    }

    @ParameterizedTest
    @EnumSource(
            value = Networks.Kind.class,
            names = {"LSTM", "RNN_OUTPUT", "RNN_OUTPUT_NWC", "EMBEDDING_SEQUENCE", "CONV_1D_SAME"})
    void withAMask(Networks.Kind kind) {
        int steps = kind == Networks.Kind.EMBEDDING_SEQUENCE ? 4 : 6;
        INDArray mask = Nd4j.ones(DataType.DOUBLE, 3, steps);
        mask.putScalar(1, steps - 1, 0);
        mask.putScalar(2, steps - 1, 0);
        mask.putScalar(2, steps - 2, 0);
        check(kind, 0, mask);
    }

    @ParameterizedTest
    @EnumSource(Networks.Kind.class)
    void doraWithoutDropout(Networks.Kind kind) {
        checkDora(kind, 0);
    }

    @ParameterizedTest
    @EnumSource(
            value = Networks.Kind.class,
            names = {"MLP", "CONV_SAME_DILATED", "CONV_NHWC", "CONV_1D_CAUSAL", "EMBEDDING_SEQUENCE"})
    void doraWithDropout(Networks.Kind kind) {
        checkDora(kind, 0.3);
    }

    /** A and B are checked with c = m / |V| held fixed by moving m along, because the norms are constants in the backward pass. */
    private static void checkDora(Networks.Kind kind, double dropout) {
        LoraNetwork<MultiLayerNetwork> adapted =
                adapted(kind, Networks.withForm(Networks.config(kind, dropout), WeightForm.DORA));
        Map<String, INDArray> ratios = new HashMap<>();
        Set<String> factors = new HashSet<>();
        Set<String> magnitudes = new HashSet<>();
        adapted.adapters().forEach((name, layer) -> {
            INDArray ratio =
                    Nd4j.rand(DataType.DOUBLE, layer.loraMagnitude().shape()).addi(0.5);
            ratios.put(name, ratio);
            layer.resetMagnitude();
            layer.loraMagnitude().muli(ratio);
            factors.add(layer.getIndex() + "_loraA");
            factors.add(layer.getIndex() + "_loraB");
            magnitudes.add(layer.getIndex() + "_loraMagnitude");
        });
        assertTrue(GradientCheckUtil.checkGradients(check(adapted, kind, null).excludeParams(factors)));
        assertTrue(GradientCheckUtil.checkGradients(
                check(adapted, kind, null).excludeParams(magnitudes).callEachIter(net -> {
                    adapted.adapters().forEach((name, layer) -> {
                        layer.resetMagnitude();
                        layer.loraMagnitude().muli(ratios.get(name));
                    });
                    Nd4j.getRandom().setSeed(12345);
                })));
    }

    private static void check(Networks.Kind kind, double dropout, INDArray mask) {
        assertTrue(GradientCheckUtil.checkGradients(check(adapted(kind, Networks.config(kind, dropout)), kind, mask)));
    }

    private static LoraNetwork<MultiLayerNetwork> adapted(Networks.Kind kind, LoraConfig config) {
        MultiLayerNetwork base = Networks.base(kind, DataType.DOUBLE, new NoOp(), WorkspaceMode.ENABLED, 0);
        LoraNetwork<MultiLayerNetwork> adapted = Lora.inject(base, config);
        Networks.randomize(adapted);
        return adapted;
    }

    private static GradientCheckUtil.MLNConfig check(
            LoraNetwork<MultiLayerNetwork> adapted, Networks.Kind kind, INDArray mask) {
        DataSet data = Networks.data(kind, DataType.DOUBLE, 3, 2);
        return new GradientCheckUtil.MLNConfig()
                .net(adapted.network())
                .epsilon(1e-6)
                .maxRelError(1e-5)
                .minAbsoluteError(1e-9)
                .exitOnFirstError(true)
                .input(data.getFeatures())
                .labels(data.getLabels())
                .inputMask(mask)
                .labelMask(kind.labelsSteps() ? mask : null)
                .callEachIter(net -> Nd4j.getRandom().setSeed(12345));
    }
}
