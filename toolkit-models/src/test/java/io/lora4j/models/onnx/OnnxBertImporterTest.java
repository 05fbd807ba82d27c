package io.lora4j.models.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lora4j.error.FormatException;
import io.lora4j.models.checkpoint.HuggingFaceFolder;
import io.lora4j.models.checkpoint.JsonFiles;
import io.lora4j.models.checkpoint.SafetensorsFile;
import io.lora4j.models.source.InMemory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.stream.Stream;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.TensorProto;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A small export becomes a folder; an export with anything that is not understood is refused by name. */
class OnnxBertImporterTest {
    private static final Path SOURCE = Path.of("tiny.onnx");
    private static final String TOKENIZER =
            "{\"version\":\"1.0\",\"truncation\":{\"max_length\":128},\"padding\":{\"strategy\":{\"Fixed\":128}},\"model\":{\"type\":\"ü\"}}";

    @TempDir
    Path folder = Path.of("");

    private void importBytes(byte[] onnx) throws IOException {
        OnnxBertImporter.importModel(
                InMemory.of(SOURCE, onnx),
                InMemory.of(Path.of("tokenizer.json"), TOKENIZER.getBytes(StandardCharsets.UTF_8)),
                folder);
    }

    @Test
    void aSmallExportBecomesACanonicalFolder() throws IOException {
        importBytes(new TinyOnnx().bytes());
        HuggingFaceFolder.open(folder);
        JsonNode config = JsonFiles.read(folder.resolve("config.json"));
        assertEquals(2, config.get("num_attention_heads").asInt());
        assertEquals(1, config.get("num_hidden_layers").asInt());
        assertEquals(6, config.get("intermediate_size").asInt());
        assertEquals(1e-5, config.get("layer_norm_eps").asDouble(), 0.0);
        JsonNode tokenizer = JsonFiles.read(folder.resolve("tokenizer.json"));
        assertTrue(
                tokenizer.get("truncation").isNull() && tokenizer.get("padding").isNull());
        assertEquals("ü", tokenizer.get("model").get("type").asText());
        try (SafetensorsFile file = SafetensorsFile.open(folder.resolve("model.safetensors"))) {
            INDArray weight = file.read("encoder.layer.0.intermediate.dense.weight", DataType.FLOAT);
            assertArrayEquals(new long[] {6, 4}, weight.shape());
            // stored [in, out] row by row as 0, 1, 2, ...: element [out 1, in 2] is 2 * 6 + 1
            assertEquals(13.0, weight.getDouble(1, 2), 0.0);
        }
    }

    @Test
    void aPoolerInAGemmIsTakenAsItStands() throws IOException {
        TinyOnnx onnx = new TinyOnnx().stored("pooler.dense.weight", 4, 4).stored("pooler.dense.bias", 4);
        onnx.graph()
                .addNode(NodeProto.newBuilder()
                        .setOpType("Gemm")
                        .addInput("first")
                        .addInput("pooler.dense.weight")
                        .addInput("pooler.dense.bias")
                        .addOutput("pooled")
                        .addAttribute(
                                AttributeProto.newBuilder().setName("transB").setI(1)));
        importBytes(onnx.bytes());
        try (SafetensorsFile file = SafetensorsFile.open(folder.resolve("model.safetensors"))) {
            assertEquals(6.0, file.read("pooler.dense.weight", DataType.FLOAT).getDouble(1, 2), 0.0);
        }
    }

    private static Arguments broken(String what, Consumer<TinyOnnx> change, String inMessage) {
        TinyOnnx onnx = new TinyOnnx();
        change.accept(onnx);
        return Arguments.of(what, onnx.bytes(), inMessage);
    }

    static Stream<Arguments> broken() {
        byte[] good = new TinyOnnx().bytes();
        return Stream.of(
                Arguments.of("empty", new byte[0], "no graph"),
                Arguments.of("text", "hello".getBytes(StandardCharsets.UTF_8), "no ONNX model"),
                Arguments.of("truncated", java.util.Arrays.copyOf(good, good.length - 9), "no ONNX model"),
                broken("unknown initializer", o -> o.stored("onnx::Mul_7", 4, 4), "onnx::Mul_7 [4, 4]"),
                broken("initializer twice", o -> o.stored("encoder.layer.0.output.dense.bias", 4), "stands twice"),
                broken("tensor of no BERT", o -> o.stored("encoder.layer.0.gate.weight", 4), "gate.weight"),
                broken("no exact GELU", o -> o.node("Erf", "second", "x"), "1 layers but 2 Erf"),
                broken(
                        "two epsilons",
                        o -> o.node("Add", "s", "variance", "heads").node("Sqrt", "r", "s"),
                        "epsilon"),
                broken(
                        "weight used twice",
                        o -> o.stored("extra.bias", 4)
                                .node("MatMul", "p", "x", "onnx::MatMul_" + "encoder.layer.0.output.dense".hashCode())
                                .node("Add", "q", "p", "extra.bias"),
                        "used twice"),
                broken(
                        "missing layer norm",
                        o -> o.graph().removeInitializer(o.graph().getInitializerCount() - 1),
                        "'encoder.layer.0.output.LayerNorm.bias' [4] is missing"),
                broken(
                        "half precision",
                        o -> o.graph().getInitializerBuilder(0).setDataType(TensorProto.DataType.FLOAT16_VALUE),
                        "'embeddings.word_embeddings.weight' is not 32-bit float"),
                broken(
                        "external data",
                        o -> o.graph().getInitializerBuilder(0).setDataLocation(TensorProto.DataLocation.EXTERNAL),
                        "EXTERNAL"),
                broken(
                        "dimension 2^63",
                        o -> o.graph().getInitializerBuilder(0).setDims(0, Long.MIN_VALUE),
                        "dimension -9223372036854775808"),
                broken(
                        "shape overflows",
                        o -> o.graph()
                                .getInitializerBuilder(3)
                                .setDims(0, 1L << 40)
                                .addDims(1L << 40),
                        "more than 2^63 - 1 bytes"),
                broken(
                        "nine dimensions",
                        o -> o.graph().getInitializerBuilder(0).addAllDims(java.util.Collections.nCopies(7, 1L)),
                        "more than 8 dimensions"),
                broken(
                        "endless name",
                        o -> o.graph().getInitializerBuilder(0).setName("n".repeat(5000)),
                        "name has 5000 bytes"),
                broken(
                        "weights in a node",
                        o -> o.graph().addNode(NodeProto.newBuilder().setDocString("w".repeat((1 << 24) + 1))),
                        "larger than"),
                broken(
                        "linear map of one dimension",
                        o -> o.graph().getInitializerBuilder(5).clearDims().addDims(16),
                        "is a linear map but has the shape [16]"),
                broken("no heads", o -> o.graph().removeNode(o.graph().getNodeCount() - 2), "attention heads"),
                broken(
                        "bytes missing",
                        o -> o.graph().getInitializerBuilder(0).clearRawData(),
                        "needs 112 bytes but holds 0"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("broken")
    void isRefused(String what, byte[] onnx, String inMessage) throws IOException {
        FormatException e = assertThrows(
                FormatException.class,
                () -> {
                    importBytes(onnx);
                    HuggingFaceFolder.open(folder);
                },
                what);
        assertTrue(e.getMessage().contains(inMessage), e.getMessage());
    }
}
