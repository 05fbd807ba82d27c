package io.lora4j.models.family;

import io.lora4j.models.encoder.ConfigFile;
import io.lora4j.models.encoder.EmbeddingRows;
import io.lora4j.models.encoder.EncoderBuilder;
import io.lora4j.models.encoder.EncoderConfig;
import io.lora4j.models.encoder.EncoderFamily;
import io.lora4j.models.encoder.HiddenActivation;
import java.util.List;
import org.nd4j.linalg.activations.Activation;

/**
 * ELECTRA (Clark et al., arXiv 2003.10555; Hugging Face {@code ElectraForSequenceClassification}): {@link BertLayers} on embeddings of {@code
 * embedding_size} columns, which {@code electra.embeddings_project} turns to rows of H if the two differ; no pooler.
 *
 * <p>The head is {@code classifier}: dropout, {@code classifier.dense} [H, H] with GELU (always, whatever {@code hidden_act} says), dropout,
 * {@code classifier.out_proj}; all of it is new, is trained and is one module to PEFT.
 *
 * <p>Source: huggingface/transformers, {@code src/transformers/models/electra/modeling_electra.py}.
 */
final class ElectraFamily implements EncoderFamily {
    @Override
    public String modelType() {
        return "electra";
    }

    @Override
    public String prefix() {
        return "electra.";
    }

    @Override
    public EncoderConfig read(ConfigFile json) {
        json.require(BertLayers.REQUIRED);
        json.require("embedding_size");
        json.refuseOther("position_embedding_type", "absolute");
        json.refuseOther("is_decoder", "false");
        json.refuseOther("add_cross_attention", "false");
        double hiddenDropout = json.number("hidden_dropout_prob", 0.1);
        return new EncoderConfig(
                this,
                json.integer("vocab_size"),
                json.integer("embedding_size"),
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
        int columns = config.embeddingSize();
        String embeddings = graph.embeddings(
                "electra.embeddings",
                new EmbeddingRows(config.vocabSize(), columns, config.maxPositions(), config.typeVocabSize()));
        String rows = graph.norm("electra.embeddings.LayerNorm", columns, 0, config.hiddenDropout(), embeddings);
        if (columns != config.hiddenSize()) {
            rows = graph.linear("electra.embeddings_project", columns, config.hiddenSize(), rows);
        }
        return BertLayers.add(graph, prefix(), rows);
    }

    @Override
    public void head(EncoderBuilder graph, String features) {
        String dense = graph.headLinear(
                "classifier.dense", Activation.IDENTITY, graph.headDropout("classifier.dropout.0", features));
        String activated = graph.activation("classifier.activation", HiddenActivation.GELU, dense);
        graph.output("classifier.out_proj", graph.headDropout("classifier.dropout.1", activated));
    }

    @Override
    public List<String> allLinear() {
        return BertLayers.ALL_LINEAR;
    }

    @Override
    public List<String> unusedTensors() {
        return List.of("generator_predictions.", "generator_lm_head.", "discriminator_predictions.");
    }
}
