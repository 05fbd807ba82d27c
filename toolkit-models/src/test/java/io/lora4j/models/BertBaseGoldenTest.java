package io.lora4j.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lora4j.adapter.AdaptedModel;
import io.lora4j.models.checkpoint.WeightFiles;
import io.lora4j.models.encoder.EncoderGraph;
import io.lora4j.models.tokenizer.TokenIds;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * BERT-base-uncased out of TensorFlow's bundle gives what Hugging Face transformers computes from the same weights: every layer, the
 * pooler, and through the bundle's own masked-word head the words that it expects. Reference: {@code
 * src/test/python/make_bert_base_hidden.py}. Fetches 408 MB on a machine that does not have them.
 */
@Tag("golden")
@Tag("slow")
class BertBaseGoldenTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden/bert/bert-base-uncased-hidden.json");
    private static final double TOLERANCE = 1e-4;

    private static PretrainedModel model;
    private static ComputationGraph graph;
    private static JsonNode golden;

    @BeforeAll
    static void load() throws IOException {
        model = TestModels.fetched(KnownModel.BERT_BASE_UNCASED, DataType.FLOAT);
        graph = AdaptedModel.of(EncoderGraph.encoder(model.config(), DataType.FLOAT), model.weights())
                .graph();
        golden = new ObjectMapper().readTree(GOLDEN.toFile());
    }

    private static @Nullable String text(JsonNode node) {
        return node.isNull() ? null : node.asText();
    }

    private static TokenIds encode(JsonNode expected) {
        return model.tokenizer().encode(expected.get("a").asText(), text(expected.get("b")), 128);
    }

    private static int[] ints(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .mapToInt(JsonNode::asInt)
                .toArray();
    }

    private static INDArray activation(Map<String, INDArray> all, int layer) {
        String name =
                layer == 0 ? "bert.embeddings.LayerNorm" : "bert.encoder.layer." + (layer - 1) + ".output.LayerNorm";
        INDArray found = all.get(name);
        assertTrue(found != null, () -> name + " is not in " + all.keySet());
        return found;
    }

    @Test
    void idsAreThoseOfTheReference() {
        for (JsonNode expected : golden.get("cases")) {
            TokenIds tokens = encode(expected);
            assertArrayEquals(ints(expected.get("ids")), tokens.ids());
            assertArrayEquals(ints(expected.get("types")), tokens.typeIds());
        }
    }

    @Test
    void everyLayerEqualsTheReference() {
        int[] columns = ints(golden.get("columns"));
        int compared = 0;
        for (JsonNode expected : golden.get("cases")) {
            INDArray[] inputs = TestModels.inputs(List.of(encode(expected)), DataType.FLOAT);
            Map<String, INDArray> all = graph.feedForward(inputs, false);
            for (int layer = 0; layer <= 12; layer++) {
                JsonNode rows = expected.get("layers").get(layer);
                INDArray hidden = activation(all, layer);
                assertEquals(rows.size(), hidden.rows());
                for (int row = 0; row < rows.size(); row++) {
                    for (int i = 0; i < columns.length; i++) {
                        assertEquals(
                                rows.get(row).get(i).asDouble(),
                                hidden.getDouble(row, columns[i]),
                                TOLERANCE,
                                "layer " + layer + ", token " + row + ", column " + columns[i]);
                        compared++;
                    }
                }
            }
        }
        assertTrue(compared > 8000, compared + " values");
    }

    @Test
    void firstTokenAndPoolerEqualTheReferenceInAllColumns() {
        for (JsonNode expected : golden.get("cases")) {
            INDArray[] outputs = graph.output(false, TestModels.inputs(List.of(encode(expected)), DataType.FLOAT));
            for (int i = 0; i < 768; i++) {
                assertEquals(expected.get("first").get(i).asDouble(), outputs[0].getDouble(0, i), TOLERANCE);
                assertEquals(expected.get("pooled").get(i).asDouble(), outputs[1].getDouble(0, i), TOLERANCE);
            }
        }
    }

    /** The head of pre-training: dense, exact GELU, LayerNorm, then the word embeddings and a bias. */
    @Test
    void theBundlesOwnHeadFillsTheMask() {
        JsonNode expected = golden.get("cases").get(0);
        TokenIds tokens = encode(expected);
        INDArray row = graph.output(false, TestModels.inputs(List.of(tokens), DataType.FLOAT))[0].getRow(6, true);
        assertEquals(103, tokens.ids()[6], "[MASK]");
        try (WeightFiles files = WeightFiles.open(model.folder())) {
            INDArray hidden = row.mmul(files.read("cls.predictions.transform.dense.weight", DataType.FLOAT)
                            .transpose())
                    .addRowVector(files.read("cls.predictions.transform.dense.bias", DataType.FLOAT));
            INDArray gelu = Nd4j.math()
                    .erf(hidden.div(Math.sqrt(2)))
                    .addi(1)
                    .muli(hidden)
                    .muli(0.5);
            INDArray centred = gelu.sub(gelu.meanNumber());
            double variance = centred.mul(centred).meanNumber().doubleValue();
            INDArray normed = centred.div(Math.sqrt(variance + 1e-12))
                    .mulRowVector(files.read("cls.predictions.transform.LayerNorm.weight", DataType.FLOAT))
                    .addRowVector(files.read("cls.predictions.transform.LayerNorm.bias", DataType.FLOAT));
            INDArray logits = normed.mmul(files.read("bert.embeddings.word_embeddings.weight", DataType.FLOAT)
                            .transpose())
                    .addRowVector(files.read("cls.predictions.bias", DataType.FLOAT));
            INDArray words = Nd4j.nn().softmax(logits, 1);
            assertEquals(3000, words.argMax(1).getInt(0), "paris");
            assertEquals(0.417, words.getDouble(0, 3000), 5e-4);
            for (JsonNode word : golden.get("masked")) {
                assertEquals(
                        word.get(2).asDouble(),
                        words.getDouble(0, word.get(1).asInt()),
                        TOLERANCE,
                        word.get(0).asText());
            }
        }
    }
}
