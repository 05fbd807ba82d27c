package io.lora4j.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.lora4j.adapter.AdaptedModel;
import io.lora4j.models.encoder.EncoderGraph;
import io.lora4j.models.encoder.Pooling;
import io.lora4j.models.source.FileTree;
import io.lora4j.models.tokenizer.TokenIds;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * bge-small-en-v1.5 and e5-small-v2 (12 layers, no pooler) through importer, folder, loader and our graph give what ONNX Runtime computes
 * from the very ONNX files: the last hidden state to 1e-4, alone and packed together, singles and pairs up to all 512 positions.
 */
@Tag("golden")
@Tag("slow")
class SmallEncodersMatchOnnxRuntimeTest {
    private static final float TOLERANCE = 1e-4f;
    private static final String TEXT =
            "query: how much protein should a female eat? As a general guideline, the CDC's average requirement for women ages 19 to 70"
                    + " is 46 grams per day; but that isn't so for everyone. Déjà vu — naïve façades cost €5, didn't they? 中文 and 3.14.";

    private static List<TokenIds> samples(PretrainedModel model) {
        List<TokenIds> samples = new ArrayList<>();
        String longText = (TEXT + " ").repeat(12);
        for (int length : new int[] {3, 8, 17, 64, 129, 512}) {
            samples.add(model.tokenizer().encode(longText, null, length));
            assertEquals(length, samples.get(samples.size() - 1).length());
        }
        for (int length : new int[] {6, 31, 128}) {
            samples.add(model.tokenizer().encode("passage: " + TEXT, longText, length));
        }
        return samples;
    }

    @ParameterizedTest
    @EnumSource(names = {"BGE_SMALL_EN_V15", "E5_SMALL_V2"})
    void hiddenStatesAreTheSame(KnownModel known) throws IOException, OrtException {
        PretrainedModel model = TestModels.fetched(known, DataType.FLOAT);
        assertFalse(model.weights().names().contains("bert.pooler.dense.weight"));
        assertEquals(12, model.config().layers());
        ComputationGraph graph = AdaptedModel.of(
                        EncoderGraph.encoder(model.config(), Pooling.MEAN, DataType.FLOAT), model.weights())
                .graph();
        FileTree jar = FileTree.open(TestModels.artifact(known));
        byte[] onnx =
                Objects.requireNonNull(jar.find(jar.endingWith(".onnx").get(0))).readAll(1 << 28);
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(2);
            try (OrtSession session = environment.createSession(onnx, options)) {
                compare(graph, session, samples(model));
            }
        }
    }

    private static void compare(ComputationGraph graph, OrtSession session, List<TokenIds> samples)
            throws OrtException {
        float[][] packed = graph.output(false, TestModels.inputs(samples, DataType.FLOAT))[0].toFloatMatrix();
        int row = 0;
        for (TokenIds tokens : samples) {
            INDArray[] inputs = TestModels.inputs(List.of(tokens), DataType.FLOAT);
            float[][] alone = graph.output(false, inputs)[0].toFloatMatrix();
            float[][] expected = onnx(session, tokens);
            assertEquals(expected.length, alone.length);
            for (int i = 0; i < expected.length; i++) {
                assertArrayEquals(expected[i], alone[i], TOLERANCE, "token " + i + " of " + tokens.length());
                assertArrayEquals(expected[i], packed[row++], TOLERANCE, "packed, of " + tokens.length());
            }
        }
    }

    private static float[][] onnx(OrtSession session, TokenIds tokens) throws OrtException {
        int[] mask = new int[tokens.length()];
        Arrays.fill(mask, 1);
        try (OnnxTensor ids = tensor(tokens.ids());
                OnnxTensor types = tensor(tokens.typeIds());
                OnnxTensor attention = tensor(mask);
                OrtSession.Result result =
                        session.run(Map.of("input_ids", ids, "attention_mask", attention, "token_type_ids", types))) {
            return ((float[][][]) result.get("last_hidden_state").orElseThrow().getValue())[0];
        }
    }

    private static OnnxTensor tensor(int[] values) throws OrtException {
        return OnnxTensor.createTensor(
                OrtEnvironment.getEnvironment(),
                new long[][] {Arrays.stream(values).asLongStream().toArray()});
    }
}
