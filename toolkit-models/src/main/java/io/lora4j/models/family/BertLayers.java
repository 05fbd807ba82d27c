package io.lora4j.models.family;

import io.lora4j.models.encoder.EncoderBuilder;
import io.lora4j.models.encoder.EncoderConfig;
import java.util.List;
import java.util.Locale;

/**
 * The layers of BERT (Devlin et al., arXiv 1810.04805) under Hugging Face's names, which RoBERTa and ELECTRA share. Per layer i, with
 * the prefix {@code encoder.layer.i.}:
 *
 * <pre>
 * attention.self.query|key|value      linear   rows -> rows
 * attention.self                      softmax(Q K^T / sqrt d) V per head and sequence
 * attention.output.dense              linear
 * attention.output.LayerNorm          norm(dropout(dense) + rows)
 * intermediate.dense, intermediate    linear [H, F], activation
 * output.dense                        linear [F, H]
 * output.LayerNorm                    norm(dropout(dense) + attention.output.LayerNorm)
 * </pre>
 *
 * <p>Source: huggingface/transformers, {@code src/transformers/models/bert/modeling_bert.py}, {@code BertLayer}.
 */
final class BertLayers {
    /** The six linear maps of every layer; {@code output.dense} matches {@code attention.output.dense} too. */
    static final List<String> ALL_LINEAR =
            List.of("query", "key", "value", "attention.output.dense", "intermediate.dense", "output.dense");

    /** Keys of {@code config.json} without which there is no encoder. */
    static final String[] REQUIRED = {
        "vocab_size",
        "hidden_size",
        "num_hidden_layers",
        "num_attention_heads",
        "intermediate_size",
        "max_position_embeddings"
    };

    private BertLayers() {}

    /** Adds all layers and returns the last one's rows. */
    static String add(EncoderBuilder graph, String prefix, String rows) {
        String last = rows;
        for (int i = 0; i < graph.config().layers(); i++) {
            last = layer(graph, i, String.format(Locale.ROOT, "%sencoder.layer.%d.", prefix, i), last);
        }
        return last;
    }

    private static String layer(EncoderBuilder graph, int number, String prefix, String rows) {
        EncoderConfig config = graph.config();
        int h = config.hiddenSize();
        int inner = config.intermediateSize();
        String self = prefix + "attention.self";
        String passing = graph.passing(number, rows);
        graph.attention(
                self,
                number,
                graph.linear(self + ".query", h, h, passing),
                graph.linear(self + ".key", h, h, rows),
                graph.linear(self + ".value", h, h, rows));
        String context = graph.linear(prefix + "attention.output.dense", h, h, self);
        String attended =
                graph.norm(prefix + "attention.output.LayerNorm", h, config.hiddenDropout(), 0, context, passing);

        String expanded = graph.linear(prefix + "intermediate.dense", h, inner, attended);
        String activated = graph.activation(prefix + "intermediate", config.hiddenAct(), expanded);
        String outer = graph.linear(prefix + "output.dense", inner, h, activated);
        return graph.norm(prefix + "output.LayerNorm", h, config.hiddenDropout(), 0, outer, attended);
    }
}
