package io.lora4j.datasets;

/** The figures by which GLUE ranks its tasks. */
public enum Metric {
    /** Share of correct predictions. */
    ACCURACY,
    /** F1 of class 1. */
    F1,
    /** Matthews correlation coefficient. */
    MATTHEWS,
    /** Pearson's correlation of scores. */
    PEARSON,
    /** Spearman's rank correlation of scores. */
    SPEARMAN
}
