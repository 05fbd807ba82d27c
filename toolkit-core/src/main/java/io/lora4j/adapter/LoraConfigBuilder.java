package io.lora4j.adapter;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Builds a {@link LoraConfig} out of the parts that differ from PEFT's defaults.
 *
 * <pre>{@code
 * LoraConfig.builder().rank(4).alpha(8).targetKinds(LayerKind.CONVOLUTION_2D).modulesToSave("head").build()
 * }</pre>
 */
public final class LoraConfigBuilder {
    private int rank = 8;
    private double alpha = 8;
    private Scaling scaling = Scaling.STANDARD;
    private double dropout;
    private List<String> targetModules = List.of();
    private @Nullable String targetPattern;
    private Set<LayerKind> targetKinds = Set.of();
    private final Map<String, Integer> rankPattern = new LinkedHashMap<>();
    private final Map<String, Double> alphaPattern = new LinkedHashMap<>();
    private List<String> modulesToSave = List.of();
    private WeightForm weightForm = WeightForm.PLAIN;

    LoraConfigBuilder() {}

    /**
     * The rank of layers that no pattern names.
     *
     * @param value r, at least 1
     * @return this builder
     */
    public LoraConfigBuilder rank(int value) {
        this.rank = value;
        return this;
    }

    /**
     * The scaling's numerator.
     *
     * @param value alpha, greater than 0
     * @return this builder
     */
    public LoraConfigBuilder alpha(double value) {
        this.alpha = value;
        return this;
    }

    /**
     * How alpha and r give s.
     *
     * @param value the rule
     * @return this builder
     */
    public LoraConfigBuilder scaling(Scaling value) {
        this.scaling = value;
        return this;
    }

    /**
     * Dropout in front of A, in training.
     *
     * @param value in [0, 1)
     * @return this builder
     */
    public LoraConfigBuilder dropout(double value) {
        this.dropout = value;
        return this;
    }

    /**
     * Targets by name.
     *
     * @param names a layer's name or its end after a dot
     * @return this builder
     */
    public LoraConfigBuilder targetModules(String... names) {
        this.targetModules = List.of(names);
        return this;
    }

    /**
     * Targets by regular expression.
     *
     * @param regex what the whole name of a layer must match
     * @return this builder
     */
    public LoraConfigBuilder targetPattern(String regex) {
        this.targetPattern = regex;
        return this;
    }

    /**
     * Targets by kind.
     *
     * @param kinds every layer of these kinds
     * @return this builder
     */
    public LoraConfigBuilder targetKinds(LayerKind... kinds) {
        this.targetKinds = new LinkedHashSet<>(List.of(kinds));
        return this;
    }

    /**
     * A rank for some layers; earlier keys win.
     *
     * @param key regular expression for a name or its end after a dot
     * @param value r of those layers
     * @return this builder
     */
    public LoraConfigBuilder rankPattern(String key, int value) {
        this.rankPattern.put(key, value);
        return this;
    }

    /**
     * An alpha for some layers; earlier keys win.
     *
     * @param key regular expression for a name or its end after a dot
     * @param value alpha of those layers
     * @return this builder
     */
    public LoraConfigBuilder alphaPattern(String key, double value) {
        this.alphaPattern.put(key, value);
        return this;
    }

    /**
     * Layers that are trained whole.
     *
     * @param names a layer's name or its end after a dot
     * @return this builder
     */
    public LoraConfigBuilder modulesToSave(String... names) {
        this.modulesToSave = List.of(names);
        return this;
    }

    /**
     * What an adapted layer computes with.
     *
     * @param value W + s A B, or DoRA's normalised form of it
     * @return this builder
     */
    public LoraConfigBuilder weightForm(WeightForm value) {
        this.weightForm = value;
        return this;
    }

    /**
     * The configuration.
     *
     * @return a new, checked configuration
     * @throws IllegalArgumentException if a value is out of its range or there is no target
     */
    public LoraConfig build() {
        return new LoraConfig(
                rank,
                alpha,
                scaling,
                dropout,
                targetModules,
                targetPattern,
                targetKinds,
                rankPattern,
                alphaPattern,
                modulesToSave,
                weightForm);
    }
}
