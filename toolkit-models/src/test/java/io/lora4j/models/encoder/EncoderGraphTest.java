package io.lora4j.models.encoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.adapter.AdaptedModel;
import io.lora4j.adapter.AdapterInjector;
import io.lora4j.adapter.FrozenWeights;
import io.lora4j.adapter.LoraConfig;
import io.lora4j.adapter.Scaling;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

class EncoderGraphTest {
    private final EncoderConfig config = BertFixtures.smallConfig();

    private AdaptedModel model(EncoderConfig shape, DataType type, WorkspaceMode workspaces) {
        ComputationGraphConfiguration graph = EncoderGraph.classifier(shape, Pooling.CLS, 3, type, 9);
        graph.setTrainingWorkspaceMode(workspaces);
        graph.setInferenceWorkspaceMode(workspaces);
        return AdaptedModel.of(graph, BertFixtures.randomWeights(shape, type, 8));
    }

    private MultiDataSet batch(DataType type, int... lengths) {
        return new MultiDataSet(
                BertFixtures.randomFeatures(config, 6, 9, lengths),
                new INDArray[] {BertFixtures.oneHot(lengths.length, 3, type)});
    }

    private static double score(ComputationGraph graph, MultiDataSet data) {
        graph.setInputs(data.getFeatures());
        graph.setLabels(data.getLabels());
        graph.computeGradientAndScore();
        return graph.score();
    }

    @Test
    void onlyTheClassifierIsTrainable() {
        AdaptedModel model = model(config, DataType.FLOAT, WorkspaceMode.ENABLED);
        assertEquals(12 * 3 + 3, model.trainableParameters());
        assertEquals(
                List.of("layout", "input_ids", "token_type_ids"),
                model.graph().getConfiguration().getNetworkInputs());
        assertEquals(13, model.linears().size());
        assertTrue(model.linears().containsKey("bert.encoder.layer.1.attention.output.dense"));
        assertFalse(AdaptedModel.of(
                        EncoderGraph.classifier(config, Pooling.MEAN, 3, DataType.FLOAT, 9),
                        BertFixtures.randomWeights(config, DataType.FLOAT, 8))
                .linears()
                .containsKey("bert.pooler.dense"));
    }

    @ParameterizedTest
    @EnumSource
    void configurationSurvivesJson(Pooling pooling) {
        ComputationGraphConfiguration original =
                EncoderGraph.classifier(config.withDropout(0.1, 0.2, 0.3), pooling, 3, DataType.DOUBLE, 9);

        ComputationGraphConfiguration restored = ComputationGraphConfiguration.fromJson(original.toJson());

        assertEquals(original, restored);
        assertEquals(original, original.clone());
        assertEquals(original.hashCode(), restored.hashCode());
        ComputationGraph graph = new ComputationGraph(restored);
        graph.init();
        FrozenWeights weights = BertFixtures.randomWeights(config, DataType.DOUBLE, 8);
        weights.bindTo(graph);
        INDArray[] features = batch(DataType.DOUBLE, 3, 5).getFeatures();
        assertEquals(AdaptedModel.of(original, weights).graph().outputSingle(features), graph.outputSingle(features));
    }

    @Test
    void aSavedOrClonedModelWorksOnceItIsBoundAgain() throws IOException {
        FrozenWeights weights = BertFixtures.randomWeights(config, DataType.FLOAT, 8);
        LoraConfig lora = new LoraConfig(2, 4, Scaling.STANDARD, 0, List.of("query", "output.dense"));
        ComputationGraph graph = AdaptedModel.of(
                        AdapterInjector.inject(
                                EncoderGraph.classifier(config, Pooling.CLS, 3, DataType.FLOAT, 9), lora),
                        weights)
                .graph();
        graph.setParams(Nd4j.rand(DataType.FLOAT, graph.params().shape()));
        INDArray[] features = batch(DataType.FLOAT, 3, 5).getFeatures();
        INDArray expected = graph.outputSingle(features);
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        ModelSerializer.writeModel(graph, file, true);

        ComputationGraph restored =
                ModelSerializer.restoreComputationGraph(new ByteArrayInputStream(file.toByteArray()), true);
        assertThrows(IllegalStateException.class, () -> restored.outputSingle(features));
        weights.bindTo(restored);
        assertEquals(expected, restored.outputSingle(features));
        ComputationGraph clone = graph.clone();
        assertThrows(IllegalStateException.class, () -> clone.outputSingle(features));
        weights.bindTo(clone);
        assertEquals(expected, clone.outputSingle(features));
        assertTrue(graph.summary().contains("bert.encoder.layer.1.attention.self"));
    }

