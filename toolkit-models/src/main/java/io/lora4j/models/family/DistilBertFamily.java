package io.lora4j.models.family;

import io.lora4j.models.encoder.ConfigFile;
import io.lora4j.models.encoder.EmbeddingRows;
import io.lora4j.models.encoder.EncoderBuilder;
import io.lora4j.models.encoder.EncoderConfig;
import io.lora4j.models.encoder.EncoderFamily;
import java.util.List;
import java.util.Locale;
import org.nd4j.linalg.activations.Activation;

/**
 * DistilBERT (Sanh et al., arXiv 1910.01108; Hugging Face {@code DistilBertForSequenceClassification}): BERT without token types and pooler.
 * Per layer i, with the prefix {@code distilbert.transformer.layer.i.}:
 *
 * <pre>
 * attention.q_lin|k_lin|v_lin     linear
 * attention                       softmax(Q K^T / sqrt d) V per head and sequence
 * attention.out_lin               linear, no dropout after it
 * sa_layer_norm                   norm(out_lin + rows)
 * ffn.lin1, ffn.activation        linear [H, F], activation
 * ffn.lin2                        linear [F, H]
 * output_layer_norm               norm(dropout(lin2) + sa_layer_norm)
 * </pre>
 *
 * <p>The head is {@code pre_classifier} [H, H] with ReLU, dropout ({@code seq_classif_dropout}), {@code classifier}; both layers are new and
 * both are trained. PEFT's default for sequence classification saves {@code classifier} alone, so an adapter must name {@code
 * pre_classifier} in its {@code modules_to_save}, as those written here do.
 *
 * <p>Source: huggingface/transformers, {@code src/transformers/models/distilbert/modeling_distilbert.py}; epsilon is 1e-12 there, whatever
 * the configuration says.
 */
final class DistilBertFamily implements EncoderFamily {
    @Override
    public String modelType() {
        return "distilbert";
    }

    @Override
    public String prefix() {
        return "distilbert.";
    }

    @Override
    public EncoderConfig read(ConfigFile json) {
        json.require("vocab_size", "dim", "n_layers", "n_heads", "hidden_dim", "max_position_embeddings");
        return new EncoderConfig(
                this,
                json.integer("vocab_size"),
                json.integer("dim"),
                json.integer("dim"),
                json.integer("n_layers"),
                json.integer("n_heads"),
                json.integer("hidden_dim"),
                json.integer("max_position_embeddings"),
                0,
                EmbeddingRows.FROM_ZERO,
                1e-12,
                json.activation("activation"),
                json.number("dropout", 0.1),
                json.number("attention_dropout", 0.1),
                json.number("seq_classif_dropout", 0.2),
                json.number("initializer_range", 0.02));
    }

    @Override
    public String encode(EncoderBuilder graph) {
        EncoderConfig config = graph.config();
        String embeddings = graph.embeddings(
                "distilbert.embeddings",
                new EmbeddingRows(config.vocabSize(), config.hiddenSize(), config.maxPositions(), 0));
        String rows = graph.norm(
                "distilbert.embeddings.LayerNorm", config.hiddenSize(), 0, config.hiddenDropout(), embeddings);
        for (int i = 0; i < config.layers(); i++) {
            rows = layer(graph, i, String.format(Locale.ROOT, "distilbert.transformer.layer.%d.", i), rows);
        }
        return rows;
    }

    private static String layer(EncoderBuilder graph, int number, String prefix, String rows) {
        EncoderConfig config = graph.config();
        int h = config.hiddenSize();
        int inner = config.intermediateSize();
        String attention = prefix + "attention";
        String passing = graph.passing(number, rows);
        graph.attention(
                attention,
                number,
                graph.linear(attention + ".q_lin", h, h, passing),
                graph.linear(attention + ".k_lin", h, h, rows),
                graph.linear(attention + ".v_lin", h, h, rows));
        String context = graph.linear(attention + ".out_lin", h, h, attention);
        String attended = graph.norm(prefix + "sa_layer_norm", h, 0, 0, context, passing);

        String expanded = graph.linear(prefix + "ffn.lin1", h, inner, attended);
        String activated = graph.activation(prefix + "ffn.activation", config.hiddenAct(), expanded);
        String outer = graph.linear(prefix + "ffn.lin2", inner, h, activated);
        return graph.norm(prefix + "output_layer_norm", h, config.hiddenDropout(), 0, outer, attended);
    }

    @Override
    public void head(EncoderBuilder graph, String features) {
        String dense = graph.headLinear("pre_classifier", Activation.RELU, features);
        graph.output("classifier", graph.headDropout("dropout", dense));
    }

    @Override
    public List<String> allLinear() {
        return List.of("q_lin", "k_lin", "v_lin", "out_lin", "lin1", "lin2");
    }

    @Override
    public List<String> unusedTensors() {
        return List.of("vocab_transform.", "vocab_layer_norm.", "vocab_projector.");
    }
}
