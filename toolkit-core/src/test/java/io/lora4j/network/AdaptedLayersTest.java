package io.lora4j.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

/** The contract of every adapted layer: starts as the base, merges exactly, leaves the base alone. */
class AdaptedLayersTest {
    static Stream<Arguments> kindsAndWorkspaces() {
        return Arrays.stream(Networks.Kind.values())
                .flatMap(kind ->
                        Stream.of(WorkspaceMode.ENABLED, WorkspaceMode.NONE).map(mode -> Arguments.of(kind, mode)));
    }

    @ParameterizedTest
    @EnumSource(Networks.Kind.class)
    void aFreshAdapterComputesWhatTheBaseComputes(Networks.Kind kind) {
        MultiLayerNetwork base = Networks.base(kind, DataType.DOUBLE);
        INDArray x = Networks.data(kind, DataType.DOUBLE, 5, 1).getFeatures();
        LoraNetwork<MultiLayerNetwork> adapted = Lora.inject(base, Networks.config(kind, 0.1));

        assertClose(base.output(x), adapted.network().output(x), 1e-12);
        assertTrue(adapted.trainableParameters() > 0);
        long expected = adapted.adapters().values().stream()
                .mapToLong(layer -> layer.loraA().length() + layer.loraB().length())
                .sum();
        assertEquals(expected, adapted.trainableParameters(), "only the factors are in the parameter table");
    }

    /** Scores too, per example and under masks; they are the output layers' own work. */
    @ParameterizedTest
    @EnumSource(Networks.Kind.class)
    void aFreshAdapterScoresAsTheBaseDoes(Networks.Kind kind) {
        MultiLayerNetwork base = Networks.base(kind, DataType.DOUBLE, new Adam(0.02), WorkspaceMode.ENABLED, 0);
        LoraNetwork<MultiLayerNetwork> adapted = Lora.inject(base, Networks.config(kind, 0.1));
        DataSet data = Networks.data(kind, DataType.DOUBLE, 4, 1);
        if (kind.labelsSteps()) {
            INDArray mask = Nd4j.ones(DataType.DOUBLE, 4, 6);
            mask.putScalar(1, 5, 0);
            mask.putScalar(3, 4, 0);
            mask.putScalar(3, 5, 0);
            data.setFeaturesMaskArray(mask);
            data.setLabelsMaskArray(mask.dup());
        } else {
            data.setLabelsMaskArray(Nd4j.createFromArray(new double[][] {{1}, {0}, {1}, {1}}));
        }
        for (DataSet each : List.of(new DataSet(data.getFeatures(), data.getLabels()), data)) {
            assertEquals(base.score(each), adapted.network().score(each), 1e-12);
            assertClose(base.scoreExamples(each, false), adapted.network().scoreExamples(each, false), 1e-12);
        }
    }

    @ParameterizedTest
    @EnumSource(Networks.Kind.class)
    void mergedEqualsUnmergedAndIsPlain(Networks.Kind kind) {
        LoraNetwork<MultiLayerNetwork> adapted = Networks.adapted(kind, DataType.FLOAT);
        INDArray x = Networks.data(kind, DataType.FLOAT, 5, 1).getFeatures();
        INDArray unmerged = adapted.network().output(x);
        MultiLayerNetwork plain = adapted.merge();

        assertClose(unmerged, plain.output(x), 1e-5);
        assertFalse(plain.getLayerWiseConfigurations().toJson().contains("io.lora4j"));
        adapted.mergeInPlace();
        assertClose(unmerged, adapted.network().output(x), 1e-5);
        adapted.unmerge();
        assertEquals(unmerged, adapted.network().output(x), "to the last bit");
    }

    /** Weight decay, L2 and Adam on: what is frozen must not move, and training must reduce the loss. */
    @ParameterizedTest
    @MethodSource("kindsAndWorkspaces")
    void trainingMovesTheAdapterAndNothingElse(Networks.Kind kind, WorkspaceMode workspaces) {
        MultiLayerNetwork base = Networks.base(kind, DataType.FLOAT, new Adam(0.02), workspaces, 1e-3);
        INDArray before = base.params().dup();
        DataSet data = Networks.data(kind, DataType.FLOAT, 12, 1);
        LoraNetwork<MultiLayerNetwork> adapted = Lora.inject(base, Networks.config(kind, 0));
        double first = adapted.network().score(data);
        for (int i = 0; i < 20; i++) {
            adapted.network().fit(data);
        }

        assertTrue(
                adapted.network().score(data) < first,
                "loss " + first + " -> " + adapted.network().score(data));
        assertEquals(before, base.params(), "frozen parameters to the last bit");
    }

    @ParameterizedTest
    @EnumSource(Networks.Kind.class)
    void theSameSeedGivesTheSameResultAndAFileRestoresIt(Networks.Kind kind, @TempDir Path folder) {
        LoraNetwork<MultiLayerNetwork> first = trained(kind);
        LoraNetwork<MultiLayerNetwork> second = trained(kind);
        INDArray x = Networks.data(kind, DataType.FLOAT, 5, 1).getFeatures();
        INDArray output = first.network().output(x);

        assertEquals(first.network().params(), second.network().params());
        assertEquals(output, first.network().clone().output(x), "a clone finds its frozen weights");
        Path adapter = folder.resolve("adapter.zip");
        first.save(adapter);
        assertEquals(output, second.load("loaded", adapter).output(x));
        Path model = folder.resolve("model.zip");
        first.saveModel(model, true);
        assertEquals(output, Lora.restoreMultiLayerNetwork(model).network().output(x));
    }

    private static LoraNetwork<MultiLayerNetwork> trained(Networks.Kind kind) {
        MultiLayerNetwork base = Networks.base(kind, DataType.FLOAT, new Adam(0.02), WorkspaceMode.ENABLED, 0);
        LoraNetwork<MultiLayerNetwork> adapted = Lora.inject(base, Networks.config(kind, 0.2));
        for (int i = 0; i < 3; i++) {
            adapted.network().fit(Networks.data(kind, DataType.FLOAT, 12, i + 1)); // ND4J takes the clock for seed 0
        }
        return adapted;
    }

    static void assertClose(INDArray expected, INDArray actual, double tolerance) {
        double gap = expected.sub(actual).amaxNumber().doubleValue();
        assertTrue(gap <= tolerance, "largest difference " + gap);
    }
}
