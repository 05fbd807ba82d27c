package io.lora4j.models.peft;

/** What PEFT calls files, tensors and settings; the one place that knows. Source: huggingface/peft 0.21, utils/save_and_load.py. */
final class PeftNames {
    static final String CONFIG = "adapter_config.json";
    static final String WEIGHTS = "adapter_model.safetensors";
    static final String PREFIX = "base_model.model.";
    static final String LORA_A = ".lora_A.weight";
    static final String LORA_B = ".lora_B.weight";
    static final String MAGNITUDE = ".lora_magnitude_vector";
    /** As PEFT wrote it before 0.10. */
    static final String OLD_MAGNITUDE = ".lora_magnitude_vector.weight";

    static final String BASE_BIAS = ".base_layer.bias";
    static final String BIAS = ".bias";
    static final String WEIGHT = ".weight";

    private static final int SHOWN = 200;

    private PeftNames() {}

    /** What a file says, short enough for a message. */
    static String shortened(String text) {
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "... (" + text.length() + " characters)";
    }

    /** The key of rank_pattern and alpha_pattern that matches one module and no other. */
    static String exactly(String module) {
        return "^" + module.replace(".", "\\.");
    }
}
