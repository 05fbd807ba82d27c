package io.lora4j.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.lora4j.adapter.AdaptedModel;
import io.lora4j.models.encoder.EncoderGraph;
import io.lora4j.models.tokenizer.TokenIds;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * all-MiniLM-L6-v2 through importer, folder, loader and our graph gives what ONNX Runtime computes from the very ONNX file: last hidden
 * state and pooled output to 1e-4, single sentences of 3 to 128 tokens and pairs of 5 to 128, alone and packed together.
 */
@Tag("golden")
class EncoderMatchesOnnxRuntimeTest {
    private static final double TOLERANCE = 1e-4;
    private static final String TEXT =
            "The committee, which met on Tuesday, could not agree whether the old bridge (built in 1887!)"
                    + " should be repaired or torn down; its engineers had warned for years that rust was eating the trusses. \"We love it,\""
                    + " said Ms. Okonkwo, 'but love doesn't hold up trucks.' Déjà vu: the same debate split the town in 1954, when floods"
                    + " carried off two piers and a bakery. Costs would run to $3.2 million, roughly 18% of the county's annual budget, and"
                    + " nobody has yet explained convincingly where the money might come from. Meanwhile antiquarians photograph rivets,"
                    + " teenagers jump from the railing into the green water below, and a hydrologist from the university keeps measuring"
                    + " the current, day after day, writing down numbers that nobody reads.";

    private static PretrainedModel model;
    private static ComputationGraph graph;
    private static OrtEnvironment environment;
    private static OrtSession session;

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Encoded(float[][] hidden, float[] pooled) {}

    @BeforeAll
    static void load() throws IOException, OrtException {
        model = TestModels.miniLm(DataType.FLOAT);
        graph = AdaptedModel.of(EncoderGraph.encoder(model.config(), DataType.FLOAT), model.weights())
                .graph();
        environment = OrtEnvironment.getEnvironment();
        try (InputStream in = Objects.requireNonNull(
                        EncoderMatchesOnnxRuntimeTest.class.getResourceAsStream("/all-minilm-l6-v2.onnx"));
                OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(2);
            session = environment.createSession(in.readAllBytes(), options);
        }
    }

    @AfterAll
    static void close() throws OrtException {
        session.close();
    }

    /** Exactly as many tokens as asked for, special ones included; the text starts at another word for each length. */
    private static TokenIds single(int length) {
        TokenIds tokens = model.tokenizer().encode(from(length) + " " + TEXT, null, length);
        assertEquals(length, tokens.length());
        return tokens;
    }

    private static TokenIds pair(int length) {
        // both long, first short, second short: cuts fall on either text
        String a = length % 3 == 1 ? "Is it so?" : from(length);
        String b = length % 3 == 2 ? "No." : from(length / 2) + " " + TEXT;
        String longA = length % 3 == 2 ? a + " " + TEXT : a;
        TokenIds tokens = model.tokenizer().encode(longA, b, length);
        assertEquals(length, tokens.length());
        assertEquals(1, tokens.typeIds()[length - 1]);
        return tokens;
    }

    private static String from(int word) {
        String[] words = TEXT.split(" ");
        return String.join(" ", Arrays.asList(words).subList(word % 60, words.length));
    }

    private static List<TokenIds> samples() {
        List<TokenIds> samples = new ArrayList<>();
        IntStream.of(3, 4, 5, 6, 7, 9, 12, 16, 17, 24, 31, 32, 33, 48, 63, 64, 65, 80, 96, 111, 127, 128)
                .forEach(length -> samples.add(single(length)));
        IntStream.of(5, 6, 7, 8, 11, 15, 16, 22, 32, 33, 47, 64, 77, 95, 112, 126, 127, 128)
                .forEach(length -> samples.add(pair(length)));
        return samples;
    }

    private static Encoded onnx(TokenIds tokens) throws OrtException {
        long[] mask = new long[tokens.length()];
        Arrays.fill(mask, 1);
        try (OnnxTensor ids = tensor(tokens.ids());
                OnnxTensor types = tensor(tokens.typeIds());
                OnnxTensor attention = OnnxTensor.createTensor(environment, new long[][] {mask});
                OrtSession.Result result =
                        session.run(Map.of("input_ids", ids, "attention_mask", attention, "token_type_ids", types))) {
            float[][][] hidden =
                    (float[][][]) result.get("output_0").orElseThrow().getValue();
            float[][] pooled = (float[][]) result.get("882").orElseThrow().getValue();
            return new Encoded(hidden[0], pooled[0]);
        }
    }

    private static OnnxTensor tensor(int[] values) throws OrtException {
        return OnnxTensor.createTensor(
                environment, new long[][] {Arrays.stream(values).asLongStream().toArray()});
    }

    private static void compare(List<TokenIds> batch) throws OrtException {
        INDArray[] outputs = graph.output(false, TestModels.inputs(batch, DataType.FLOAT));
        float[][] rows = outputs[0].toFloatMatrix();
        float[][] pooled = outputs[1].toFloatMatrix();
        assertEquals(batch.stream().mapToInt(TokenIds::length).sum(), rows.length);
        assertEquals(batch.size(), pooled.length);
        int row = 0;
        for (int i = 0; i < batch.size(); i++) {
            Encoded expected = onnx(batch.get(i));
            for (float[] hidden : expected.hidden()) {
                assertArrayEquals(hidden, rows[row++], (float) TOLERANCE, "row " + row + " of text " + i);
            }
            assertArrayEquals(expected.pooled(), pooled[i], (float) TOLERANCE, "pooled output of text " + i);
        }
    }

    @Test
    void aloneEachTextGivesTheSame() throws OrtException {
        for (TokenIds tokens : samples()) {
            compare(List.of(tokens));
        }
    }

    @Test
    void packedInOneBatchOfMixedLengthsEachTextGivesTheSame() throws OrtException {
        List<TokenIds> batch = samples();
        Collections.shuffle(batch, new Random(7));
        compare(batch);
    }

    @Test
    void theComparisonCanFail() throws OrtException {
        // another token type changes the result by far more than the tolerance
        TokenIds tokens = single(12);
        int[] types = tokens.typeIds().clone();
        types[5] = 1;
        INDArray changed =
                graph.output(false, TestModels.inputs(List.of(new TokenIds(tokens.ids(), types)), DataType.FLOAT))[1];
        float[] expected = onnx(tokens).pooled();
        double largest = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i] - changed.getDouble(0, i)));
        }
        assertTrue(largest > 10 * TOLERANCE, "difference " + largest);
    }
}
