package io.lora4j.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.lossfunctions.LossFunctions;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.StepSchedule;

class AdamWTest {
    private static final double[] GRADIENT = {0.5, -1e-3, 1e-9, 0, -20, 3e-7};

    /** The formula of the class comment, written out in scalars. */
    @ParameterizedTest
    @EnumSource(EpsilonMode.class)
    void fiveHundredStepsFollowTheFormula(EpsilonMode mode) {
        AdamW config = new AdamW(0.01, null, 0.9, 0.999, 1e-8, mode);
        GradientUpdater<?> updater = config.instantiate(Nd4j.create(DataType.DOUBLE, 12), true);
        double[] m = new double[6];
        double[] v = new double[6];
        for (int t = 1; t <= 500; t++) {
            double wave = Math.sin(t);
            INDArray gradient = Nd4j.createFromArray(GRADIENT).mul(wave);
            updater.applyUpdater(gradient, t - 1, 0);
            double c1 = 1 - Math.pow(0.9, t);
            double c2 = 1 - Math.pow(0.999, t);
            double[] expected = new double[6];
            for (int i = 0; i < 6; i++) {
                double g = GRADIENT[i] * wave;
                m[i] = 0.9 * m[i] + 0.1 * g;
                v[i] = 0.999 * v[i] + 0.001 * g * g;
                expected[i] = mode == EpsilonMode.TORCH
                        ? 0.01 / c1 * m[i] / (Math.sqrt(v[i]) / Math.sqrt(c2) + 1e-8)
                        : 0.01 * Math.sqrt(c2) / c1 * m[i] / (Math.sqrt(v[i]) + 1e-8);
            }
            assertArrayEquals(expected, gradient.data().asDouble(), 1e-13, "step " + t);
        }
    }

    @Test
    void epsilonModesDifferWhereGradientsAreTiny() {
        INDArray torch = Nd4j.createFromArray(new double[] {1e-8});
        INDArray nd4j = torch.dup();
        new AdamW(1).instantiate(Nd4j.create(DataType.DOUBLE, 2), true).applyUpdater(torch, 0, 0);
        new AdamW(1, null, 0.9, 0.999, 1e-8, EpsilonMode.ND4J)
                .instantiate(Nd4j.create(DataType.DOUBLE, 2), true)
                .applyUpdater(nd4j, 0, 0);
        assertEquals(0.5, torch.getDouble(0), 1e-9);
        assertEquals(1 / (1 + Math.sqrt(1000)), nd4j.getDouble(0), 1e-6);
    }

    @Test
    void rateZeroChangesNoParameterButKeepsTheAverages() {
        AdamW config = new AdamW(0.0);
        INDArray state = Nd4j.create(DataType.FLOAT, 4);
        INDArray gradient = Nd4j.createFromArray(new float[] {3f, -4f});
        config.instantiate(state, true).applyUpdater(gradient, 0, 0);
        assertArrayEquals(new double[2], gradient.data().asDouble());
        assertArrayEquals(new double[] {0.3, -0.4, 0.009, 0.016}, state.data().asDouble(), 1e-6);
    }

    @Test
    void stateSurvivesTheMapAndTheView() {
        AdamW config = new AdamW(0.1);
        INDArray state = Nd4j.create(DataType.DOUBLE, 12).addi(5);
        GradientUpdater<?> first = config.instantiate(state, true);
        first.applyUpdater(Nd4j.createFromArray(GRADIENT), 0, 0);
        Map<String, INDArray> copied = new HashMap<>();
        first.getState().forEach((key, value) -> copied.put(key, value.dup()));
        GradientUpdater<?> fromMap = config.instantiate(copied, false);
        GradientUpdater<?> fromView = config.instantiate(state.dup(), false);

        INDArray expected = Nd4j.createFromArray(GRADIENT).mul(2);
        INDArray ofMap = expected.dup();
        INDArray ofView = expected.dup();
        first.applyUpdater(expected, 1, 0);
        fromMap.applyUpdater(ofMap, 1, 0);
        fromView.applyUpdater(ofView, 1, 0);
        assertEquals(expected, ofMap);
        assertEquals(expected, ofView);
        assertThrows(IllegalStateException.class, () -> config.instantiate(Map.of("M", expected), false));
    }

    @Test
    void scheduleSetsTheRateOfEachStep() {
        AdamW config = new AdamW(new LinearWarmupSchedule(0.4, 2, 10));
        GradientUpdater<?> updater = config.instantiate(Nd4j.create(DataType.DOUBLE, 2), true);
        for (int step = 0; step < 12; step++) {
            INDArray gradient = Nd4j.createFromArray(new double[] {1});
            updater.applyUpdater(gradient, step, 0);
            // A constant gradient gives m / sqrt(v) = 1 after bias correction.
            assertEquals(config.getLearningRate(step, 0), gradient.getDouble(0), 1e-8);
        }
        assertEquals(0, config.getLearningRate(10, 0));
    }

