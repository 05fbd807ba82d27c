package io.lora4j.adapter;

import io.lora4j.optim.GroupedOptimizer;
import io.lora4j.optim.OptimizerAware;
import io.lora4j.optim.ParamSettings;
import io.lora4j.optim.ScaledFactors;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.regularization.Regularization;

/**
 * Configuration of a frozen linear map with a low-rank adapter beside it: y = f(x W + b + s (dropout(x) A) B), with x [N, in], W
 * [in, out], A [in, r], B [r, out].
 *
 * <p>Source: Hu et al., LoRA, arXiv 2106.09685, equation 3, in row-vector form; s by {@link Scaling}. Only A and B (parameters
 * {@value LoraParamInitializer#LORA_A} and {@value LoraParamInitializer#LORA_B}) are in DL4J's parameter table; W and b are bound as in {@link
 * FrozenLinear}. A fresh layer has A Kaiming-uniform and B zero, so its output is the frozen layer's. In {@link WeightForm#DORA} the
 * columns of W + s A B are normalised and multiplied by a third parameter, {@value LoraParamInitializer#LORA_MAGNITUDE} [1, out].
 *
 * <p>Usable in any {@code NeuralNetConfiguration}:
 *
 * <pre>{@code
 * new NeuralNetConfiguration.Builder().updater(new AdamW(1e-3)).list()
 *     .layer(LoraLinear.builder().rank(8).alpha(16).nIn(384).nOut(384).name("dense").build())
 * }</pre>
 */
public class LoraLinear extends FrozenLinear implements OptimizerAware, ScaledFactors {
    private static final long serialVersionUID = 1L;

    private int rank;
    private double alpha;
    private Scaling scaling = Scaling.STANDARD;
    private double loraDropout;
    private WeightForm weightForm = WeightForm.PLAIN;
    private @Nullable IUpdater loraBUpdater;
    private @Nullable List<Regularization> loraBRegularization;

    /** For Jackson. */
    protected LoraLinear() {}

    /**
     * @param builder the values
     * @throws IllegalArgumentException if a value is out of its range
     */
    protected LoraLinear(Builder builder) {
        super(builder);
        set(builder.rank, builder.alpha, builder.scaling, builder.loraDropout);
        this.weightForm = builder.weightForm;
    }

    /**
     * An adapter over a layer of any kind that is a matrix underneath.
     *
     * @param base where name and settings are taken from; unchanged
     * @param in rows of the matrix
     * @param out columns of the matrix
     * @param hasBias whether the layer has a bias
     * @param config rank, alpha, scaling, dropout and weight form (its targets are not looked at)
     * @throws IllegalArgumentException if the rank is larger than min(in, out)
     */
    protected LoraLinear(FeedForwardLayer base, long in, long out, boolean hasBias, LoraConfig config) {
        copySettings(base);
        setNIn(in);
        setNOut(out);
        setHasBias(hasBias);
        set(config.rank(), config.alpha(), config.scaling(), config.dropout());
        this.weightForm = config.weightForm();
    }

    /**
     * The adapted form of a frozen layer: same name, sizes, activation and updater, plus the adapter.
     *
     * @param base the layer; unchanged
     * @param config rank, alpha, scaling, dropout and weight form (its targets are not looked at)
     * @return a new configuration
     * @throws IllegalArgumentException if the rank is larger than min(in, out)
     */
    public static LoraLinear over(FrozenLinear base, LoraConfig config) {
        LoraLinear adapted = new LoraLinear(base, base.getNIn(), base.getNOut(), base.isHasBias(), config);
        adapted.setConstraints(base.getConstraints());
        adapted.setFrozenId(base.getFrozenId());
        return adapted;
    }

    /**
     * Checks the rank against sizes that DL4J inferred from the input type, which were not known to the builder.
     *
     * @throws IllegalArgumentException if the rank is larger than min(in, out)
     */
    protected final void checkSizes() {
        set(rank, alpha, scaling, loraDropout);
    }

