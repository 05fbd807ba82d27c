package io.lora4j.optim;

/**
 * LoRA+: the factor B learns {@code ratio} times faster than A (Hayou, Ghosh and Yu, arXiv 2402.12354; groups as in the authors'
 * {@code lora_plus.py} and PEFT's {@code optimizers/loraplus.py}).
 *
 * <p>In this order: {@code loraB} gets base rate * ratio, with decay; any other parameter of one dimension gets base rate * ratio
 * without decay; everything else (loraA, a classifier's weight) gets the base rate, with decay. So a trainable classifier's weight
 * learns at the base rate and its bias at ratio times it, as in the authors' code.
 *
 * @param ratio B's rate over A's, greater than 0; the authors' and LoRA-One's configurations have 16
 */
public record LoraPlusGroups(double ratio) implements ParameterGroups {
    /** Checks the ratio. */
    public LoraPlusGroups {
        if (!(ratio > 0) || Double.isInfinite(ratio)) {
            throw new IllegalArgumentException("LoRA+ ratio must be greater than 0: " + ratio);
        }
    }

    @Override
    public ParamGroup groupOf(String layer, String param, boolean vector) {
        if (param.equals(LORA_B)) {
            return new ParamGroup("groupB", ratio, true);
        }
        return vector ? new ParamGroup("groupB_no_decay", ratio, false) : new ParamGroup("groupA", 1, true);
    }
}
