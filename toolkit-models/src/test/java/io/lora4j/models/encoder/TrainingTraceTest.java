package io.lora4j.models.encoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lora4j.adapter.AdaptedModel;
import io.lora4j.adapter.AdapterInjector;
import io.lora4j.adapter.FrozenWeights;
import io.lora4j.adapter.LoraConfig;
import io.lora4j.adapter.Scaling;
import io.lora4j.gradient.GradientEstimator;
import io.lora4j.gradient.WeightGradients;
import io.lora4j.init.AdapterInitializer;
import io.lora4j.init.AdapterSetup;
import io.lora4j.init.LoraGaInit;
import io.lora4j.init.LoraOneInit;
import io.lora4j.init.LoraOneTalkInit;
import io.lora4j.init.Refill;
import io.lora4j.models.checkpoint.SafetensorsFile;
import io.lora4j.optim.AdamW;
import io.lora4j.optim.GroupedOptimizer;
import io.lora4j.optim.LoraPlusGroups;
import io.lora4j.optim.OneStepUpdate;
import io.lora4j.optim.ParameterGroups;
import io.lora4j.optim.RiemannianPreconditioner;
import io.lora4j.optim.UniformGroups;
import io.lora4j.train.BatchSource;
import io.lora4j.train.RandomStreams;
import io.lora4j.train.TrainConfig;
import io.lora4j.train.Trainer;
import io.lora4j.train.UpdateRule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * Twenty optimiser steps on the tiny BERT against PyTorch and PEFT in float64 (golden file {@code training_traces.json}, written by {@code
 * make_training_traces.py}). Nothing is taken from the golden files but the random A of plain LoRA: gradients, SVD and initial factors are
 * this project's own, estimated in two chunks.
 */
@Tag("golden")
class TrainingTraceTest {
    private static final RandomStreams STREAMS = new RandomStreams(1);
    private static final double RATE = 5e-3;

    /** The batch of eight as one step, for ever. */
    private record OneBatch(MultiDataSet batch) implements BatchSource {
        @Override
        public int exampleCount() {
            return 8;
        }

        @Override
        public int stepsPerEpoch() {
            return 1;
        }

        @Override
        public Iterable<List<MultiDataSet>> epoch(int epoch) {
            return List.of(List.of(batch));
        }
    }

    private static AdaptedModel model(DataType type, ParameterGroups groups) {
        return model(type, conf -> new GroupedOptimizer(new AdamW(RATE), 0, groups).applyTo(conf));
    }

    private static AdaptedModel model(DataType type, Consumer<ComputationGraphConfiguration> optimizer) {
        Map<String, INDArray> tensors = new HashMap<>();
        BertFixtures.tensors("tiny_bert_base/model.safetensors")
                .forEach((name, array) -> tensors.put(name, array.castTo(type)));
        LoraConfig lora = new LoraConfig(2, 16, Scaling.RSLORA, 0, List.of("query", "value"));
        ComputationGraphConfiguration conf = AdapterInjector.inject(
                EncoderGraph.classifier(BertFixtures.tinyConfig(), Pooling.CLS, 2, type, 1), lora);
        optimizer.accept(conf);
        AdaptedModel model = AdaptedModel.of(conf, new FrozenWeights(tensors));
        BertFixtures.setHead(model.graph(), tensors);
        return model;
    }

    private static MultiDataSet batch(DataType type) {
        MultiDataSet batch = BertFixtures.tracesBatch();
        return new MultiDataSet(
                batch.getFeatures(), new INDArray[] {batch.getLabels(0).castTo(type)});
    }

    /** A of the golden file [r, in], turned to ours; B zero. */
    private static void useGoldenA(AdaptedModel model, DataType type) {
        try (SafetensorsFile file = SafetensorsFile.open(BertFixtures.golden("init_lora_f64.safetensors"))) {
            model.adapters().forEach((name, layer) -> {
                layer.loraA().assign(file.read(name + ".A", type).transpose());
                layer.loraB().assign(0);
            });
        }
    }

    private static void useOwn(AdaptedModel model, AdapterInitializer initializer, DataType type) {
        MultiDataSet all = batch(type);
        WeightGradients gradients = new GradientEstimator(type, STREAMS)
                .estimate(model, model.adapters().keySet(), List.of(rows(all, 0, 3), rows(all, 3, 8)));
        AdapterSetup.apply(model, initializer, gradients, STREAMS);
    }

    private static MultiDataSet rows(MultiDataSet data, int from, int to) {
        int[] rows = java.util.stream.IntStream.range(from, to).toArray();
        INDArray[] features = new INDArray[3];
        for (int i = 0; i < 3; i++) {
            features[i] = data.getFeatures(i).getRows(rows);
        }
        return new MultiDataSet(features, new INDArray[] {data.getLabels(0).getRows(rows)});
    }

