package io.lora4j.models.peft;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lora4j.adapter.AdaptedModel;
import io.lora4j.adapter.AdapterInjector;
import io.lora4j.adapter.FrozenWeights;
import io.lora4j.adapter.LoraConfig;
import io.lora4j.adapter.Scaling;
import io.lora4j.adapter.WeightForm;
import io.lora4j.models.checkpoint.SafetensorsFile;
import io.lora4j.models.encoder.EncoderConfig;
import io.lora4j.models.encoder.EncoderGraph;
import io.lora4j.models.encoder.Pooling;
import io.lora4j.models.family.EncoderFamilies;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** The tiny BERT that transformers saved, with adapters of this project on it. */
final class TinyPeft {
    static final Path GOLDEN = Path.of("src/test/resources/golden/peft_fixture");
    static final Path BASE = GOLDEN.resolve("tiny_bert_base");
    static final List<String> QUERY_VALUE = List.of("query", "value");
    static final List<String> ALL_LINEAR =
            List.of("query", "key", "value", "attention.output.dense", "intermediate.dense", "output.dense");

    final FrozenWeights base;
    final AdaptedModel model;

    TinyPeft(int rank, double alpha, Scaling scaling, List<String> targets, DataType dataType) {
        this(new LoraConfig(rank, alpha, scaling, 0, targets), dataType);
    }

    TinyPeft(LoraConfig config, DataType dataType) {
        base = base(dataType);
        model = AdaptedModel.of(AdapterInjector.inject(classifier(dataType), config), base);
    }

    /** The checkpoint's tensors under their own names, linear maps as [in, out]. */
    static FrozenWeights base(DataType dataType) {
        Map<String, INDArray> arrays = new LinkedHashMap<>();
        try (SafetensorsFile file = SafetensorsFile.open(BASE.resolve("model.safetensors"))) {
            for (String name : file.names()) {
                INDArray array = file.read(name, dataType);
                boolean linear = array.rank() == 2 && !name.contains("embeddings");
                arrays.put(name, linear ? array.transpose() : array);
            }
        }
        return new FrozenWeights(arrays);
    }

    /** The classifier without adapters. */
    static ComputationGraphConfiguration classifier(DataType dataType) {
        EncoderConfig config = EncoderFamilies.read(BASE.resolve("config.json"));
        return EncoderGraph.classifier(config, Pooling.CLS, 2, dataType, 1);
    }

    /** Fills factors and head with numbers of the size that training gives. */
    TinyPeft randomise(long seed) {
        Random random = new Random(seed);
        model.adapters().forEach((name, layer) -> {
            fill(layer.loraA(), random);
            fill(layer.loraB(), random);
            if (layer.config().getWeightForm() == WeightForm.DORA) {
                fill(layer.loraMagnitude(), random);
                layer.loraMagnitude().addi(1);
            }
        });
        fill(model.graph().getParam("classifier_W"), random);
        fill(model.graph().getParam("classifier_b"), random);
        return this;
    }

    private static void fill(INDArray array, Random random) {
        for (int i = 0; i < array.length(); i++) {
            array.putScalar(i, 0.2 * random.nextGaussian());
        }
    }

    /** Subtracts what the adapters add now from the base weights, as LoRA-GA does; returns the adapters. */
    Map<String, LoraFactors> shiftByItsOwnAdapters() {
        Map<String, LoraFactors> start = LoraFactors.copyOf(model);
        model.adapters()
                .forEach((name, layer) -> model.shiftWeight(
                        name,
                        layer.loraA().mmul(layer.loraB()).muli(-layer.config().scale())));
        return start;
    }

    /** [B, labels]: the model's softmax on the golden batch. */
    INDArray probabilities() {
        return model.graph().outputSingle(false, batch().getFeatures());
    }

    /** The golden batch without labels. */
    static MultiDataSet batch() {
        JsonNode batch = expected();
        return new MultiDataSet(
                new INDArray[] {ints(batch, "attention_mask"), ints(batch, "input_ids"), ints(batch, "token_type_ids")},
                new INDArray[0]);
    }

    /** What PEFT computed with its own adapter on the golden batch. */
    static JsonNode expected() {
        return expected("tiny_bert_qv_r4");
    }

    /** What PEFT computed with one of its adapters on the golden batch. */
    static JsonNode expected(String adapter) {
        try {
            return new ObjectMapper()
                    .readTree(GOLDEN.resolve("expected.json").toFile())
                    .get(adapter);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static INDArray ints(JsonNode batch, String key) {
        int[][] rows = new int[batch.get(key).size()][];
        for (int i = 0; i < rows.length; i++) {
            JsonNode row = batch.get(key).get(i);
            rows[i] = new int[row.size()];
            for (int j = 0; j < rows[i].length; j++) {
                rows[i][j] = row.get(j).asInt();
            }
        }
        return Nd4j.createFromArray(rows);
    }
}
