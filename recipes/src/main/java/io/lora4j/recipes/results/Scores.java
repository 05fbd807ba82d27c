package io.lora4j.recipes.results;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The figures that results can have, by the names under which {@code result.json} keeps them. */
public final class Scores {
    /** Fraction of correct predictions. */
    public static final String ACCURACY = "accuracy";

    /** F1 of class 1, or the mean over classes. */
    public static final String F1 = "f1";

    /** Matthews correlation. */
    public static final String MATTHEWS = "matthews";

    /** Pearson's correlation. */
    public static final String PEARSON = "pearson";

    /** Spearman's rank correlation. */
    public static final String SPEARMAN = "spearman";

    /** All figures, in the order of columns. */
    public static final List<String> NAMES = List.of(ACCURACY, F1, MATTHEWS, PEARSON, SPEARMAN);

    /** What joins a figure and the further dev file it was measured on, as in {@code accuracy_mismatched}. */
    static final String ON = "_";

    private static final String DEV = "dev";

    private Scores() {}

    /**
     * The scores of a trial on all its dev files.
     *
     * @param result a {@code result.json}, with {@code dev} and, for MNLI, {@code dev_mismatched}
     */
    static Map<String, Double> ofTrial(Fields result) {
        Map<String, Double> scores = new LinkedHashMap<>(of(result.object(DEV)));
        for (String name : result.names()) {
            if (name.startsWith(DEV + ON)) {
                of(result.object(name)).forEach((figure, value) -> scores.put(figure + name.substring(3), value));
            }
        }
        return scores;
    }

    /** The figures of an object, each a fraction; at least one. */
    static Map<String, Double> of(Fields object) {
        Map<String, Double> scores = new LinkedHashMap<>();
        for (String name : NAMES) {
            if (object.has(name)) {
                double value = object.number(name);
                boolean share = name.equals(ACCURACY) || name.equals(F1);
                // Correlations are sums in floating point.
                if (value > 1 + 1e-9 || value < (share ? 0 : -1 - 1e-9)) {
                    throw object.damaged("has \"" + name + "\" " + value + ", which is no such figure");
                }
                scores.put(name, value);
            }
        }
        if (scores.isEmpty()) {
            throw object.damaged("has none of the figures " + String.join(", ", NAMES));
        }
        return scores;
    }

    static Map<String, Double> copy(Map<String, Double> scores) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(scores));
    }
}
