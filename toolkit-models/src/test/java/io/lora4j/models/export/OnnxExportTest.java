package io.lora4j.models.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import io.lora4j.error.UserException;
import io.lora4j.models.ModelStore;
import io.lora4j.models.PretrainedModel;
import io.lora4j.models.classify.LoadedAdapter;
import io.lora4j.models.encoder.EncoderConfig;
import io.lora4j.models.encoder.HiddenActivation;
import io.lora4j.models.encoder.Pooling;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import onnx.Onnx.ModelProto;
import onnx.Onnx.TensorProto;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What is exported as ONNX gives in ONNX Runtime, padded and in one batch, the logits that the adapter gives here, packed and over its base:
 * every family, every pooling, every activation, to 1e-4.
 */
class OnnxExportTest {
    private static final float TOLERANCE = 1e-4f;

    @TempDir
    Path folder = Path.of("");

    static Stream<Arguments> checkpointsAndPoolings() {
        return ExportFixtures.checkpoints().stream().flatMap(checkpoint -> Stream.of(Pooling.values())
                .map(pooling -> Arguments.of(checkpoint.getFileName().toString(), checkpoint, pooling)));
    }

    private LoadedAdapter tiny(Pooling pooling) throws IOException {
        return ExportFixtures.adapter(
                ExportFixtures.model(ExportFixtures.tinyBert(), folder.resolve("model"), ""), pooling);
    }

    private static void compare(LoadedAdapter adapter, OrtClassifier onnx, int[][][] batch) throws OrtException {
        ComputationGraph ours = adapter.adapted().graph();
        float[][] expected = ExportFixtures.logits(ours, batch);
        float[][] actual = onnx.logits(batch);
        assertEquals(expected.length, actual.length);
        for (int row = 0; row < expected.length; row++) {
            assertArrayEquals(expected[row], actual[row], TOLERANCE, "text " + row + " of " + expected.length);
        }
    }

    private static void compareAll(LoadedAdapter adapter, Path file) throws OrtException {
        EncoderConfig config = adapter.base().config();
        int longest = Math.min(40, config.maxPositions());
        try (OrtClassifier onnx = new OrtClassifier(file)) {
            compare(adapter, onnx, ExportFixtures.batch(config, 1, longest, longest));
            compare(adapter, onnx, ExportFixtures.batch(config, 2, 1, 1, 1, 1));
            compare(adapter, onnx, ExportFixtures.batch(config, 3, 7, 7, 6, 5, 1, 2));
            compare(adapter, onnx, ExportFixtures.batch(config, 4, longest, 3, longest / 2));
            int[] lengths = IntStream.range(0, 17).map(i -> 1 + i % 9).toArray();
            compare(adapter, onnx, ExportFixtures.batch(config, 5, 10, lengths));
        }
    }

    @ParameterizedTest(name = "{0} {2}")
    @MethodSource("checkpointsAndPoolings")
    void everyFamilyGivesTheSameLogitsInOnnxRuntime(String name, Path checkpoint, Pooling pooling) throws Exception {
        LoadedAdapter adapter =
                ExportFixtures.adapter(ExportFixtures.model(checkpoint, folder.resolve(name), ""), pooling);
        Path file = folder.resolve("model.onnx");
        ExportCheck check = OnnxExport.write(adapter, file);
        assertTrue(check.difference() < TOLERANCE, check.description());
        assertTrue(check.description().startsWith("read back (not run)"), check.description());
        compareAll(adapter, file);
    }

    @ParameterizedTest
    @EnumSource(HiddenActivation.class)
    void everyActivationGivesTheSameLogits(HiddenActivation function) throws Exception {
        String name = Map.of(
                        HiddenActivation.GELU, "gelu",
                        HiddenActivation.GELU_TANH, "gelu_new",
                        HiddenActivation.RELU, "relu",
                        HiddenActivation.SILU, "silu")
                .get(function);
        PretrainedModel base = ExportFixtures.model(ExportFixtures.tinyBert(), folder.resolve("model"), name);
        assertEquals(function, base.config().hiddenAct());
        LoadedAdapter adapter = ExportFixtures.adapter(base, Pooling.MEAN);
        OnnxExport.write(adapter, folder.resolve("model.onnx"));
        compareAll(adapter, folder.resolve("model.onnx"));
    }

