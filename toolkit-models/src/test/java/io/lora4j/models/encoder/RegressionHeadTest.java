package io.lora4j.models.encoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lora4j.adapter.AdaptedModel;
import io.lora4j.adapter.AdapterInjector;
import io.lora4j.adapter.FrozenWeights;
import io.lora4j.adapter.LoraConfig;
import io.lora4j.adapter.Scaling;
import io.lora4j.gradient.GradientEstimator;
import io.lora4j.gradient.WeightGradients;
import io.lora4j.models.checkpoint.SafetensorsFile;
import io.lora4j.optim.AdamW;
import io.lora4j.optim.GroupedOptimizer;
import io.lora4j.optim.UniformGroups;
import io.lora4j.parallel.ExampleCost;
import io.lora4j.parallel.GraphTwins;
import io.lora4j.train.BatchSource;
import io.lora4j.train.RandomStreams;
import io.lora4j.train.TrainConfig;
import io.lora4j.train.Trainer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** A head of one output: its loss, its gradients, its training, against torch, against differences and against loops. */
class RegressionHeadTest {
    private static final RandomStreams STREAMS = new RandomStreams(1);
    private static final String QUERY = "bert.encoder.layer.0.attention.self.query";
    private static final double[] SCORES = {0, 5, 2.5, 3.8, 1.25, 4.4, 0.6};
    private static final int[] LENGTHS = {4, 9, 2, 7, 1, 5, 9};

    /** One batch as one step, for ever. */
    private record OneBatch(MultiDataSet batch) implements BatchSource {
        @Override
        public int exampleCount() {
            return (int) batch.getLabels(0).size(0);
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

    private static INDArray column(DataType type, double... values) {
        return Nd4j.createFromArray(values).reshape(values.length, 1).castTo(type);
    }

    private static JsonNode golden() {
        return BertFixtures.json("regression_trace.json");
    }

    private static double[] numbers(JsonNode array) {
        double[] values = new double[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i).asDouble();
        }
        return values;
    }

    private static MultiDataSet goldenBatch(DataType type) {
        return new MultiDataSet(
                BertFixtures.tracesBatch().getFeatures(),
                new INDArray[] {column(type, numbers(golden().get("scores")))});
    }

    /** The tiny BERT with the golden run's head, which is the checkpoint's first row, and its A; B is zero. */
    private static AdaptedModel goldenModel(DataType type) {
        Map<String, INDArray> tensors = new HashMap<>();
        BertFixtures.tensors("tiny_bert_base/model.safetensors")
                .forEach((name, array) -> tensors.put(name, array.castTo(type)));
        LoraConfig lora = new LoraConfig(2, 16, Scaling.RSLORA, 0, List.of("query", "value"));
        ComputationGraphConfiguration conf = AdapterInjector.inject(
                EncoderGraph.classifier(BertFixtures.tinyConfig(), Pooling.CLS, 1, type, 1), lora);
        new GroupedOptimizer(new AdamW(5e-3), 0, new UniformGroups(false)).applyTo(conf);
        AdaptedModel model = AdaptedModel.of(conf, new FrozenWeights(tensors));
        INDArray head = model.graph().getParam("classifier_W");
        head.assign(tensors.get("classifier.weight").getColumn(0, true).dup().reshape(head.shape()));
        model.graph()
                .getParam("classifier_b")
                .assign(tensors.get("classifier.bias").getDouble(0));
        try (SafetensorsFile file = SafetensorsFile.open(BertFixtures.golden("init_lora_f64.safetensors"))) {
            model.adapters().forEach((name, layer) -> {
                layer.loraA().assign(file.read(name + ".A", type).transpose());
                layer.loraB().assign(0);
            });
        }
        return model;
    }

