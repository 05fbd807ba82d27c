package io.lora4j.optim;

/**
 * LoRA-FA's parameters: A learns at rate 0 without decay, and so without optimiser state ({@link GroupedOptimizer}); everything else at
 * the base rate, with decay on matrices and, if asked for, on vectors ({@link UniformGroups}). To be used with {@link LoraFa}.
 *
 * @param decayVectors as in {@link UniformGroups}
 */
public record LoraFaGroups(boolean decayVectors) implements ParameterGroups {
    private static final ParamGroup FROZEN = new ParamGroup("frozen", 0, false);

    @Override
    public ParamGroup groupOf(String layer, String param, boolean vector) {
        return param.equals(LORA_A) ? FROZEN : new UniformGroups(decayVectors).groupOf(layer, param, vector);
    }
}
