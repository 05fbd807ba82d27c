package io.lora4j.models.peft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lora4j.adapter.AdaptedModel;
import io.lora4j.adapter.AdapterInjector;
import io.lora4j.adapter.LoraConfig;
import io.lora4j.adapter.LoraLinearLayer;
import io.lora4j.adapter.Scaling;
import io.lora4j.adapter.WeightForm;
import io.lora4j.models.checkpoint.SafetensorsFile;
import io.lora4j.optim.AdamW;
import io.lora4j.optim.GroupedOptimizer;
import io.lora4j.optim.UniformGroups;
import io.lora4j.train.BatchSource;
import io.lora4j.train.RandomStreams;
import io.lora4j.train.TrainConfig;
import io.lora4j.train.Trainer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** DoRA on the tiny BERT against torch and PEFT: first gradients and 20 steps of AdamW ({@code src/test/python/make_dora_traces.py}). */
@Tag("golden")
class DoraTraceTest {
    private static final String QUERY = "bert.encoder.layer.0.attention.self.query";

    private static JsonNode json(String file) throws IOException {
        return new ObjectMapper().readTree(TinyPeft.GOLDEN.resolve(file).toFile());
    }

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

    private static AdaptedModel model(DataType type, String start) {
        LoraConfig lora = LoraConfig.builder()
                .rank(2)
                .alpha(16)
                .scaling(Scaling.RSLORA)
                .targetModules("query", "value")
                .weightForm(WeightForm.DORA)
                .build();
        ComputationGraphConfiguration conf = AdapterInjector.inject(TinyPeft.classifier(type), lora);
        new GroupedOptimizer(new AdamW(5e-3), 0, new UniformGroups(false)).applyTo(conf);
        AdaptedModel model = AdaptedModel.of(conf, TinyPeft.base(type));
        try (SafetensorsFile file =
                SafetensorsFile.open(TinyPeft.GOLDEN.resolve("init_" + start + "_f64.safetensors"))) {
            model.adapters().forEach((name, layer) -> {
                layer.loraA().assign(file.read(name + ".A", type).transpose());
                layer.loraB().assign(file.read(name + ".B", type).transpose());
                layer.resetMagnitude();
            });
        }
        try (SafetensorsFile file = SafetensorsFile.open(TinyPeft.BASE.resolve("model.safetensors"))) {
            model.graph()
                    .getParam("classifier_W")
                    .assign(file.read("classifier.weight", type).transpose());
            model.graph().getParam("classifier_b").assign(file.read("classifier.bias", type));
        }
        return model;
    }

    private static MultiDataSet batch(DataType type) throws IOException {
        JsonNode batch = json("training_traces.json").get("batch");
        INDArray labels = Nd4j.create(type, 8, 2);
        for (int i = 0; i < 8; i++) {
            labels.putScalar(i, batch.get("labels").get(i).asInt(), 1);
        }
        INDArray[] features = {
            Nd4j.createFromArray(matrix(batch.get("attention_mask"))),
            Nd4j.createFromArray(matrix(batch.get("input_ids"))),
            Nd4j.createFromArray(matrix(batch.get("token_type_ids")))
        };
        return new MultiDataSet(features, new INDArray[] {labels});
    }

    private static double[][] matrix(JsonNode rows) {
        double[][] values = new double[rows.size()][];
        for (int i = 0; i < values.length; i++) {
            JsonNode row = rows.get(i);
            values[i] = new double[row.size()];
            for (int j = 0; j < values[i].length; j++) {
                values[i][j] = row.get(j).asDouble();
            }
        }
        return values;
    }

    @ParameterizedTest
    @CsvSource({"lora,DOUBLE,1e-8", "lora_one,DOUBLE,1e-8", "lora,FLOAT,1e-3", "lora_one,FLOAT,1e-3"})
    void twentySteps(String start, DataType type, double tolerance) throws IOException {
        JsonNode expected = json("dora_traces.json").get(start).get("loss");
        List<Double> losses = new ArrayList<>();
        Trainer.fit(
                model(type, start).graph(),
                new OneBatch(batch(type)),
                new TrainConfig(expected.size(), 0, 0),
                new RandomStreams(1),
                info -> losses.add(info.loss()));
        assertEquals(21, losses.size());
        for (int i = 0; i < losses.size(); i++) {
            assertEquals(expected.get(i).asDouble(), losses.get(i), tolerance, start + ", step " + i);
        }
    }

    @ParameterizedTest
    @CsvSource({"lora", "lora_one"})
    void firstGradients(String start) throws IOException {
        JsonNode expected = json("dora_traces.json").get(start).get("first_gradients");
        AdaptedModel model = model(DataType.DOUBLE, start);
        model.computeGradient(batch(DataType.DOUBLE));
        LoraLinearLayer query = Objects.requireNonNull(model.adapters().get(QUERY));
        Map<String, INDArray> gradients = model.graph().gradient().gradientForVariable();
        String prefix = "base_model.model." + QUERY + ".";
        assertEquals(3, expected.size());
        for (var entry : expected.properties()) {
            String kind = entry.getKey().substring(prefix.length());
            String key = kind.startsWith("lora_A") ? "loraA" : kind.startsWith("lora_B") ? "loraB" : "loraMagnitude";
            INDArray ours = Objects.requireNonNull(gradients.get(query.name() + "_" + key))
                    .div(8);
            JsonNode value = entry.getValue();
            INDArray theirs = value.get(0).isArray()
                    ? Nd4j.createFromArray(matrix(value)).transpose()
                    : Nd4j.createFromArray(new double[][] {doubles(value)});
            assertTrue(theirs.equalShapes(ours), key);
            assertEquals(0, theirs.sub(ours).amaxNumber().doubleValue(), 1e-10, key);
        }
    }

    private static double[] doubles(JsonNode row) {
        double[] values = new double[row.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = row.get(i).asDouble();
        }
        return values;
    }
}
