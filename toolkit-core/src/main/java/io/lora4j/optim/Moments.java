package io.lora4j.optim;

import java.util.HashMap;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Adam's moving averages of one array's gradient and of its square, at zero to begin with. */
final class Moments {
    private static final String FIRST = ".m";
    private static final String SECOND = ".v";
    private static final String STEPS = ".steps";

    private final double beta1;
    private final double beta2;
    private final INDArray m;
    private final INDArray v;
    private long steps;

    Moments(INDArray like, double beta1, double beta2) {
        this.beta1 = beta1;
        this.beta2 = beta2;
        this.m = Nd4j.zeros(like.dataType(), like.shape());
        this.v = Nd4j.zeros(like.dataType(), like.shape());
    }

    /** m := beta1 m + (1 - beta1) g; v := beta2 v + (1 - beta2) g^2. */
    void add(INDArray gradient) {
        m.muli(beta1).addi(gradient.mul(1 - beta1));
        v.muli(beta2).addi(gradient.mul(gradient).muli(1 - beta2));
        steps++;
    }

    /** m / (sqrt(v) + epsilon), a new array. */
    INDArray direction(double epsilon) {
        return m.div(Transforms.sqrt(v, true).addi(epsilon));
    }

    /** (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon), a new array. */
    INDArray correctedDirection(double epsilon) {
        double root = Math.sqrt(1 - Math.pow(beta2, (double) steps));
        INDArray denominator = Transforms.sqrt(v, true).divi(root).addi(epsilon);
        return m.div(denominator).divi(1 - Math.pow(beta1, (double) steps));
    }

    /** Puts both averages and the number of steps under names that begin with a key. */
    void putInto(Map<String, INDArray> state, String key) {
        state.put(key + FIRST, m);
        state.put(key + SECOND, v);
        state.put(key + STEPS, Nd4j.createFromArray((double) steps));
    }

    /** All averages of a state that {@link #putInto} has written, by key; copies. */
    static Map<String, Moments> of(Map<String, INDArray> state, double beta1, double beta2) {
        Map<String, Moments> all = new HashMap<>();
        int used = 0;
        for (Map.Entry<String, INDArray> entry : state.entrySet()) {
            if (!entry.getKey().endsWith(FIRST)) {
                continue;
            }
            String key = entry.getKey().substring(0, entry.getKey().length() - FIRST.length());
            INDArray second = state.get(key + SECOND);
            INDArray steps = state.get(key + STEPS);
            if (second == null || steps == null) {
                throw new IllegalArgumentException("no averages of one array: " + key);
            }
            Moments moments = new Moments(entry.getValue(), beta1, beta2);
            moments.m.assign(entry.getValue());
            moments.v.assign(second);
            moments.steps = (long) steps.getDouble(0);
            all.put(key, moments);
            used += 3;
        }
        if (used != state.size()) {
            throw new IllegalArgumentException("not averages alone: " + state.keySet());
        }
        return all;
    }
}
