package io.lora4j.models.encoder;

import java.util.Objects;
import java.util.SplittableRandom;
import org.deeplearning4j.nn.weights.IWeightInit;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Initial weights ~ N(0, standardDeviation^2) from a seed of their own.
 *
 * <p>DL4J's own initialisers draw from the global generator in the order of the layers, so an adapter put in front of a layer would
 * change it. This one depends on the seed alone: the same seed gives the same matrix in every network, on every platform and JDK
 * (SplitMix64 and Box-Muller in {@link StrictMath}), drawn row by row of [in, out] and rounded to the network's data type.
 */
public final class SeededNormal implements IWeightInit {
    private static final long serialVersionUID = 1L;

    private final long seed;
    private final double standardDeviation;

    /**
     * @param seed any value
     * @param standardDeviation 0 or more
     */
    public SeededNormal(@JsonProperty("seed") long seed, @JsonProperty("standardDeviation") double standardDeviation) {
        if (!(standardDeviation >= 0)) {
            throw new IllegalArgumentException("standardDeviation must not be negative: " + standardDeviation);
        }
        this.seed = seed;
        this.standardDeviation = standardDeviation;
    }

    /**
     * The seed.
     *
     * @return the value given to the constructor
     */
    public long getSeed() {
        return seed;
    }

    /**
     * The standard deviation.
     *
     * @return the value given to the constructor
     */
    public double getStandardDeviation() {
        return standardDeviation;
    }

    @Override
    public INDArray init(double fanIn, double fanOut, long[] shape, char order, INDArray paramView) {
        INDArray weights = paramView.reshape(order, shape);
        weights.assign(Nd4j.createFromArray(draw(Math.toIntExact(paramView.length())))
                .reshape('c', shape)
                .castTo(paramView.dataType()));
        return weights;
    }

    private double[] draw(int count) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
            double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - random.nextDouble()));
            values[i] = standardDeviation * radius * StrictMath.cos(2 * Math.PI * random.nextDouble());
        }
        return values;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SeededNormal that
                && seed == that.seed
                && Double.compare(standardDeviation, that.standardDeviation) == 0;
    }

    @Override
    public int hashCode() {
        return Objects.hash(seed, standardDeviation);
    }
}
