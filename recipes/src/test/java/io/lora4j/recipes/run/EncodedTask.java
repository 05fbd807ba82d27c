package io.lora4j.recipes.run;

import io.lora4j.datasets.EncodedExample;
import io.lora4j.datasets.Example;
import io.lora4j.datasets.TokenCache;
import io.lora4j.models.PretrainedModel;
import java.util.List;

/** A run's token ids, for another program. */
public final class EncodedTask {
    private EncodedTask() {}

    /**
     * Encodes as a run does.
     *
     * @param examples one or more examples
     * @param model whose tokenizer
     * @param maxLength the most tokens of an example
     * @param cache keeps them
     * @return one encoded example each, in order
     */
    public static List<EncodedExample> encode(
            List<Example> examples, PretrainedModel model, int maxLength, TokenCache cache) {
        return cache.encode(examples, model.tokenizer().sha256(), maxLength, Workbench.encoder(model.tokenizer()));
    }
}
