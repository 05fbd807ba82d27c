package io.lora4j.adapter;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * What to adapt and how: PEFT's {@code LoraConfig} in our orientation.
 *
 * <p>A layer is adapted if one of the three kinds of targets names it and {@link #modulesToSave} does not. Every entry of every rule must
 * name something: one that matches nothing is refused at injection.
 *
 * @param rank r, at least 1
 * @param alpha the scaling's numerator, greater than 0
 * @param scaling how alpha and r give s
 * @param dropout probability with which an input of A is zeroed in training, in [0, 1)
 * @param targetModules names of the layers to adapt: an entry matches a layer whose name equals it or ends with a dot and it (PEFT's
 *     rule for lists)
 * @param targetPattern a regular expression that the whole name of a layer to adapt matches (PEFT's rule for a string), or null
 * @param targetKinds kinds of layers to adapt
 * @param rankPattern regular expression to rank; the first key that a name, or its end after a dot, matches wins (PEFT, utils/other.py,
 *     get_pattern_key; a leading ^ anchors the key)
 * @param alphaPattern the same for alpha
 * @param modulesToSave names of layers that are trained whole instead, by the rule of {@code targetModules}: a new head, a norm
 * @param weightForm what an adapted layer computes with: W + s A B, or DoRA's normalised form of it
 */
public record LoraConfig(
        int rank,
        double alpha,
        Scaling scaling,
        double dropout,
        List<String> targetModules,
        @Nullable String targetPattern,
        Set<LayerKind> targetKinds,
        Map<String, Integer> rankPattern,
        Map<String, Double> alphaPattern,
        List<String> modulesToSave,
        WeightForm weightForm) {
    /** Checks the ranges and copies the collections. */
    public LoraConfig {
        checkRank(rank);
        checkAlpha(alpha);
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("dropout must be in [0, 1): " + dropout);
        }
        targetModules = List.copyOf(targetModules);
        targetKinds = Collections.unmodifiableSet(new LinkedHashSet<>(targetKinds));
        if (targetModules.isEmpty() && targetPattern == null && targetKinds.isEmpty()) {
            throw new IllegalArgumentException("targetModules must not be empty, unless a pattern or a kind is given");
        }
        rankPattern = Collections.unmodifiableMap(new LinkedHashMap<>(rankPattern));
        alphaPattern = Collections.unmodifiableMap(new LinkedHashMap<>(alphaPattern));
        modulesToSave = List.copyOf(modulesToSave);
        rankPattern.values().forEach(LoraConfig::checkRank);
        alphaPattern.values().forEach(LoraConfig::checkAlpha);
        rankPattern.keySet().forEach(LoraConfig::keyPattern);
        alphaPattern.keySet().forEach(LoraConfig::keyPattern);
        if (targetPattern != null) {
            compile(targetPattern);
        }
    }

    /**
     * Targets by name, one rank and one alpha for all, the plain weight form.
     *
     * @param rank r, at least 1
     * @param alpha the scaling's numerator, greater than 0
     * @param scaling how alpha and r give s
     * @param dropout in [0, 1)
     * @param targetModules names of the layers to adapt, at least one
     */
    public LoraConfig(int rank, double alpha, Scaling scaling, double dropout, List<String> targetModules) {
        this(
                rank,
                alpha,
                scaling,
                dropout,
                targetModules,
                null,
                Set.of(),
                Map.of(),
                Map.of(),
                List.of(),
                WeightForm.PLAIN);
    }

    private static void checkRank(int rank) {
        if (rank < 1) {
            throw new IllegalArgumentException("rank must be at least 1: " + rank);
        }
    }

    private static void checkAlpha(double alpha) {
        if (!(alpha > 0) || Double.isInfinite(alpha)) {
            throw new IllegalArgumentException("alpha must be greater than 0: " + alpha);
        }
    }

    private static Pattern compile(String regex) {
        try {
            return Pattern.compile(regex);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    "not a regular expression: " + regex + " (" + e.getDescription() + ")", e);
        }
    }

    /**
     * What a key of {@link #rankPattern} or {@link #alphaPattern} means.
     *
     * @param key a regular expression
     * @return the pattern that the whole name of a layer matches if the key names it ({@link #matchesKey})
     * @throws IllegalArgumentException if it is no regular expression
     */
    public static Pattern keyPattern(String key) {
        return compile("(.*\\.)?(" + key + ")");
    }

    /**
     * A new builder.
     *
     * @return PEFT's defaults: rank 8, alpha 8, scaling alpha/r, no dropout, the plain weight form, no target yet
     */
    public static LoraConfigBuilder builder() {
        return new LoraConfigBuilder();
    }

    /**
     * The factor s of y = x (W + s A B), where no pattern says otherwise.
     *
     * @return s
     */
    public double scale() {
        return scaling.factor(alpha, rank);
    }

    /**
     * This configuration with the rank and alpha that the patterns give one layer.
     *
     * @param layer a layer's name
     * @return the same object if no pattern matches
     */
    public LoraConfig forLayer(String layer) {
        Integer ownRank = firstMatch(rankPattern, layer);
        Double ownAlpha = firstMatch(alphaPattern, layer);
        if (ownRank == null && ownAlpha == null) {
            return this;
        }
        return new LoraConfig(
                ownRank == null ? rank : ownRank,
                ownAlpha == null ? alpha : ownAlpha,
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

    private static <V> @Nullable V firstMatch(Map<String, V> pattern, String layer) {
        for (Map.Entry<String, V> e : pattern.entrySet()) {
            if (matchesKey(e.getKey(), layer)) {
                return e.getValue();
            }
        }
        return null;
    }

    /**
     * Whether a key of {@link #rankPattern} or {@link #alphaPattern} names a layer.
     *
     * @param key a regular expression
     * @param layer a layer's name
     * @return true if the name, or its end after a dot, matches the key
     */
    public static boolean matchesKey(String key, String layer) {
        return keyPattern(key).matcher(layer).matches();
    }

    /**
     * Whether a target entry names a layer.
     *
     * @param entry an entry of {@link #targetModules()}
     * @param layer a layer's (vertex's) name
     * @return true if the name equals the entry or ends with a dot and the entry
     */
    public static boolean matches(String entry, String layer) {
        return layer.equals(entry) || layer.endsWith("." + entry);
    }

    /**
     * Whether {@link #targetPattern()} names a layer.
     *
     * @param layer a layer's name
     * @return true if there is a pattern and the whole name matches it
     */
    public boolean matchesPattern(String layer) {
        return targetPattern != null && compile(targetPattern).matcher(layer).matches();
    }

    /**
     * Whether a layer is trained whole.
     *
     * @param layer a layer's name
     * @return true if {@link #modulesToSave()} names it
     */
    public boolean saves(String layer) {
        return modulesToSave.stream().anyMatch(entry -> matches(entry, layer));
    }
}
