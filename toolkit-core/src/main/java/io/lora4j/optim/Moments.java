package io.lora4j.optim;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Adam's moving averages of one array's gradient and of its square, at zero to begin with. */
final class Moments {
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
}
