package io.lora4j.models.bert;

/** How the rows of a sequence become one vector. */
public enum Pooling {
    /** The first token's row, through BERT's pooler (a dense layer with tanh), as in {@code BertForSequenceClassification}. */
    CLS,
    /** The mean over the rows of all real tokens, without the pooler, as sentence encoders do. */
    MEAN
}