    @Test
    void verticesOfDifferentSettingsAreDifferent() {
        assertNotEquals(new SelfAttention(2, 0), new SelfAttention(3, 0));
        assertNotEquals(new SelfAttention(2, 0), new SelfAttention(2, 0.1));
        assertNotEquals(new ResidualLayerNorm(4, 1e-12, 0, 0), new ResidualLayerNorm(4, 1e-12, 0, 0.1));
        assertNotEquals(new ResidualLayerNorm(4, 1e-12, 0, 0), new ResidualLayerNorm(4, 1e-5, 0, 0));
        assertNotEquals(new SelfAttention(2, 0), new SelfAttention(2, 0, true));
        assertNotEquals(new SequencePooling(Pooling.CLS), new SequencePooling(Pooling.MEAN));
        assertNotEquals(new SequencePooling(Pooling.CLS), new SequencePooling(Pooling.CLS, true));
        assertEquals(new FirstRows(), new FirstRows());
        assertNotEquals(new RowDropout(0.1), new RowDropout(0.2));
        assertNotEquals(new EmbeddingRows(5, 4, 3, 2), new EmbeddingRows(5, 4, 3, 1));
        assertEquals(new RowActivation(HiddenActivation.GELU), new RowActivation(HiddenActivation.GELU));
        assertNotEquals(new EmbeddingRows(5, 4, 3, 2), new EmbeddingRows(5, 4, 3, 2, true, EmbeddingRows.FROM_ZERO));
        assertNotEquals(new EmbeddingRows(5, 4, 3, 1, true, 1), new EmbeddingRows(5, 4, 3, 1, true, 0));
        assertNotEquals(new RowActivation(HiddenActivation.GELU), new RowActivation(HiddenActivation.RELU));
        assertThrows(IllegalArgumentException.class, () -> new EmbeddingRows(5, 4, 3, 1, false, -1));
        assertThrows(IllegalArgumentException.class, () -> new EmbeddingRows(5, 4, 3, 0, true, 2));
        assertThrows(IllegalArgumentException.class, () -> new RowDropout(1));
        assertThrows(IllegalArgumentException.class, () -> new SelfAttention(0, 0));
        assertThrows(IllegalArgumentException.class, () -> new ResidualLayerNorm(4, 0, 0, 0));
    }

    @Test
    void theHeadDependsOnItsSeedAlone() {
        INDArray head = model(config, DataType.FLOAT, WorkspaceMode.ENABLED)
                .graph()
                .getParam("classifier_W")
                .dup();
        Nd4j.getRandom().setSeed(77);
        Nd4j.rand(5);
        assertEquals(
                head,
                model(config, DataType.FLOAT, WorkspaceMode.ENABLED).graph().getParam("classifier_W"));
        INDArray wide =
                model(config, DataType.DOUBLE, WorkspaceMode.ENABLED).graph().getParam("classifier_W");
        assertEquals(head, wide.castTo(DataType.FLOAT), "the same in float64, rounded");
        ComputationGraph other =
                new ComputationGraph(EncoderGraph.classifier(config, Pooling.CLS, 3, DataType.FLOAT, 10));
        other.init();
        assertNotEquals(head, other.getParam("classifier_W"));
        assertEquals(0, other.getParam("classifier_b").amaxNumber().doubleValue());

        EncoderConfig wideConfig = BertFixtures.bert(23, 4000, 1, 1, 20, 9, 2, 1e-12, 0, 0, 0, 0.02);
        ComputationGraph large =
                new ComputationGraph(EncoderGraph.classifier(wideConfig, Pooling.CLS, 3, DataType.DOUBLE, 10));
        large.init();
        INDArray weights = large.getParam("classifier_W");
        assertEquals(0, weights.meanNumber().doubleValue(), 5 * 0.02 / Math.sqrt(12000));
        assertEquals(0.02, weights.stdNumber().doubleValue(), 0.001);
    }

    @ParameterizedTest
    @CsvSource({"FLOAT", "DOUBLE"})
    void workspacesChangeNothingOverBatchesOfDifferentShapes(DataType type) {
        EncoderConfig dropping = config.withDropout(0.2, 0.2, 0.2);
        ComputationGraph with = model(dropping, type, WorkspaceMode.ENABLED).graph();
        ComputationGraph without = model(dropping, type, WorkspaceMode.NONE).graph();
        int[][] batches = {{3, 5}, {9, 9, 9}, {1}, {2, 7, 4, 1, 1}, {9, 9, 9}};
        for (int i = 0; i < 2 * batches.length; i++) {
            MultiDataSet data = batch(type, batches[i % batches.length]);
            Nd4j.getRandom().setSeed(i + 1); // 0 would mean the clock
            double expected = score(without, data);
            Nd4j.getRandom().setSeed(i + 1); // 0 would mean the clock
            assertEquals(expected, score(with, data), "step " + i);
            assertEquals(without.gradient().gradient(), with.gradient().gradient(), "step " + i);
            assertEquals(without.outputSingle(data.getFeatures()), with.outputSingle(data.getFeatures()));
        }
    }

