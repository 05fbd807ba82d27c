package io.lora4j.init;

/**
 * What to do with factor pairs for which the gradient has no direction left: its rank is smaller than the number of singular pairs
 * asked for. Such gradients are the rule in the last layer of a [CLS] classifier, where the rank is at most the number of
 * examples.
 */
public enum Refill {
    /** Give a dead pair the plain LoRA start, a Kaiming column of A and a zero row of B, so that it can learn. */
    KAIMING,
    /** Leave what the plain formula gives: zeros that never train, or null-space vectors. The reference implementations' way. */
    NONE
}
