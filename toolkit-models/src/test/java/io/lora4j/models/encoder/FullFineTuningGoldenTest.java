package io.lora4j.models.encoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.lora4j.adapter.FrozenWeights;
import io.lora4j.optim.AdamW;
import io.lora4j.optim.GroupedOptimizer;
import io.lora4j.optim.OneStepUpdate;
import io.lora4j.optim.UniformGroups;
import io.lora4j.train.BatchSource;
import io.lora4j.train.RandomStreams;
import io.lora4j.train.TrainConfig;
import io.lora4j.train.Trainer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;

/**
 * The trainable tiny BERT against Hugging Face transformers and torch in float64 (golden files {@code training_traces.json} and {@code
 * tiny_bert_full_gradient_f64.safetensors}, written by {@code make_training_traces.py}): the gradient of every parameter, twenty AdamW
 * steps over all of them, and one step of gradient descent.
 */
@Tag("golden")
class FullFineTuningGoldenTest {
    private static final RandomStreams STREAMS = new RandomStreams(1);

    private record Batches(List<List<MultiDataSet>> steps) implements BatchSource {
        @Override
        public int exampleCount() {
            return 8;
        }

        @Override
        public int stepsPerEpoch() {
            return steps.size();
        }

        @Override
        public Iterable<List<MultiDataSet>> epoch(int epoch) {
            return steps;
        }
    }

    private static ComputationGraph graph(DataType type) {
        ComputationGraphConfiguration conf =
                EncoderGraph.trainableClassifier(BertFixtures.tinyConfig(), Pooling.CLS, 2, type, 1);
        new GroupedOptimizer(new AdamW(5e-3), 0, new UniformGroups(false)).applyTo(conf);
        ComputationGraph graph = new ComputationGraph(conf);
        graph.init();
        Map<String, INDArray> tensors = BertFixtures.tensors("tiny_bert_base/model.safetensors");
        TrainableWeights.copyInto(graph, new FrozenWeights(tensors));
        BertFixtures.setHead(graph, tensors);
        return graph;
    }

    private static MultiDataSet batch(DataType type) {
        MultiDataSet batch = BertFixtures.tracesBatch();
        return new MultiDataSet(
                batch.getFeatures(), new INDArray[] {batch.getLabels(0).castTo(type)});
    }

    private static double backward(ComputationGraph graph, MultiDataSet batch) {
        graph.setInputs(batch.getFeatures());
        graph.setLabels(batch.getLabels());
        graph.computeGradientAndScore();
        return graph.score();
    }

    /** Checkpoint name to gradient, from the names that DL4J gives them. */
    private static Map<String, INDArray> gradientsByTensor(ComputationGraph graph) {
        Map<String, INDArray> named = new LinkedHashMap<>();
        graph.gradient().gradientForVariable().forEach((key, gradient) -> {
            int split = key.lastIndexOf('_');
            String tensor =
                    switch (key.substring(split + 1)) {
                        case "W", "weight" -> "weight";
                        case "b", "bias" -> "bias";
                        case "word" -> "word_embeddings.weight";
                        case "position" -> "position_embeddings.weight";
                        case "type" -> "token_type_embeddings.weight";
                        default -> throw new AssertionError(key);
                    };
            boolean vector = tensor.equals("bias");
            named.put(key.substring(0, split) + "." + tensor, vector ? gradient.reshape(gradient.length()) : gradient);
        });
        return named;
    }

    @Test
    void gradientOfEveryParameter() {
        ComputationGraph graph = graph(DataType.DOUBLE);

        double loss = backward(graph, batch(DataType.DOUBLE));

        assertEquals(BertFixtures.json("training_traces.json").get("loss0").asDouble(), loss, 1e-8);
        Map<String, INDArray> golden = BertFixtures.tensors("tiny_bert_full_gradient_f64.safetensors");
        Map<String, INDArray> actual = gradientsByTensor(graph);
        assertEquals(41, golden.size());
        assertEquals(golden.keySet(), actual.keySet().stream().collect(java.util.stream.Collectors.toSet()));
        golden.forEach((name, expected) -> {
            INDArray mean = actual.get(name).div(8);
            assertArrayEquals(expected.shape(), mean.shape(), name);
            assertEquals(0, expected.sub(mean).amaxNumber().doubleValue(), 1e-8, name);
        });
        long scalars = golden.values().stream().mapToLong(INDArray::length).sum();
        assertEquals(scalars, graph.params().length());
        assertEquals(scalars, graph.gradient().gradient().length());
    }

    /** In one piece, and accumulated from micro-batches of three and five examples. */
    @ParameterizedTest
    @CsvSource({"DOUBLE,1e-8,false", "DOUBLE,1e-8,true", "FLOAT,1e-3,false"})
    void twentyStepsOfAdamW(DataType type, double tolerance, boolean microBatches) {
        ComputationGraph graph = graph(type);
        MultiDataSet all = batch(type);
        List<MultiDataSet> step = microBatches ? List.of(rows(all, 0, 3), rows(all, 3, 8)) : List.of(all);
        JsonNode expected = BertFixtures.json("training_traces.json")
                .get("traces")
                .get("full_ft_adamw")
                .get("loss");
        List<Double> losses = new ArrayList<>();

        Trainer.fit(
                graph,
                new Batches(List.of(step)),
                new TrainConfig(expected.size(), 0, 0),
                STREAMS,
                info -> losses.add(info.loss()));

        assertEquals(21, losses.size());
        for (int i = 0; i < losses.size(); i++) {
            assertEquals(expected.get(i).asDouble(), losses.get(i), tolerance, "step " + i);
        }
    }

    private static MultiDataSet rows(MultiDataSet data, int from, int to) {
        int[] rows = java.util.stream.IntStream.range(from, to).toArray();
        INDArray[] features = new INDArray[3];
        for (int i = 0; i < 3; i++) {
            features[i] = data.getFeatures(i).getRows(rows);
        }
        return new MultiDataSet(features, new INDArray[] {data.getLabels(0).getRows(rows)});
    }

    /** One step along the gradient of all parameters, over the published step sizes. */
    @ParameterizedTest
    @CsvSource({"DOUBLE,1e-8", "FLOAT,1e-3"})
    void oneStepOfAllParameters(DataType type, double tolerance) {
        ComputationGraph graph = graph(type);
        MultiDataSet all = batch(type);
        backward(graph, all);
        OneStepUpdate update = OneStepUpdate.full(graph.gradient().gradient().div(8));
        INDArray start = graph.params().dup();
        JsonNode rows = BertFixtures.json("training_traces.json").get("one_step");
        assertEquals(OneStepUpdate.PUBLISHED_GRID.size(), rows.size());
        for (double eta : OneStepUpdate.PUBLISHED_GRID) {
            graph.setParams(start.add(update.shift(eta)));
            double expected = rows.properties().stream()
                    .filter(e -> Double.parseDouble(e.getKey()) == eta)
                    .findFirst()
                    .orElseThrow()
                    .getValue()
                    .get("all_parameters")
                    .asDouble();
            assertEquals(expected, graph.score(all, false), tolerance, "eta " + eta);
        }
    }
}
