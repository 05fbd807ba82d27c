package io.lora4j.models.family;

import io.lora4j.models.encoder.ConfigFile;
import io.lora4j.models.encoder.EmbeddingRows;
import io.lora4j.models.encoder.EncoderBuilder;
import io.lora4j.models.encoder.EncoderConfig;
import io.lora4j.models.encoder.EncoderFamily;
import java.util.List;
import org.nd4j.linalg.activations.Activation;

/**
 * RoBERTa (Liu et al., arXiv 1907.11692) and XLM-RoBERTa (Conneau et al., arXiv 1911.02116), which differ in vocabulary and tokenizer only;
 * Hugging Face {@code RobertaForSequenceClassification} and {@code XLMRobertaForSequenceClassification}, whose modules both start with
 * {@code roberta}.
 *
 * <p>{@link BertLayers} on other embeddings: positions are counted from {@code pad_token_id + 1}, so two rows of the position table are not
 * positions; every token is of type 0. The head is {@code classifier}: dropout, {@code classifier.dense} [H, H] with tanh, dropout, {@code
 * classifier.out_proj}; all of it is new, is trained and is one module to PEFT. The checkpoint's own pooler is not used.
 *
 * <p>Source: huggingface/transformers, {@code src/transformers/models/roberta/modeling_roberta.py}.
 */
final class RobertaFamily implements EncoderFamily {
    private static final int PAD = 1;

    private final String modelType;

    /**
     * @param modelType {@code roberta} or {@code xlm-roberta}
     */
    RobertaFamily(String modelType) {
        this.modelType = modelType;
    }

    @Override
    public String modelType() {
        return modelType;
    }

    @Override
    public String prefix() {
        return "roberta.";
    }

    @Override
    public EncoderConfig read(ConfigFile json) {
        json.require(BertLayers.REQUIRED);
        json.refuseOther("position_embedding_type", "absolute");
        json.refuseOther("is_decoder", "false");
        json.refuseOther("add_cross_attention", "false");
        int pad = json.integer("pad_token_id", PAD);
        double hiddenDropout = json.number("hidden_dropout_prob", 0.1);
        return new EncoderConfig(
                this,
                json.integer("vocab_size"),
                json.integer("hidden_size"),
                json.integer("hidden_size"),
                json.integer("num_hidden_layers"),
                json.integer("num_attention_heads"),
                json.integer("intermediate_size"),
                json.integer("max_position_embeddings") - (pad + 1),
                json.integer("type_vocab_size", 2),
                pad,
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
        EmbeddingRows rows = new EmbeddingRows(
                config.vocabSize(),
                config.hiddenSize(),
                config.maxPositions() + config.padTokenId() + 1,
                config.typeVocabSize(),
                true,
                config.padTokenId());
        String embeddings = graph.embeddings("roberta.embeddings", rows);
        String first =
                graph.norm("roberta.embeddings.LayerNorm", config.hiddenSize(), 0, config.hiddenDropout(), embeddings);
        return BertLayers.add(graph, prefix(), first);
    }

    @Override
    public void head(EncoderBuilder graph, String features) {
        String dense = graph.headLinear(
                "classifier.dense", Activation.TANH, graph.headDropout("classifier.dropout.0", features));
        graph.output("classifier.out_proj", graph.headDropout("classifier.dropout.1", dense));
    }

    @Override
    public List<String> allLinear() {
        return BertLayers.ALL_LINEAR;
    }

    @Override
    public List<String> unusedTensors() {
        return List.of("lm_head.", "pooler.");
    }
}