    private static void assertNumbers(double[] expected, INDArray actual, double tolerance, String what) {
        assertEquals(expected.length, actual.length(), what);
        double[] values = actual.dup('c').castTo(DataType.DOUBLE).data().asDouble();
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], values[i], tolerance, what + " " + i);
        }
    }

    /** A tensor of torch's, [out, in], as ours, [in, out]. */
    private static INDArray turned(JsonNode rows) {
        return Nd4j.createFromArray(BertFixtures.doubles(rows)).transpose();
    }

    @Tag("golden")
    @ParameterizedTest
    @CsvSource({"DOUBLE, 1e-8", "FLOAT, 1e-3"})
    void fiveStepsAreTorchs(DataType type, double tolerance) {
        AdaptedModel model = goldenModel(type);
        MultiDataSet batch = goldenBatch(type);
        double[] expected = numbers(golden().get("loss"));
        assertEquals(6, expected.length);
        List<Double> losses = new ArrayList<>();
        Trainer.fit(
                model.graph(),
                new OneBatch(batch),
                new TrainConfig(expected.length - 1, 0, 0),
                STREAMS,
                info -> losses.add(info.loss()));
        losses.add(model.graph().score(batch, false));
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], losses.get(i), tolerance, "step " + i);
        }
        INDArray outputs = model.graph().outputSingle(false, batch.getFeatures());
        assertNumbers(numbers(golden().get("logits")), outputs, tolerance, "output after training");
    }

    @Tag("golden")
    @Test
    void gradientsAreTorchs() {
        AdaptedModel model = goldenModel(DataType.DOUBLE);
        MultiDataSet batch = goldenBatch(DataType.DOUBLE);
        ComputationGraph graph = model.graph();
        assertNumbers(
                numbers(golden().get("logits0")), graph.outputSingle(false, batch.getFeatures()), 1e-10, "output");
        graph.setInputs(batch.getFeatures());
        graph.setLabels(batch.getLabels());
        graph.computeGradientAndScore();
        JsonNode first = golden().get("first_gradients");
        Map<String, String> names = Map.of(
                QUERY + "_loraA",
                QUERY + ".lora_A.default.weight",
                QUERY + "_loraB",
                QUERY + ".lora_B.default.weight",
                "classifier_W",
                "classifier.modules_to_save.default.weight");
        names.forEach((ours, theirs) -> {
            // DL4J's gradient is the sum over the examples, the loss their mean.
            INDArray mean = graph.gradient().getGradientFor(ours).div(8);
            assertTrue(turned(first.get(theirs)).equalsWithEps(mean, 1e-10), ours);
        });
        assertNumbers(
                numbers(first.get("classifier.modules_to_save.default.bias")),
                graph.gradient().getGradientFor("classifier_b").div(8),
                1e-10,
                "bias");
    }

    /** What LoRA-GA and LoRA-One start from: dL/dW of the mean squared error, in two chunks. */
    @Tag("golden")
    @Test
    void estimatedGradientsOfFrozenWeightsAreTorchs() {
        AdaptedModel model = goldenModel(DataType.DOUBLE);
        MultiDataSet all = goldenBatch(DataType.DOUBLE);
        WeightGradients gradients = new GradientEstimator(DataType.DOUBLE, STREAMS)
                .estimate(model, model.adapters().keySet(), List.of(rows(all, 0, 3), rows(all, 3, 8)));
        JsonNode expected = golden().get("full_gradients");
        assertEquals(4, expected.size());
        for (String layer : model.adapters().keySet()) {
            INDArray theirs = turned(expected.get(layer + ".weight"));
            assertTrue(theirs.norm2Number().doubleValue() > 1e-3, layer);
            assertTrue(theirs.equalsWithEps(gradients.mean(layer), 1e-10), layer);
        }
    }

    private static MultiDataSet rows(MultiDataSet data, int from, int to) {
        double[] scores = numbers(golden().get("scores"));
        int[] rows = java.util.stream.IntStream.range(from, to).toArray();
        INDArray[] features = new INDArray[3];
        for (int i = 0; i < 3; i++) {
            features[i] = data.getFeatures(i).getRows(rows);
        }
        return new MultiDataSet(
                features, new INDArray[] {column(DataType.DOUBLE, java.util.Arrays.copyOfRange(scores, from, to))});
    }

    private static AdaptedModel small(Pooling pooling, DataType type) {
        EncoderConfig config = BertFixtures.smallConfig();
        LoraConfig lora = new LoraConfig(2, 8, Scaling.STANDARD, 0, List.of("query", "output.dense"));
        AdaptedModel model = AdaptedModel.of(
                AdapterInjector.inject(EncoderGraph.classifier(config, pooling, 1, type, 5), lora),
                BertFixtures.randomWeights(config, type, 3));
        Random random = new Random(7);
        INDArray parameters = model.graph().params();
        for (long i = 0; i < parameters.length(); i++) {
            parameters.putScalar(i, 0.3 * random.nextGaussian());
        }
        return model;
    }

    private static MultiDataSet smallBatch(DataType type) {
        return new MultiDataSet(
                BertFixtures.randomFeatures(BertFixtures.smallConfig(), 5, 9, LENGTHS),
                new INDArray[] {column(type, SCORES)});
    }

    /** Every scalar of head, A and B by central differences of the mean loss. */
    @Tag("gradcheck")
    @ParameterizedTest
    @EnumSource(Pooling.class)
    void gradientsAreThoseOfTheMean(Pooling pooling) {
        ComputationGraph graph = small(pooling, DataType.DOUBLE).graph();
        MultiDataSet batch = smallBatch(DataType.DOUBLE);
        graph.setInputs(batch.getFeatures());
        graph.setLabels(batch.getLabels());
        graph.computeGradientAndScore();
        INDArray gradient = graph.gradient().gradient().dup();
        INDArray parameters = graph.params();
        assertTrue(parameters.length() > 100, "head and adapters");
        double step = 1e-5;
        for (long i = 0; i < parameters.length(); i++) {
            double value = parameters.getDouble(i);
            parameters.putScalar(i, value + step);
            double above = graph.score(batch, false);
            parameters.putScalar(i, value - step);
            double below = graph.score(batch, false);
            parameters.putScalar(i, value);
            double numeric = (above - below) / (2 * step);
            double analytic = gradient.getDouble(i) / SCORES.length;
            assertEquals(numeric, analytic, 1e-6 * Math.max(1, Math.abs(numeric)), "scalar " + i);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"DOUBLE", "FLOAT"})
    void theScoreIsTheMeanOfTheSquaredErrors(DataType type) {
        ComputationGraph graph = small(Pooling.CLS, type).graph();
        MultiDataSet batch = smallBatch(type);
        INDArray outputs = graph.outputSingle(false, batch.getFeatures());
        assertEquals(List.of(7L, 1L), List.of(outputs.size(0), outputs.size(1)));
        double sum = 0;
        for (int i = 0; i < SCORES.length; i++) {
            double error = outputs.getDouble(i, 0) - SCORES[i];
            sum += error * error;
        }
        double tolerance = type == DataType.DOUBLE ? 1e-12 : 1e-5;
        assertEquals(sum / SCORES.length, graph.score(batch, false), tolerance * sum);
        assertTrue(outputs.maxNumber().doubleValue() > outputs.minNumber().doubleValue());
    }

    /** Cut between threads: a column of labels and outputs is taken apart and put together again. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void twinsGiveLossGradientAndOutputOfTheGraphAlone(int threads) {
        AdaptedModel model = small(Pooling.CLS, DataType.DOUBLE);
        MultiDataSet batch = smallBatch(DataType.DOUBLE);
        double loss = GraphTwins.alone(model.graph()).computeGradient(batch, part -> 1);
        INDArray gradient = model.graph().gradient().gradient().dup();
        INDArray output = model.graph().outputSingle(false, batch.getFeatures()).dup();
        try (GraphTwins twins = model.twins(ExampleCost.TOKENS, threads)) {
            assertEquals(loss, twins.computeGradient(batch, part -> 1), 1e-12 * loss);
            assertTrue(gradient.equalsWithEps(model.graph().gradient().gradient(), 1e-10));
            assertEquals(loss, twins.loss(batch, part -> 1), 1e-12 * loss);
            INDArray cut = twins.output(batch.getFeatures());
            assertEquals(List.of(7L, 1L), List.of(cut.size(0), cut.size(1)));
            assertTrue(output.equalsWithEps(cut, 1e-12));
        }
    }

    @ParameterizedTest
    @EnumSource(Pooling.class)
    void theFormsOfTheGraphAreOneFunction(Pooling pooling) {
        EncoderConfig config = BertFixtures.smallConfig();
        FrozenWeights weights = BertFixtures.randomWeights(config, DataType.DOUBLE, 3);
        INDArray[] features = smallBatch(DataType.DOUBLE).getFeatures();
        INDArray expected = AdaptedModel.of(EncoderGraph.classifier(config, pooling, 1, DataType.DOUBLE, 5), weights)
                .graph()
                .outputSingle(false, features);
        INDArray ofAllRows = AdaptedModel.of(
                        EncoderGraph.classifierOfAllRows(config, pooling, 1, DataType.DOUBLE, 5), weights)
                .graph()
                .outputSingle(false, features);
        assertTrue(expected.equalsWithEps(ofAllRows, 1e-12));

        ComputationGraph trainable =
                new ComputationGraph(EncoderGraph.trainableClassifier(config, pooling, 1, DataType.DOUBLE, 5));
        trainable.init();
        TrainableWeights.copyInto(trainable, weights);
        assertTrue(expected.equalsWithEps(trainable.outputSingle(false, features), 1e-12));

        INDArray pooled = AdaptedModel.of(EncoderGraph.encoder(config, pooling, DataType.DOUBLE), weights)
                .graph()
                .output(false, features)[1];
        ComputationGraph head = new ComputationGraph(EncoderGraph.head(config, pooling, 1, DataType.DOUBLE, 5));
        head.init();
        assertTrue(expected.equalsWithEps(head.outputSingle(false, pooled), 1e-12));
    }

    @Test
    void aHeadNeedsAnOutput() {
        EncoderConfig config = BertFixtures.smallConfig();
        assertThrows(
                IllegalArgumentException.class,
                () -> EncoderGraph.classifier(config, Pooling.CLS, 0, DataType.FLOAT, 1));
    }
}