    @Test
    void theComparisonCanFail() throws Exception {
        LoadedAdapter adapter = tiny(Pooling.CLS);
        OnnxExport.write(adapter, folder.resolve("model.onnx"));
        int[][][] batch = ExportFixtures.batch(adapter.base().config(), 1, 9, 9, 4);
        float[][] expected = ExportFixtures.logits(adapter.adapted().graph(), batch);
        batch[0][1][4] = 1; // one more token is real
        try (OrtClassifier onnx = new OrtClassifier(folder.resolve("model.onnx"))) {
            float[][] actual = onnx.logits(batch);
            assertArrayEquals(expected[0], actual[0], TOLERANCE);
            assertTrue(Math.abs(expected[1][0] - actual[1][0]) > 10 * TOLERANCE);
        }
    }

    @Test
    void inputsOutputAndMetadataSayWhatAUserNeeds() throws Exception {
        LoadedAdapter adapter = tiny(Pooling.FIRST_TOKEN);
        OnnxExport.write(adapter, folder.resolve("model.onnx"));
        try (OrtClassifier onnx = new OrtClassifier(folder.resolve("model.onnx"))) {
            assertEquals(Set.of("input_ids", "attention_mask", "token_type_ids"), onnx.inputs());
            assertEquals(Set.of("logits"), onnx.outputs());
            var metadata = onnx.session().getMetadata();
            assertEquals("lora4j", metadata.getProducerName());
            Map<String, String> own = metadata.getCustomMetadata();
            assertEquals("{\"0\":\"no\",\"1\":\"maybe\",\"2\":\"yes \\\"so\\\"\"}", own.get("id2label"));
            assertEquals("16", own.get("max_length"));
            assertEquals("first_token", own.get("pooling"));
            assertEquals("bert", own.get("model_type"));
            assertEquals(adapter.base().name(), own.get("base_model"));
            assertEquals(adapter.base().sha256(), own.get("base_model_sha256"));
        }
    }

    @Test
    void familiesWithoutTokenTypesHaveNoSuchInput() throws Exception {
        for (Path checkpoint : ExportFixtures.checkpoints()) {
            String name = checkpoint.getFileName().toString();
            LoadedAdapter adapter =
                    ExportFixtures.adapter(ExportFixtures.model(checkpoint, folder.resolve(name), ""), Pooling.MEAN);
            Path file = folder.resolve(name + ".onnx");
            OnnxExport.write(adapter, file);
            boolean types = !Set.of("roberta", "xlm-roberta", "distilbert")
                    .contains(adapter.base().config().family().modelType());
            try (OrtClassifier onnx = new OrtClassifier(file)) {
                assertEquals(types, onnx.inputs().contains("token_type_ids"), name);
            }
        }
    }

    @Test
    void theFileIsWhatProtobufWouldWriteAndAlwaysTheSame() throws IOException {
        LoadedAdapter adapter = tiny(Pooling.CLS);
        Path one = folder.resolve("one.onnx");
        OnnxExport.write(adapter, one);
        OnnxExport.write(adapter, folder.resolve("two.onnx"));
        assertEquals(-1, Files.mismatch(one, folder.resolve("two.onnx")));
        ModelProto parsed = ModelProto.parseFrom(Files.readAllBytes(one));
        assertEquals(parsed.getSerializedSize(), Files.size(one));
        Map<String, TensorProto> stored = new HashMap<>();
        parsed.getGraph().getInitializerList().forEach(t -> stored.put(t.getName(), t));
        for (String name : List.of("bert.encoder.layer.1.attention.self.query", "bert.pooler.dense")) {
            INDArray expected = adapter.merged().weights().get(name + ".weight");
            TensorProto tensor = stored.get(name + ".weight");
            assertEquals(List.of(expected.size(0), expected.size(1)), tensor.getDimsList());
            float[] values = new float[(int) expected.length()];
            tensor.getRawData()
                    .asReadOnlyByteBuffer()
                    .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                    .asFloatBuffer()
                    .get(values);
            assertArrayEquals(expected.dup('c').data().asFloat(), values, name);
        }
    }