    private static void useSgd(ComputationGraphConfiguration configuration) {
        configuration.getVertices().values().forEach(vertex -> {
            if (vertex instanceof LayerVertex holder && holder.getLayerConf().getLayer() instanceof BaseLayer layer) {
                layer.setIUpdater(new Sgd(0.1));
                layer.setBiasUpdater(new Sgd(0.1));
            }
        });
    }

    private static void assertTrace(String name, AdaptedModel model, DataType type) {
        assertTrace(name, model, UpdateRule.DL4J, type);
    }

    private static void assertTrace(String name, AdaptedModel model, UpdateRule rule, DataType type) {
        JsonNode expected = BertFixtures.json("training_traces.json")
                .get("traces")
                .get(name)
                .get("loss");
        List<Double> losses = new ArrayList<>();
        Trainer.fit(
                model.graph(),
                rule,
                new OneBatch(batch(type)),
                new TrainConfig(expected.size(), 0, 0),
                STREAMS,
                info -> losses.add(info.loss()));
        assertEquals(21, losses.size());
        double tolerance = type == DataType.DOUBLE ? 1e-8 : 1e-3;
        for (int i = 0; i < losses.size(); i++) {
            assertEquals(expected.get(i).asDouble(), losses.get(i), tolerance, name + ", step " + i);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"DOUBLE", "FLOAT"})
    void lora(DataType type) {
        AdaptedModel model = model(type, new UniformGroups(false));
        useGoldenA(model, type);
        assertTrace("lora_adamw", model, type);
    }

    @ParameterizedTest
    @EnumSource(names = {"DOUBLE", "FLOAT"})
    void loraPlus(DataType type) {
        AdaptedModel model = model(type, new LoraPlusGroups(16));
        useGoldenA(model, type);
        assertTrace("lora_plus_ratio16", model, type);
    }

    @ParameterizedTest
    @EnumSource(names = {"DOUBLE", "FLOAT"})
    void loraOneFinal(DataType type) {
        AdaptedModel model = model(type, new UniformGroups(false));
        useOwn(model, new LoraOneInit(128, Refill.NONE), type);
        assertTrace("lora_one_adamw", model, type);
    }

    @ParameterizedTest
    @EnumSource(names = {"DOUBLE", "FLOAT"})
    void loraGa(DataType type) {
        AdaptedModel model = model(type, new UniformGroups(false));
        useOwn(model, new LoraGaInit(LoraGaInit.Direction.ARB2R, LoraGaInit.Scale.STABLE, 16, Refill.NONE), type);
        assertTrace("lora_ga_ArB2r_stable16_adamw", model, type);
    }

    @ParameterizedTest
    @EnumSource(names = {"DOUBLE", "FLOAT"})
    void pLora(DataType type) {
        AdaptedModel model = model(type, new UniformGroups(false));
        useGoldenA(model, type);
        assertTrace("p_lora_reg1e-2_peft", model, new RiemannianPreconditioner(1e-2), type);
    }

    @ParameterizedTest
    @EnumSource(names = {"DOUBLE", "FLOAT"})
    void loraOneFinalWithPreconditioner(DataType type) {
        AdaptedModel model = model(type, new UniformGroups(false));
        useOwn(model, new LoraOneInit(128, Refill.NONE), type);
        assertTrace("lora_one_precond_reg1e-2", model, new RiemannianPreconditioner(1e-2), type);
    }

    @ParameterizedTest
    @EnumSource(names = {"DOUBLE", "FLOAT"})
    void loraOneTalk(DataType type) {
        AdaptedModel model = model(type, new UniformGroups(false));
        useOwn(model, new LoraOneTalkInit(16, Refill.NONE), type);
        assertTrace("lora_one_v1_adamw", model, type);
    }

    @ParameterizedTest
    @EnumSource(names = {"DOUBLE", "FLOAT"})
    void loraBySgd(DataType type) {
        AdaptedModel model = model(type, TrainingTraceTest::useSgd);
        useGoldenA(model, type);
        assertTrace("lora_sgd_lr0.1", model, type);
    }

