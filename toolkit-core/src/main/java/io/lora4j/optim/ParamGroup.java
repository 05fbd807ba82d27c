package io.lora4j.optim;

/**
 * Parameters that share a learning rate and a decision on weight decay.
 *
 * @param name the group's name in reports, e.g. {@code groupB_no_decay}
 * @param lrMultiplier factor of the base learning rate, at least 0
 * @param decay whether the weight decay applies
 */
public record ParamGroup(String name, double lrMultiplier, boolean decay) {
    /** Checks the multiplier. */
    public ParamGroup {
        if (!(lrMultiplier >= 0 && lrMultiplier < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("learning rate multiplier must be at least 0: " + lrMultiplier);
        }
    }
}
