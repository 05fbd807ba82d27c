package io.lora4j.models.encoder;

/**
 * How the rows of a sequence become one vector, and what stands between that vector and the classes.
 *
 * <p>Only {@link #CLS} is a Hugging Face {@code ...ForSequenceClassification}: adapters trained with another choice load in other tools, but
 * their head does not mean there what it means here.
 */
public enum Pooling {
    /**
     * The first token's row through the family's own head, as in its {@code ...ForSequenceClassification}: BERT's pre-trained pooler and
     * one linear layer, RoBERTa's two layers, and so on ({@link EncoderFamily}).
     */
    CLS,
    /** The first token's row as it is, straight into one linear layer. */
    FIRST_TOKEN,
    /** The mean over the rows of all real tokens, as sentence encoders do, straight into one linear layer. */
    MEAN
}
