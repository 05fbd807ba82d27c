package io.lora4j.optim;

/**
 * One learning rate for all parameters; weight decay on matrices and, if asked for, on vectors.
 *
 * @param decayVectors false leaves biases and LayerNorm parameters without decay, as BERT's authors and Hugging Face's Trainer do
 *     ({@code get_decay_parameter_names}); true decays everything, as a plain {@code torch.optim.AdamW(model.parameters())}
 */
public record UniformGroups(boolean decayVectors) implements ParameterGroups {
    private static final ParamGroup DECAY = new ParamGroup("decay", 1, true);
    private static final ParamGroup NO_DECAY = new ParamGroup("no_decay", 1, false);

    @Override
    public ParamGroup groupOf(String layer, String param, boolean vector) {
        return vector && !decayVectors ? NO_DECAY : DECAY;
    }
}