    @Test
    void equalityIsBySettingsSoThatDl4jMergesBlocks() {
        AdamW a = new AdamW(new CosineWarmupSchedule(1e-3, 3, 10));
        assertEquals(a, new AdamW(new CosineWarmupSchedule(1e-3, 3, 10)));
        assertEquals(a.hashCode(), new AdamW(new CosineWarmupSchedule(1e-3, 3, 10)).hashCode());
        assertEquals(a, a.clone());
        assertEquals(a, a.times(1));
        assertNotEquals(a, a.times(16));
        assertNotEquals(a, new AdamW(new LinearWarmupSchedule(1e-3, 3, 10)));
        assertNotEquals(new AdamW(1e-3), new AdamW(1e-3, null, 0.9, 0.999, 1e-8, EpsilonMode.ND4J));
    }

    @Test
    void setLrAndScheduleReplacesBoth() {
        AdamW config = new AdamW(0.1);
        config.setLrAndSchedule(Double.NaN, new LinearWarmupSchedule(0.4, 0, 4));
        assertEquals(0.3, config.getLearningRate(1, 0), 1e-15);
        config.setLrAndSchedule(0.2, null);
        assertEquals(0.2, config.getLearningRate(1, 0));
        assertTrue(config.hasLearningRate());
    }

    @Test
    void badSettingsAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new AdamW(-1e-3));
        assertThrows(IllegalArgumentException.class, () -> new AdamW(Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> new AdamW(1e-3, null, 1, 0.999, 1e-8, EpsilonMode.TORCH));
        assertThrows(IllegalArgumentException.class, () -> new AdamW(1e-3, null, 0.9, -0.1, 1e-8, EpsilonMode.TORCH));
        assertThrows(IllegalArgumentException.class, () -> new AdamW(1e-3, null, 0.9, 0.999, 0, EpsilonMode.TORCH));
    }

    @Test
    void survivesTheJsonOfANetwork() {
        ISchedule[] schedules = {
            null,
            new LinearWarmupSchedule(1e-3, 3, 10),
            new CosineWarmupSchedule(1e-3, 3, 10),
            new ScaledSchedule(new StepSchedule(org.nd4j.linalg.schedule.ScheduleType.ITERATION, 0.1, 0.5, 3), 16)
        };
        for (ISchedule schedule : schedules) {
            MultiLayerConfiguration configuration = network(0);
            AdamW base = new AdamW(1e-3, schedule, 0.85, 0.95, 1e-7, EpsilonMode.ND4J);
            new GroupedOptimizer(base, 0.01, new LoraPlusGroups(16)).applyTo(configuration);
            MultiLayerConfiguration restored = MultiLayerConfiguration.fromJson(configuration.toJson());
            assertEquals(configuration, restored);
            assertEquals(base, restored.getConf(0).getLayer().getUpdaterByParam("W"));
            assertEquals(base.times(16), restored.getConf(0).getLayer().getUpdaterByParam("b"));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT", "DOUBLE"})
    void resumingASavedNetworkContinuesBitByBit(DataType type, @TempDir java.nio.file.Path folder) throws Exception {
        Nd4j.getRandom().setSeed(3);
        MultiLayerConfiguration configuration = network(5);
        configuration.setDataType(type);
        new GroupedOptimizer(new AdamW(new LinearWarmupSchedule(0.05, 3, 40)), 0.01, new LoraPlusGroups(4))
                .applyTo(configuration);
        MultiLayerNetwork network = new MultiLayerNetwork(configuration);
        network.init();
        INDArray x = Nd4j.rand(type, 32, 3);
        INDArray labels = Nd4j.zeros(type, 32, 2);
        for (int i = 0; i < 32; i++) {
            labels.putScalar(i, x.getDouble(i, 0) > x.getDouble(i, 1) ? 1 : 0, 1);
        }
        DataSet data = new DataSet(x, labels);
        double start = network.score(data);
        for (int i = 0; i < 10; i++) {
            network.fit(data);
        }
        java.io.File file = folder.resolve("network.zip").toFile();
        ModelSerializer.writeModel(network, file, true);
        MultiLayerNetwork restored = ModelSerializer.restoreMultiLayerNetwork(file, true);
        for (int i = 0; i < 20; i++) {
            network.fit(data);
            restored.fit(data);
        }
        assertEquals(network.params(), restored.params());
        assertTrue(network.score(data) < start - 0.05, start + " -> " + network.score(data));
    }

    static MultiLayerConfiguration network(long seed) {
        return new NeuralNetConfiguration.Builder()
                .seed(seed)
                .list()
                .layer(new DenseLayer.Builder()
                        .nIn(3)
                        .nOut(4)
                        .activation(Activation.TANH)
                        .build())
                .layer(new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                        .nIn(4)
                        .nOut(2)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build();
    }
}
