package io.lora4j.optim;

/** Where Adam adds epsilon. */
public enum EpsilonMode {
    /** To the bias-corrected root: sqrt(v) / sqrt(1 - beta2^t) + epsilon (Kingma and Ba, algorithm 1; torch). */
    TORCH,
    /** To the uncorrected root: sqrt(v) + epsilon (Kingma and Ba, end of section 2; ND4J's Adam). */
    ND4J
}
