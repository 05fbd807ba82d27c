package io.lora4j.models;

import io.lora4j.adapter.FrozenWeights;
import io.lora4j.error.UserException;
import io.lora4j.models.encoder.EncoderConfig;
import io.lora4j.models.encoder.EncoderTensors;
import io.lora4j.models.encoder.Pooling;
import io.lora4j.models.tokenizer.TextTokenizer;
import java.nio.file.Path;

/**
 * A loaded pre-trained encoder.
 *
 * <p>As long as somebody holds this object, everybody in the process who loads the same name in the same data type gets it too:
 * arrays must not be written and the tokenizer must not be closed. Memory is freed when nobody holds it or its parts.
 *
 * @param name the short name, or the folder's path as it was given
 * @param folder where the files are
 * @param sha256 checksum of {@code model.safetensors}
 * @param config the encoder's family and sizes
 * @param weights the frozen arrays, by Hugging Face name with the family's prefix ({@code bert.}) in front
 * @param tokenizer turns text into ids of this model's vocabulary
 */
public record PretrainedModel(
        String name, Path folder, String sha256, EncoderConfig config, FrozenWeights weights, TextTokenizer tokenizer) {
    /**
     * Checks that this checkpoint has what a pooling goes through: sentence encoders are often published without the pooler that their
     * family's classifier has.
     *
     * @param pooling how sequences become vectors
     * @throws UserException if an array is missing; the message says which, and what to do
     */
    public void require(Pooling pooling) {
        EncoderTensors tensors = EncoderTensors.of(config);
        for (String canonical : tensors.pooler().keySet()) {
            String array = tensors.ours(canonical);
            if (pooling == Pooling.CLS && !weights.names().contains(array)) {
                throw new UserException("the model " + name + " has no pooler (" + array
                        + "), which the pooling cls goes through: set model.pooling=mean or model.pooling=first-token");
            }
        }
    }
}