    /**
     * Which factor of a fresh adapter is zero.
     *
     * @return true if A is zero and B normal (embeddings), false if A is Kaiming-uniform and B zero
     */
    protected boolean startsWithZeroA() {
        return false;
    }

    private void set(int newRank, double newAlpha, Scaling newScaling, double newDropout) {
        long limit = Math.min(getNIn(), getNOut());
        if (newRank < 1 || (limit > 0 && newRank > limit)) {
            throw new IllegalArgumentException(
                    "layer " + getLayerName() + ": rank " + newRank + " is not in 1 to min(in, out) = " + limit);
        }
        this.rank = newRank;
        this.alpha = newAlpha;
        this.scaling = newScaling;
        this.loraDropout = newDropout;
    }

    /**
     * A new builder.
     *
     * @return a builder with PEFT's defaults: rank 8, alpha 8, scaling alpha/r, no dropout
     */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    protected FrozenLinearLayer createLayer(NeuralNetConfiguration conf, DataType dataType) {
        checkSizes();
        return new LoraLinearLayer(conf, dataType);
    }

    @Override
    public ParamInitializer initializer() {
        return LoraParamInitializer.INSTANCE;
    }

    @Override
    public IUpdater getUpdaterByParam(String paramName) {
        IUpdater ofB = loraBUpdater;
        return ofB != null && LoraParamInitializer.LORA_B.equals(paramName) ? ofB : super.getUpdaterByParam(paramName);
    }

    @Override
    public List<Regularization> getRegularizationByParam(String paramName) {
        List<Regularization> ofB = loraBRegularization;
        return ofB != null && LoraParamInitializer.LORA_B.equals(paramName)
                ? ofB
                : super.getRegularizationByParam(paramName);
    }

    @Override
    public void useOptimizer(String layer, GroupedOptimizer optimizer) {
        ParamSettings ofA = optimizer.settingsFor(layer, LoraParamInitializer.LORA_A, false);
        ParamSettings ofB = optimizer.settingsFor(layer, LoraParamInitializer.LORA_B, false);
        setIUpdater(ofA.updater());
        setRegularization(new ArrayList<>(ofA.regularization()));
        setLoraBUpdater(ofB.updater());
        setLoraBRegularization(new ArrayList<>(ofB.regularization()));
        if (weightForm == WeightForm.DORA) {
            ParamSettings ofMagnitude = optimizer.settingsFor(layer, LoraParamInitializer.LORA_MAGNITUDE, true);
            setBiasUpdater(ofMagnitude.updater());
            setRegularizationBias(new ArrayList<>(ofMagnitude.regularization()));
        }
    }

    /**
     * The factor s of y = x (W + s A B).
     *
     * @return s, from alpha, rank and scaling
     */
    @Override
    public double scale() {
        return scaling.factor(alpha, rank);
    }

    /**
     * The adapter's rank.
     *
     * @return r, at least 1
     */
    public int getRank() {
        return rank;
    }

    /**
     * Sets the adapter's rank.
     *
     * @param rank r, at least 1
     */
    public void setRank(int rank) {
        this.rank = rank;
    }

    /**
     * The scaling's numerator.
     *
     * @return alpha
     */
    public double getAlpha() {
        return alpha;
    }

    /**
     * Sets the scaling's numerator.
     *
     * @param alpha greater than 0
     */
    public void setAlpha(double alpha) {
        this.alpha = alpha;
    }

    /**
     * How alpha and r give s.
     *
     * @return the rule
     */
    public Scaling getScaling() {
        return scaling;
    }

    /**
     * Sets how alpha and r give s.
     *
     * @param scaling the rule
     */
    public void setScaling(Scaling scaling) {
        this.scaling = scaling;
    }

    /**
     * Probability with which an input of A is zeroed in training.
     *
     * @return in [0, 1)
     */
    public double getLoraDropout() {
        return loraDropout;
    }

    /**
     * Sets the probability with which an input of A is zeroed in training.
     *
     * @param loraDropout in [0, 1)
     */
    public void setLoraDropout(double loraDropout) {
        this.loraDropout = loraDropout;
    }

