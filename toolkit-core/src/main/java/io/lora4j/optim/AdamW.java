package io.lora4j.optim;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * The Adam step of AdamW (Loshchilov and Hutter, arXiv 1711.05101, algorithm 2; {@code torch.optim.AdamW}) as a DL4J updater.
 *
 * <p>With m and v the moving averages of g and g^2, t = 1, 2, ... the step, and mode {@link EpsilonMode#TORCH}:
 *
 * <pre>  update = lr / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon)</pre>
 *
 * With {@link EpsilonMode#ND4J} epsilon is added to the uncorrected sqrt(v), as ND4J's {@code Adam} does: its effect is then
 * 1 / sqrt(1 - beta2^t) times larger, 31 times at the first step. At a learning rate of exactly 0 the update is exactly 0 (ND4J's
 * {@code Adam} steps by epsilon) while the averages go on, as in torch.
 *
 * <p>The averages have the network's data type; in float32 the betas are rounded to float32, consistently in averages and
 * corrections. The decoupled weight decay of AdamW is not in here but in {@link DecoupledWeightDecay}; {@link GroupedOptimizer}
 * combines both.
 *
 * <p>Two AdamW are equal if all settings are, schedule included; DL4J then updates their parameters in one operation. It is written
 * to and read from a network's JSON as any DL4J updater. Mutable only through {@link #setLrAndSchedule}, which DL4J calls.
 */
public final class AdamW implements IUpdater {
    private static final long serialVersionUID = 1L;

    /** torch's default beta1. */
    public static final double DEFAULT_BETA1 = 0.9;
    /** torch's default beta2. */
    public static final double DEFAULT_BETA2 = 0.999;
    /** torch's default epsilon. */
    public static final double DEFAULT_EPSILON = 1e-8;

    private double learningRate;
    private @Nullable ISchedule learningRateSchedule;
    private final double beta1;
    private final double beta2;
    private final double epsilon;
    private final EpsilonMode epsilonMode;

    /**
     * All settings; also the form in which a configuration is read.
     *
     * @param learningRate the constant rate, at least 0; not looked at if there is a schedule
     * @param learningRateSchedule the rate as a function of the optimiser step; null for the constant rate
     * @param beta1 decay of the average of g, in [0, 1)
     * @param beta2 decay of the average of g^2, in [0, 1)
     * @param epsilon added to the denominator, greater than 0, in units of the gradient
     * @param epsilonMode where epsilon is added
     * @throws IllegalArgumentException if a value is out of range
     */
    public AdamW(
            @JsonProperty("learningRate") double learningRate,
            @JsonProperty("learningRateSchedule") @Nullable ISchedule learningRateSchedule,
            @JsonProperty("beta1") double beta1,
            @JsonProperty("beta2") double beta2,
            @JsonProperty("epsilon") double epsilon,
            @JsonProperty("epsilonMode") EpsilonMode epsilonMode) {
        this.learningRate = checkedRate(learningRate, learningRateSchedule);
        this.learningRateSchedule = learningRateSchedule;
        this.beta1 = inUnitInterval("beta1", beta1);
        this.beta2 = inUnitInterval("beta2", beta2);
        if (!(epsilon > 0) || Double.isInfinite(epsilon)) {
            throw new IllegalArgumentException("epsilon must be greater than 0: " + epsilon);
        }
        this.epsilon = epsilon;
        this.epsilonMode = Objects.requireNonNull(epsilonMode, "epsilonMode");
    }

    /**
     * torch's defaults at a constant rate.
     *
     * @param learningRate the rate, at least 0
     */
    public AdamW(double learningRate) {
        this(learningRate, null, DEFAULT_BETA1, DEFAULT_BETA2, DEFAULT_EPSILON, EpsilonMode.TORCH);
    }

    /**
     * torch's defaults with a schedule.
     *
     * @param learningRateSchedule the rate as a function of the optimiser step
     */
    public AdamW(ISchedule learningRateSchedule) {
        this(0, learningRateSchedule, DEFAULT_BETA1, DEFAULT_BETA2, DEFAULT_EPSILON, EpsilonMode.TORCH);
    }

    /**
     * The same updater at a multiple of its rate.
     *
     * @param multiplier at least 0; 1 gives an equal object
     * @return a new updater
     */
    public AdamW times(double multiplier) {
        ISchedule schedule = learningRateSchedule == null ? null : ScaledSchedule.of(learningRateSchedule, multiplier);
        return new AdamW(learningRate * multiplier, schedule, beta1, beta2, epsilon, epsilonMode);
    }

    /**
     * The constant rate.
     *
     * @return meaningful only without a schedule
     */
    public double learningRate() {
        return learningRate;
    }

    /**
     * The schedule.
     *
     * @return null if the rate is constant
     */
    public @Nullable ISchedule learningRateSchedule() {
        return learningRateSchedule;
    }

    /**
     * Decay of the average of g.
     *
     * @return in [0, 1)
     */
    public double beta1() {
        return beta1;
    }

    /**
     * Decay of the average of g^2.
     *
     * @return in [0, 1)
     */
    public double beta2() {
        return beta2;
    }

    /**
     * What is added to the denominator.
     *
     * @return greater than 0
     */
    public double epsilon() {
        return epsilon;
    }

    /**
     * Where epsilon is added.
     *
     * @return the mode
     */
    public EpsilonMode epsilonMode() {
        return epsilonMode;
    }

    @Override
    public long stateSize(long numParams) {
        return 2 * numParams;
    }

    @Override
    public GradientUpdater<AdamW> instantiate(INDArray viewArray, boolean initializeViewArray) {
        long length = viewArray.length();
        AdamWUpdater updater = new AdamWUpdater(this);
        updater.setStateViewArray(
                viewArray.reshape(length), new long[] {length / 2}, viewArray.ordering(), initializeViewArray);
        return updater;
    }

    @Override
    public GradientUpdater<AdamW> instantiate(Map<String, INDArray> updaterState, boolean initializeStateArrays) {
        AdamWUpdater updater = new AdamWUpdater(this);
        updater.setState(updaterState, initializeStateArrays);
        return updater;
    }

    @Override
    public AdamW clone() {
        ISchedule schedule = learningRateSchedule == null ? null : learningRateSchedule.clone();
        return new AdamW(learningRate, schedule, beta1, beta2, epsilon, epsilonMode);
    }

    @Override
    public double getLearningRate(int iteration, int epoch) {
        return learningRateSchedule == null ? learningRate : learningRateSchedule.valueAt(iteration, epoch);
    }

    @Override
    public boolean hasLearningRate() {
        return true;
    }

    @Override
    public void setLrAndSchedule(double lr, @Nullable ISchedule lrSchedule) {
        // DL4J passes NaN as the rate when it sets a schedule.
        this.learningRate = lrSchedule == null ? checkedRate(lr, null) : 0;
        this.learningRateSchedule = lrSchedule;
    }

    private static double checkedRate(double rate, @Nullable ISchedule schedule) {
        if (schedule == null && !(rate >= 0 && rate < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("learning rate must be at least 0: " + rate);
        }
        return schedule == null ? rate : 0;
    }

    /** Checks a decay rate of an average. */
    static double inUnitInterval(String name, double value) {
        if (!(value >= 0 && value < 1)) {
            throw new IllegalArgumentException(name + " must be in [0, 1): " + value);
        }
        return value;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof AdamW that
                && Double.compare(learningRate, that.learningRate) == 0
                && Objects.equals(learningRateSchedule, that.learningRateSchedule)
                && Double.compare(beta1, that.beta1) == 0
                && Double.compare(beta2, that.beta2) == 0
                && Double.compare(epsilon, that.epsilon) == 0
                && epsilonMode == that.epsilonMode;
    }

    @Override
    public int hashCode() {
        return Objects.hash(learningRate, learningRateSchedule, beta1, beta2, epsilon, epsilonMode);
    }

    @Override
    public String toString() {
        Object rate = learningRateSchedule == null ? (Object) learningRate : learningRateSchedule;
        return "AdamW(rate " + rate + ", beta1 " + beta1 + ", beta2 " + beta2 + ", epsilon " + epsilon + " "
                + epsilonMode + ")";
    }
}
