package io.lora4j.models.onnx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.TensorProto;
import org.nd4j.shade.protobuf.ByteString;

/** A BERT export of one layer, hidden size 4, two heads, with only the nodes from which weights and sizes are read. */
final class TinyOnnx {
    private final GraphProto.Builder graph = GraphProto.newBuilder();

    TinyOnnx() {
        stored("embeddings.word_embeddings.weight", 7, 4);
        stored("embeddings.position_embeddings.weight", 5, 4);
        stored("embeddings.token_type_embeddings.weight", 2, 4);
        norm("embeddings.LayerNorm");
        linear("encoder.layer.0.attention.self.query", 4, 4);
        linear("encoder.layer.0.attention.self.key", 4, 4);
        linear("encoder.layer.0.attention.self.value", 4, 4);
        linear("encoder.layer.0.attention.output.dense", 4, 4);
        norm("encoder.layer.0.attention.output.LayerNorm");
        linear("encoder.layer.0.intermediate.dense", 4, 6);
        linear("encoder.layer.0.output.dense", 6, 4);
        norm("encoder.layer.0.output.LayerNorm");
        constant("heads", 2L);
        constant("headSize", 2L);
        node("Concat", "splitShape", "b", "t", "heads", "headSize");
        node("Reshape", "split", "query", "splitShape");
        node("Erf", "erf", "x");
    }

    GraphProto.Builder graph() {
        return graph;
    }

    byte[] bytes() {
        return ModelProto.newBuilder().setGraph(graph).build().toByteArray();
    }

    static TensorProto.Builder tensor(String name, long... shape) {
        int length = 1;
        TensorProto.Builder tensor =
                TensorProto.newBuilder().setName(name).setDataType(TensorProto.DataType.FLOAT_VALUE);
        for (long dimension : shape) {
            length *= (int) dimension;
            tensor.addDims(dimension);
        }
        ByteBuffer raw = ByteBuffer.allocate(4 * length).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < length; i++) {
            raw.putFloat(i);
        }
        return tensor.setRawData(ByteString.copyFrom(raw.flip()));
    }

    TinyOnnx stored(String name, long... shape) {
        graph.addInitializer(tensor(name, shape));
        return this;
    }

    TinyOnnx node(String operator, String output, String... inputs) {
        graph.addNode(
                NodeProto.newBuilder().setOpType(operator).addOutput(output).addAllInput(List.of(inputs)));
        return this;
    }

    /** The weight [in, out] under an anonymous name, the bias under its own. */
    private void linear(String name, long in, long out) {
        stored("onnx::MatMul_" + name.hashCode(), in, out);
        stored(name + ".bias", out);
        node("MatMul", name + "/product", "x", "onnx::MatMul_" + name.hashCode());
        node("Add", name + "/sum", name + ".bias", name + "/product");
    }

    private void norm(String name) {
        stored(name + ".weight", 4);
        stored(name + ".bias", 4);
        constant(name + "/eps", 1e-5f);
        node("Add", name + "/shifted", "variance", name + "/eps");
        node("Sqrt", name + "/root", name + "/shifted");
    }

    private void constant(String output, Number value) {
        TensorProto.Builder tensor = TensorProto.newBuilder();
        if (value instanceof Float f) {
            tensor.setDataType(TensorProto.DataType.FLOAT_VALUE).addFloatData(f);
        } else {
            tensor.setDataType(TensorProto.DataType.INT64_VALUE).addDims(1).addInt64Data(value.longValue());
        }
        graph.addNode(NodeProto.newBuilder()
                .setOpType("Constant")
                .addOutput(output)
                .addAttribute(AttributeProto.newBuilder().setName("value").setT(tensor)));
    }
}