    @ParameterizedTest
    @CsvSource({"0.3,0,0", "0,0.3,0", "0,0,0.3"})
    void dropoutActsInTrainingOnlyAndFollowsTheSeed(double hidden, double attention, double classifier) {
        ComputationGraph graph = model(
                        config.withDropout(hidden, attention, classifier), DataType.DOUBLE, WorkspaceMode.ENABLED)
                .graph();
        ComputationGraph plain =
                model(config, DataType.DOUBLE, WorkspaceMode.ENABLED).graph();
        graph.setParams(graph.params().muli(50)); // a head that shows differences
        plain.setParams(graph.params());
        MultiDataSet data = batch(DataType.DOUBLE, 4, 9, 2);

        assertEquals(plain.outputSingle(data.getFeatures()), graph.outputSingle(data.getFeatures()), "inference");
        Nd4j.getRandom().setSeed(1);
        double first = score(graph, data);
        double second = score(graph, data);
        Nd4j.getRandom().setSeed(1);
        assertEquals(first, score(graph, data), "same seed");
        assertNotEquals(first, second, "the generator goes on");
        assertNotEquals(score(plain, data), first, "dropout is active");
    }

    @Test
    void dropoutKeepsTheMeanAndDropsTheGivenShare() {
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .dataType(DataType.DOUBLE)
                .graphBuilder()
                .addInputs("x")
                .addVertex("dropped", new RowDropout(0.3), "x")
                .setOutputs("dropped")
                .build());
        graph.init();
        INDArray x = Nd4j.valueArrayOf(new long[] {400, 250}, 2.0, DataType.DOUBLE);
        Nd4j.getRandom().setSeed(4);
        INDArray dropped = graph.output(true, x)[0];
        // 100,000 draws: five standard deviations are 0.0072 of the share and 0.0207 of the mean.
        assertEquals(0.3, dropped.eq(0).castTo(DataType.DOUBLE).meanNumber().doubleValue(), 0.0072);
        assertEquals(2, dropped.meanNumber().doubleValue(), 0.0207);
        assertEquals(2 / 0.7, dropped.maxNumber().doubleValue(), 1e-12);
        assertEquals(x, graph.output(false, x)[0]);
    }

    @Test
    void unboundVerticesNameThemselvesAndTheRemedy() {
        ComputationGraph graph = new ComputationGraph(EncoderGraph.encoder(config, DataType.FLOAT));
        graph.init();
        INDArray[] features = batch(DataType.FLOAT, 3).getFeatures();
        IllegalStateException error = assertThrows(IllegalStateException.class, () -> graph.output(features));
        assertEquals(
                "the frozen weights of vertex bert.embeddings are not bound: call FrozenWeights.bindTo(network) after"
                        + " init(), clone() or restoring",
                error.getMessage());
    }

    @Test
    void weightsThatDoNotFitAreRefusedByName() {
        ComputationGraph graph = new ComputationGraph(EncoderGraph.encoder(config, DataType.FLOAT));
        graph.init();
        FrozenWeights weights = BertFixtures.randomWeights(config, DataType.FLOAT, 8);
        String name = "bert.encoder.layer.0.output.LayerNorm.bias";
        FrozenWeights wrongShape = weights.with(Map.of(name, Nd4j.create(DataType.FLOAT, 11)));
        IllegalArgumentException error = assertThrows(IllegalArgumentException.class, () -> wrongShape.bindTo(graph));
        assertEquals("frozen array " + name + " is FLOAT[11], the vertex needs FLOAT[12]", error.getMessage());
        FrozenWeights wrongType = weights.with(Map.of(name, Nd4j.create(DataType.DOUBLE, 12)));
        assertThrows(IllegalArgumentException.class, () -> wrongType.bindTo(graph));
    }

    @Test
    void sequencesAndIdsOutsideTheModelAreRefused() {
        ComputationGraph graph =
                model(config, DataType.FLOAT, WorkspaceMode.ENABLED).graph();
        INDArray[] tooLong = BertFixtures.randomFeatures(config, 1, 10, 10);
        IllegalArgumentException error = assertThrows(IllegalArgumentException.class, () -> graph.output(tooLong));
        assertTrue(
                String.valueOf(error.getMessage())
                        .contains("a sequence has 10 tokens, but vertex bert.embeddings has 9"),
                error.getMessage());
        INDArray[] unknown = BertFixtures.randomFeatures(config, 1, 4, 4);
        unknown[1].putScalar(0, 2, 23);
        error = assertThrows(IllegalArgumentException.class, () -> graph.output(unknown));
        assertEquals("token id 23 in row 2 is outside its table of 23 rows", error.getMessage());
    }

    @Test
    void frozenArraysAreNeverWritten() {
        FrozenWeights weights = BertFixtures.randomWeights(config, DataType.FLOAT, 8);
        Map<String, INDArray> before = new LinkedHashMap<>();
        weights.names().forEach(name -> before.put(name, weights.get(name).dup()));
        ComputationGraph graph = AdaptedModel.of(
                        EncoderGraph.classifier(config.withDropout(0.1, 0.1, 0.1), Pooling.CLS, 3, DataType.FLOAT, 9),
                        weights)
                .graph();
        MultiDataSet data = batch(DataType.FLOAT, 4, 9, 2);
        for (int i = 0; i < 5; i++) {
            graph.fit(data);
            graph.outputSingle(data.getFeatures());
        }
        before.forEach((name, copy) -> assertEquals(copy, weights.get(name), name));
    }
}
