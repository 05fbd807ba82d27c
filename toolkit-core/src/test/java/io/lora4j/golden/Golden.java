package io.lora4j.golden;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Reads the golden vectors: float64, computed with numpy, in PEFT's orientation (W [out, in]). */
public final class Golden {
    private Golden() {}

    /** The root of a golden file in the test resources. */
    public static JsonNode read(String file) {
        try (InputStream in = Golden.class.getResourceAsStream("/golden/" + file)) {
            if (in == null) {
                throw new IllegalStateException("no golden file " + file);
            }
            return new ObjectMapper().readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The cases of a golden file that fit a condition, in order. */
    public static List<JsonNode> cases(String file, Predicate<JsonNode> condition) {
        List<JsonNode> cases = new ArrayList<>();
        read(file).get("cases").forEach(node -> {
            if (condition.test(node)) {
                cases.add(node);
            }
        });
        return cases;
    }

    /** A matrix or vector as it stands in the file, float64. */
    public static INDArray array(JsonNode node) {
        if (!node.get(0).isArray()) {
            return Nd4j.createFromArray(numbers(node));
        }
        double[][] rows = new double[node.size()][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = numbers(node.get(i));
        }
        return Nd4j.createFromArray(rows);
    }

    /** A matrix of the file in our orientation: transposed, float64. */
    public static INDArray transposed(JsonNode node) {
        return array(node).transpose().dup('c');
    }

    /** A vector of the file. */
    public static double[] numbers(JsonNode node) {
        double[] values = new double[node.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = node.get(i).asDouble();
        }
        return values;
    }

    /** Largest absolute difference of two arrays of equal shape; NaN if there is one. */
    public static double distance(INDArray a, INDArray b) {
        if (!a.equalShapes(b)) {
            throw new AssertionError("shapes differ: " + a.shapeInfoToString() + " and " + b.shapeInfoToString());
        }
        double[] x = a.dup('c').data().asDouble();
        double[] y = b.dup('c').data().asDouble();
        double worst = 0;
        for (int i = 0; i < x.length; i++) {
            double difference = Math.abs(x[i] - y[i]);
            if (!(difference <= worst)) {
                worst = difference;
            }
        }
        return worst;
    }
}
