package io.lora4j.models.family;

import io.lora4j.models.encoder.ConfigFile;
import io.lora4j.models.encoder.EmbeddingRows;
import io.lora4j.models.encoder.EncoderBuilder;
import io.lora4j.models.encoder.EncoderConfig;
import io.lora4j.models.encoder.EncoderFamily;
import java.util.List;
import org.nd4j.linalg.activations.Activation;

/**
 * BERT (Devlin et al., arXiv 1810.04805; Hugging Face {@code BertModel} and {@code BertForSequenceClassification}): embeddings of words,
 * positions and token types, {@link BertLayers}, a pre-trained pooler ({@code bert.pooler.dense} with tanh), and as head dropout and
 * {@code classifier}. The pooler is frozen under adapters, as PEFT has it; a target that names it adapts it.
 */
final class BertFamily implements EncoderFamily {
    @Override
    public String modelType() {
        return "bert";
    }

    @Override
    public String prefix() {
        return "bert.";
    }

    @Override
    public EncoderConfig read(ConfigFile json) {
        json.require(BertLayers.REQUIRED);
        json.refuseOther("position_embedding_type", "absolute");
        json.refuseOther("is_decoder", "false");
        json.refuseOther("add_cross_attention", "false");
        double hiddenDropout = json.number("hidden_dropout_prob", 0.1);
        return new EncoderConfig(
                this,
                json.integer("vocab_size"),
                json.integer("hidden_size"),
                json.integer("hidden_size"),
                json.integer("num_hidden_layers"),
                json.integer("num_attention_heads"),
                json.integer("intermediate_size"),
                json.integer("max_position_embeddings"),
                json.integer("type_vocab_size", 2),
                EmbeddingRows.FROM_ZERO,
                json.number("layer_norm_eps", 1e-12),
                json.activation("hidden_act"),
                hiddenDropout,
                json.number("attention_probs_dropout_prob", 0.1),
                json.number("classifier_dropout", hiddenDropout),
                json.number("initializer_range", 0.02));
    }

    @Override
    public String encode(EncoderBuilder graph) {
        EncoderConfig config = graph.config();
        String embeddings = graph.embeddings(
                "bert.embeddings",
                new EmbeddingRows(
                        config.vocabSize(), config.hiddenSize(), config.maxPositions(), config.typeVocabSize()));
        String rows =
                graph.norm("bert.embeddings.LayerNorm", config.hiddenSize(), 0, config.hiddenDropout(), embeddings);
        return BertLayers.add(graph, prefix(), rows);
    }

    @Override
    public String pool(EncoderBuilder graph, String first) {
        int h = graph.config().hiddenSize();
        return graph.linear("bert.pooler.dense", h, h, Activation.TANH, first);
    }

    @Override
    public void head(EncoderBuilder graph, String features) {
        graph.output("classifier", graph.headDropout("dropout", features));
    }

    @Override
    public List<String> allLinear() {
        return BertLayers.ALL_LINEAR;
    }

    @Override
    public List<String> unusedTensors() {
        return List.of("cls.");
    }
}
