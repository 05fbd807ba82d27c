package io.lora4j.models.export;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import onnx.Onnx.AttributeProto;
import onnx.Onnx.GraphProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.TensorShapeProto;
import onnx.Onnx.TypeProto;
import onnx.Onnx.ValueInfoProto;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * An ONNX graph that grows node by node. Small constants stand in the graph; weights are only noted, so that the file's writer can take
 * them from where they are.
 *
 * <p>Values are named by the vertex they belong to: the result of vertex {@code v} is the value {@code v}, what is computed on the way to it
 * {@code v/step}. Format: github.com/onnx/onnx, {@code onnx/onnx.proto} and {@code docs/Operators.md}, operator set {@value #OPSET}.
 */
final class OnnxGraphWriter {
    /** The operator set: the first with LayerNormalization. */
    static final int OPSET = 17;

    private final GraphProto.Builder graph = GraphProto.newBuilder();
    private final Map<String, INDArray> weights = new LinkedHashMap<>();
    private final IdentityHashMap<INDArray, String> weightNames = new IdentityHashMap<>();
    private final Map<String, String> constants = new HashMap<>();
    private final Set<String> read = new HashSet<>();
    private final Set<String> produced = new HashSet<>();

    /**
     * Adds a node with one output.
     *
     * @param operator ONNX's name of the operator
     * @param output the value it computes; a name that no other node has
     * @param inputs the values it reads
     * @return {@code output}
     */
    String node(String operator, String output, String... inputs) {
        return node(operator, output, List.of(), inputs);
    }

    /** Adds a node with attributes. */
    String node(String operator, String output, List<AttributeProto> attributes, String... inputs) {
        if (!produced.add(output)) {
            throw new IllegalStateException("two nodes compute the value " + output);
        }
        read.addAll(Arrays.asList(inputs));
        graph.addNode(NodeProto.newBuilder()
                .setOpType(operator)
                .setName(output + "/" + operator)
                .addAllInput(Arrays.asList(inputs))
                .addOutput(output)
                .addAllAttribute(attributes));
        return output;
    }

    /** Whether a value is computed already. */
    boolean has(String value) {
        return produced.contains(value);
    }

    static AttributeProto integer(String name, long value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.INT)
                .setI(value)
                .build();
    }

    static AttributeProto integers(String name, long... values) {
        AttributeProto.Builder attribute =
                AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS);
        Arrays.stream(values).forEach(attribute::addInts);
        return attribute.build();
    }

    static AttributeProto real(String name, double value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.FLOAT)
                .setF((float) value)
                .build();
    }

    /** A float scalar, the same name for the same number. */
    String scalar(double value) {
        float rounded = (float) value;
        return constants.computeIfAbsent(Float.toString(rounded), key -> {
            String name = "constant/" + key;
            graph.addInitializer(TensorProto.newBuilder()
                    .setName(name)
                    .setDataType(TensorProto.DataType.FLOAT_VALUE)
                    .addFloatData(rounded));
            return name;
        });
    }

    /** An int64 scalar. */
    String index(long value) {
        return constants.computeIfAbsent(
                Long.toString(value),
                key -> whole(TensorProto.newBuilder().setName("constant/" + key).addInt64Data(value)));
    }

    /** An int64 vector. */
    String indices(long... values) {
        return constants.computeIfAbsent(Arrays.toString(values), key -> {
            TensorProto.Builder tensor = TensorProto.newBuilder()
                    .setName("constant/" + key.replace(" ", ""))
                    .addDims(values.length);
            Arrays.stream(values).forEach(tensor::addInt64Data);
            return whole(tensor);
        });
    }

    private String whole(TensorProto.Builder tensor) {
        graph.addInitializer(tensor.setDataType(TensorProto.DataType.INT64_VALUE));
        return tensor.getName();
    }

    /**
     * A float array that the file will hold.
     *
     * @param name its name, unless the array is known already (layers may share one)
     * @param array stored row-major in its own shape; only read, and only when the file is written
     * @return the name of the stored array
     */
    String weight(String name, INDArray array) {
        return weightNames.computeIfAbsent(array, key -> {
            weights.put(name, key);
            return name;
        });
    }

    /** The arrays by name, in the order in which they were asked for. */
    Map<String, INDArray> weights() {
        return new LinkedHashMap<>(weights);
    }

    /** Which of some values at least one node reads. */
    List<String> readOf(List<String> values) {
        return values.stream().filter(read::contains).toList();
    }

    /** Declares an int64 input of the graph. */
    void input(String name, String... axes) {
        graph.addInput(value(name, TensorProto.DataType.INT64_VALUE, List.of(axes)));
    }

    /** Declares a float output of the graph. */
    void output(String name, String... axes) {
        graph.addOutput(value(name, TensorProto.DataType.FLOAT_VALUE, List.of(axes)));
    }

    /** An axis that is a number has that size; any other is dynamic and has that name. */
    private static ValueInfoProto value(String name, int type, List<String> axes) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        for (String axis : axes) {
            if (Character.isDigit(axis.charAt(0))) {
                shape.addDimBuilder().setDimValue(Long.parseLong(axis));
            } else {
                shape.addDimBuilder().setDimParam(axis);
            }
        }
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder()
                        .setTensorType(
                                TypeProto.Tensor.newBuilder().setElemType(type).setShape(shape)))
                .build();
    }

    /** The graph without the weights. */
    GraphProto build(String name) {
        return graph.setName(name).build();
    }
}