    /**
     * What the layer computes with.
     *
     * @return the form of the weight
     */
    public WeightForm getWeightForm() {
        return weightForm;
    }

    /**
     * Sets what the layer computes with.
     *
     * @param weightForm the form; a layer that exists has the parameters of the form it was made with
     */
    public void setWeightForm(WeightForm weightForm) {
        this.weightForm = weightForm;
    }

    /**
     * The updater of B where it differs from A's (LoRA+).
     *
     * @return null if A and B have the layer's updater
     */
    public @Nullable IUpdater getLoraBUpdater() {
        return loraBUpdater;
    }

    /**
     * Gives B an updater of its own (LoRA+: Hayou et al., arXiv 2402.12354).
     *
     * @param updater the updater of B, or null for the layer's
     */
    public void setLoraBUpdater(@Nullable IUpdater updater) {
        this.loraBUpdater = updater;
    }

    /**
     * The regularisation of B where it differs from A's.
     *
     * @return null if A and B have the layer's
     */
    public @Nullable List<Regularization> getLoraBRegularization() {
        return loraBRegularization;
    }

    /**
     * Gives B a regularisation of its own.
     *
     * @param regularization that of B, or null for the layer's
     */
    public void setLoraBRegularization(@Nullable List<Regularization> regularization) {
        this.loraBRegularization = regularization;
    }

    @Override
    public LoraLinear clone() {
        LoraLinear copy = (LoraLinear) super.clone();
        IUpdater updaterOfB = loraBUpdater;
        if (updaterOfB != null) {
            copy.loraBUpdater = updaterOfB.clone();
        }
        List<Regularization> regularizationOfB = loraBRegularization;
        if (regularizationOfB != null) {
            copy.loraBRegularization = new ArrayList<>(regularizationOfB);
        }
        return copy;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LoraLinear that
                && super.equals(other)
                && rank == that.rank
                && Double.compare(alpha, that.alpha) == 0
                && scaling == that.scaling
                && Double.compare(loraDropout, that.loraDropout) == 0
                && weightForm == that.weightForm
                && Objects.equals(loraBUpdater, that.loraBUpdater)
                && Objects.equals(loraBRegularization, that.loraBRegularization);
    }

    @Override
    public int hashCode() {
        return Objects.hash(
                super.hashCode(), rank, alpha, scaling, loraDropout, weightForm, loraBUpdater, loraBRegularization);
    }

    /** Builder in DL4J's manner, with PEFT's defaults. */
    @SuppressWarnings("unchecked") // DL4J's build() is generic in its result
    public static final class Builder extends FrozenLinear.Builder<Builder> {
        private int rank = 8;
        private double alpha = 8;
        private Scaling scaling = Scaling.STANDARD;
        private double loraDropout;
        private WeightForm weightForm = WeightForm.PLAIN;

        /**
         * The adapter's rank.
         *
         * @param value r, 1 to min(in, out)
         * @return this builder
         */
        public Builder rank(int value) {
            this.rank = value;
            return this;
        }

        /**
         * The scaling's numerator.
         *
         * @param value alpha, greater than 0
         * @return this builder
         */
        public Builder alpha(double value) {
            this.alpha = value;
            return this;
        }

        /**
         * How alpha and r give s.
         *
         * @param value the rule
         * @return this builder
         */
        public Builder scaling(Scaling value) {
            this.scaling = value;
            return this;
        }

        /**
         * Probability with which an input of A is zeroed in training.
         *
         * @param value in [0, 1)
         * @return this builder
         */
        public Builder loraDropout(double value) {
            this.loraDropout = value;
            return this;
        }

        /**
         * What the layer computes with.
         *
         * @param value W + s A B, or DoRA's normalised form of it
         * @return this builder
         */
        public Builder weightForm(WeightForm value) {
            this.weightForm = value;
            return this;
        }

        @Override
        public LoraLinear build() {
            return new LoraLinear(this);
        }
    }
}
