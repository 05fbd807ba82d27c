package io.lora4j.models.encoder;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The functions inside a feed-forward block, by the names that {@code hidden_act} has in a {@code config.json} (huggingface/transformers,
 * {@code src/transformers/activations.py}, {@code ACT2FN}).
 */
public enum HiddenActivation {
    /** x Phi(x) with the error function (Hendrycks and Gimpel, arXiv 1606.08415). */
    GELU("gelu", "gelu_python"),
    /** The tanh form of the same paper: x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2. */
    GELU_TANH("gelu_new", "gelu_pytorch_tanh", "gelu_fast"),
    /** max(x, 0). */
    RELU("relu"),
    /** x / (1 + exp(-x)). */
    SILU("silu", "swish");

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final List<String> configNames;

    HiddenActivation(String... configNames) {
        this.configNames = List.of(configNames);
    }

    /**
     * The function of a name.
     *
     * @param configName as in {@code config.json}
     * @return the function, or null if the name is not known
     */
    public static @Nullable HiddenActivation find(String configName) {
        return Stream.of(values())
                .filter(activation -> activation.configNames.contains(configName))
                .findFirst()
                .orElse(null);
    }

    /**
     * All names that {@link #find} knows.
     *
     * @return the names, function by function
     */
    public static List<String> names() {
        return Stream.of(values()).flatMap(a -> a.configNames.stream()).toList();
    }
}
