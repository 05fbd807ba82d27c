package io.lora4j.models.tensorflow;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * TensorFlow's names of a BERT's variables and what Hugging Face calls them.
 *
 * <p>Source of the correspondence: huggingface/transformers, {@code load_tf_weights_in_bert} in {@code
 * src/transformers/models/bert/modeling_bert.py}: {@code kernel} is a weight the other way round, {@code gamma} and {@code beta} are
 * LayerNorm's weight and bias, {@code output_weights} is a weight as it stands.
 */
final class BertVariables {
    /** The variable by which a prefix in front of all names is found. */
    static final String WORDS = "bert/embeddings/word_embeddings";

    private static final Pattern KNOWN = Pattern.compile("bert/embeddings/(word|position|token_type)_embeddings"
            + "|bert/(embeddings|encoder/layer_\\d{1,4}/(attention/)?output)/LayerNorm/(gamma|beta)"
            + "|bert/encoder/layer_\\d{1,4}/(attention/self/(query|key|value)|(attention/)?output/dense|intermediate/dense)"
            + "/(kernel|bias)"
            + "|bert/pooler/dense/(kernel|bias)"
            + "|cls/predictions/(transform/(dense/(kernel|bias)|LayerNorm/(gamma|beta))|output_bias)"
            + "|cls/seq_relationship/output_(weights|bias)");

    /** What training leaves behind: counters and the optimiser's averages. */
    private static final Pattern IGNORED =
            Pattern.compile("global_step|.*/adam_[mv]|.*/Adam(_1)?|beta[12]_power|_CHECKPOINTABLE_OBJECT_GRAPH");

    private static final Pattern LAYER = Pattern.compile("layer_(\\d+)");

    private BertVariables() {}

    /** Whether a variable is none of the model's own. */
    static boolean isIgnored(String name) {
        return IGNORED.matcher(name).matches();
    }

    /** Whether a matrix stands the other way round than in Hugging Face's files. */
    static boolean isTransposed(String name) {
        return name.endsWith("/kernel");
    }

    /** Hugging Face's name of a variable without its prefix, or null if no BERT has such a variable. */
    static @Nullable String huggingFaceName(String name) {
        if (!KNOWN.matcher(name).matches()) {
            return null;
        }
        Matcher layer = LAYER.matcher(name);
        String dotted = (layer.find() ? layer.replaceFirst("layer.$1") : name).replace('/', '.');
        int last = dotted.lastIndexOf('.') + 1;
        return dotted.substring(0, last)
                + switch (dotted.substring(last)) {
                    case "kernel", "gamma", "output_weights" -> "weight";
                    case "beta", "output_bias" -> "bias";
                    case "bias" -> "bias";
                    default -> dotted.substring(last) + ".weight";
                };
    }
}