    /** One step along the gradient of query and value, whole and of rank 2, over the published step sizes. */
    @ParameterizedTest
    @CsvSource({"DOUBLE,1e-8", "FLOAT,1e-3"})
    void oneStepOfTheTargetLayers(DataType type, double tolerance) {
        AdaptedModel model = model(type, new UniformGroups(false));
        MultiDataSet all = batch(type);
        Set<String> targets = model.adapters().keySet();
        model.adapters().values().forEach(layer -> layer.loraB().assign(0));
        WeightGradients gradients = new GradientEstimator(type, STREAMS).estimate(model, targets, List.of(all));
        JsonNode rows = BertFixtures.json("training_traces.json").get("one_step");
        assertEquals(OneStepUpdate.PUBLISHED_GRID.size(), rows.size());
        for (double eta : OneStepUpdate.PUBLISHED_GRID) {
            JsonNode row = rows.properties().stream()
                    .filter(e -> Double.parseDouble(e.getKey()) == eta)
                    .findFirst()
                    .orElseThrow()
                    .getValue();
            Function<INDArray, OneStepUpdate> ofRank = g -> OneStepUpdate.ofRank(g, 2);
            double whole = lossAfterStep(model, gradients, OneStepUpdate::full, eta, all);
            double low = lossAfterStep(model, gradients, ofRank, eta, all);
            assertEquals(row.get("target_only").asDouble(), whole, tolerance, "eta " + eta);
            assertEquals(row.get("target_rank_r").asDouble(), low, tolerance, "eta " + eta + ", rank 2");
        }
    }

    private static double lossAfterStep(
            AdaptedModel model,
            WeightGradients gradients,
            Function<INDArray, OneStepUpdate> update,
            double eta,
            MultiDataSet batch) {
        AdaptedModel moved = model.copy();
        gradients
                .layers()
                .forEach(layer -> moved.shiftWeight(
                        layer, update.apply(gradients.mean(layer)).shift(eta)));
        return moved.graph().score(batch, false);
    }

    /** The factors themselves, against those of the golden run's own full gradient. */
    @Test
    void initialFactorsEqualTheGoldenRuns() {
        assertFactors(new LoraOneInit(128, Refill.NONE), "init_lora_one_f64.safetensors");
        assertFactors(
                new LoraGaInit(LoraGaInit.Direction.ARB2R, LoraGaInit.Scale.STABLE, 16, Refill.NONE),
                "init_lora_ga_f64.safetensors");
        assertFactors(new LoraOneTalkInit(16, Refill.NONE), "init_lora_one_v1_f64.safetensors");
    }

    private static void assertFactors(AdapterInitializer initializer, String goldenFile) {
        AdaptedModel model = model(DataType.DOUBLE, new UniformGroups(false));
        useOwn(model, initializer, DataType.DOUBLE);
        try (SafetensorsFile file = SafetensorsFile.open(BertFixtures.golden(goldenFile))) {
            model.adapters().forEach((name, layer) -> {
                INDArray a = file.read(name + ".A", DataType.DOUBLE).transpose();
                INDArray b = file.read(name + ".B", DataType.DOUBLE).transpose();
                assertTrue(a.equalsWithEps(layer.loraA(), 1e-7), () -> goldenFile + " A of " + name);
                assertTrue(b.equalsWithEps(layer.loraB(), 1e-7), () -> goldenFile + " B of " + name);
            });
        }
    }

    /** Every initialiser but LoRA-One final leaves the output as it was; its first step goes down. */
    @Test
    void initPreservesOutput() {
        MultiDataSet batch = batch(DataType.DOUBLE);
        INDArray before = output(null, batch);
        assertTrue(before.equalsWithEps(output(new io.lora4j.init.KaimingInit(), batch), 1e-12), "kaiming");
        for (LoraGaInit.Direction direction : LoraGaInit.Direction.values()) {
            for (LoraGaInit.Scale scale : LoraGaInit.Scale.values()) {
                INDArray after = output(new LoraGaInit(direction, scale, 16, Refill.KAIMING), batch);
                assertTrue(before.equalsWithEps(after, 1e-10), direction + " " + scale);
            }
        }
        assertTrue(!before.equalsWithEps(output(new LoraOneInit(128, Refill.NONE), batch), 1e-4), "lora-one");
    }

    private static INDArray output(@Nullable AdapterInitializer initializer, MultiDataSet batch) {
        AdaptedModel model = model(DataType.DOUBLE, new UniformGroups(false));
        if (initializer != null) {
            useOwn(model, initializer, DataType.DOUBLE);
        }
        return model.graph().outputSingle(batch.getFeatures()).dup();
    }

    /** With workspaces and Java's collector at work, a trained model must not remember a freed array. */
    @Test
    void sameRunTwiceGivesTheSameLosses() {
        List<Double> first = losses();
        Nd4j.getMemoryManager().invokeGc();
        assertEquals(first, losses());
    }

    private static List<Double> losses() {
        AdaptedModel model = model(DataType.FLOAT, new UniformGroups(false));
        useOwn(model, new LoraOneInit(128, Refill.NONE), DataType.FLOAT);
        List<Double> losses = new ArrayList<>();
        Trainer.fit(
                model.graph(),
                new OneBatch(batch(DataType.FLOAT)),
                new TrainConfig(20, 0, 1),
                STREAMS,
                info -> losses.add(info.loss()));
        return losses;
    }
}
