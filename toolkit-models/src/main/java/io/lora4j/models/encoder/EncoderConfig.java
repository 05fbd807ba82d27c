package io.lora4j.models.encoder;

import java.util.Objects;

/**
 * The shape of a pre-trained encoder, whatever its family: what a {@code config.json} says, in one vocabulary.
 *
 * <p>{@code io.lora4j.models.family.EncoderFamilies} reads it; {@link EncoderGraph} builds it. The names in quotes are BERT's keys; a
 * family whose {@code config.json} has others ({@code dim}, {@code n_layers}) translates them. Messages use BERT's.
 *
 * @param family whose layers, names and head these are
 * @param vocabSize {@code vocab_size}: number of token ids
 * @param embeddingSize {@code embedding_size}: columns of the embedding tables; {@code hiddenSize} unless the family projects them
 * @param hiddenSize {@code hidden_size}: H, columns of a row
 * @param layers {@code num_hidden_layers}
 * @param heads {@code num_attention_heads}: divides H
 * @param intermediateSize {@code intermediate_size}: columns inside the feed-forward block
 * @param maxPositions the longest sequence; {@code max_position_embeddings}, less the rows that a family keeps for padding
 * @param typeVocabSize {@code type_vocab_size}: number of token types; 0 if there is no such table
 * @param padTokenId {@code pad_token_id}: the padding token's id; -1 if the family does not use it
 * @param layerNormEps {@code layer_norm_eps}
 * @param hiddenAct {@code hidden_act}: the function inside the feed-forward block
 * @param hiddenDropout {@code hidden_dropout_prob}: of embeddings and block outputs in training
 * @param attentionDropout {@code attention_probs_dropout_prob}: of attention probabilities in training
 * @param classifierDropout {@code classifier_dropout}: in the head, in training
 * @param initializerRange {@code initializer_range}: standard deviation of new weights
 */
public record EncoderConfig(
        EncoderFamily family,
        int vocabSize,
        int embeddingSize,
        int hiddenSize,
        int layers,
        int heads,
        int intermediateSize,
        int maxPositions,
        int typeVocabSize,
        int padTokenId,
        double layerNormEps,
        HiddenActivation hiddenAct,
        double hiddenDropout,
        double attentionDropout,
        double classifierDropout,
        double initializerRange) {

    /** Checks the ranges. */
    public EncoderConfig {
        Objects.requireNonNull(family, "family");
        Objects.requireNonNull(hiddenAct, "hiddenAct");
        positive("vocab_size", vocabSize);
        positive("embedding_size", embeddingSize);
        positive("hidden_size", hiddenSize);
        positive("num_hidden_layers", layers);
        positive("num_attention_heads", heads);
        positive("intermediate_size", intermediateSize);
        positive("max_position_embeddings", maxPositions);
        check(typeVocabSize >= 0, "type_vocab_size must not be negative: " + typeVocabSize);
        check(padTokenId >= -1 && padTokenId < vocabSize, "pad_token_id must be a token id: " + padTokenId);
        check(hiddenSize % heads == 0, "num_attention_heads " + heads + " does not divide hidden_size " + hiddenSize);
        check(layerNormEps > 0, "layer_norm_eps must be greater than 0: " + layerNormEps);
        rate("hidden_dropout_prob", hiddenDropout);
        rate("attention_probs_dropout_prob", attentionDropout);
        rate("classifier_dropout", classifierDropout);
        check(initializerRange >= 0, "initializer_range must not be negative: " + initializerRange);
    }

    private static void positive(String key, int value) {
        check(value >= 1, key + " must be at least 1: " + value);
    }

    private static void rate(String key, double value) {
        check(value >= 0 && value < 1, key + " must be in [0, 1): " + value);
    }

    private static void check(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }

    /**
     * The same encoder with other dropout rates.
     *
     * @param hidden of embeddings and block outputs, in [0, 1)
     * @param attention of attention probabilities, in [0, 1)
     * @param classifier in the head, in [0, 1)
     * @return a changed copy
     */
    public EncoderConfig withDropout(double hidden, double attention, double classifier) {
        return new EncoderConfig(
                family,
                vocabSize,
                embeddingSize,
                hiddenSize,
                layers,
                heads,
                intermediateSize,
                maxPositions,
                typeVocabSize,
                padTokenId,
                layerNormEps,
                hiddenAct,
                hidden,
                attention,
                classifier,
                initializerRange);
    }
}