    @Test
    void aByteThatTheDiskChangedIsSeen() throws IOException {
        OnnxGraphWriter graph = new OnnxGraphWriter();
        String w = graph.weight("w", Nd4j.rand(DataType.FLOAT, 4, 5));
        graph.node("MatMul", "y", "x", w);
        OnnxFile file =
                new OnnxFile(ModelProto.newBuilder().setGraph(graph.build("g")).build(), graph.weights());
        Path path = Files.createFile(folder.resolve("w.onnx"));
        file.write(path);
        assertEquals(Files.size(path), file.size());
        file.compare(path);
        int changedUnseen = 0;
        for (int at = 0; at < file.size(); at++) {
            flip(path, at);
            if (!isRefused(file, path)) {
                changedUnseen++;
            }
            flip(path, at);
        }
        file.compare(path);
        assertEquals(0, changedUnseen);
    }

    private static boolean isRefused(OnnxFile file, Path path) {
        try {
            file.compare(path);
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    private static void flip(Path path, long at) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.seek(at);
            int value = file.read();
            file.seek(at);
            file.write(value ^ 1);
        }
    }

    @Test
    void aModelThatIsTooLargeIsRefusedBeforeAnythingIsWritten() throws IOException {
        LoadedAdapter adapter = tiny(Pooling.CLS);
        Path file = folder.resolve("model.onnx");
        UserException e = assertThrows(UserException.class, () -> OnnxExport.write(adapter, file, 10_000));
        assertTrue(e.getMessage().contains("10000"), e.getMessage());
        assertTrue(e.getMessage().contains("hf or dl4j"), e.getMessage());
        try (Stream<Path> left = Files.list(folder)) {
            assertTrue(left.noneMatch(f -> f.toString().contains(".onnx")));
        }
    }

    @Test
    void aVertexWithoutATranslationIsRefusedByName() throws IOException {
        LoadedAdapter adapter = tiny(Pooling.CLS);
        var onnx = new OnnxEmitters.Onnx(new OnnxGraphWriter(), adapter.merged(), new HashMap<>());
        UserException e = assertThrows(
                UserException.class,
                () -> OnnxEmitters.emit(
                        onnx, "my.sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), List.of("a", "b")));
        assertTrue(e.getMessage().startsWith("my.sum (ElementWiseVertex) has no translation"), e.getMessage());
    }

    @Test
    void anArrayThatLayersShareIsStoredOnce() {
        OnnxGraphWriter graph = new OnnxGraphWriter();
        INDArray shared = Nd4j.ones(DataType.FLOAT, 2, 2);
        assertEquals("first", graph.weight("first", shared));
        assertEquals("first", graph.weight("second", shared));
        assertEquals("third", graph.weight("third", shared.dup()));
        assertEquals(Set.of("first", "third"), graph.weights().keySet());
        assertFalse(graph.has("first"));
    }

    @Tag("slow")
    @ParameterizedTest
    @ValueSource(strings = {"CLS", "MEAN"})
    void theRealEncoderGivesTheSameLogits(String pooling) throws Exception {
        PretrainedModel base =
                new ModelStore(Path.of("target", "lora4j-home")).load("all-MiniLM-L6-v2", DataType.FLOAT);
        LoadedAdapter adapter = ExportFixtures.adapter(base, Pooling.valueOf(pooling));
        Path file = folder.resolve("minilm.onnx");
        OnnxExport.write(adapter, file);
        compareAll(adapter, file);
        try (OrtClassifier onnx = new OrtClassifier(file)) {
            compare(adapter, onnx, ExportFixtures.batch(base.config(), 9, 512, 512, 300));
        }
    }
}
