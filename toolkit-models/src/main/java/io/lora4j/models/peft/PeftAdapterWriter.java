package io.lora4j.models.peft;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lora4j.adapter.Scaling;
import io.lora4j.error.UserException;
import io.lora4j.models.checkpoint.AtomicFile;
import io.lora4j.models.checkpoint.JsonFiles;
import io.lora4j.models.checkpoint.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Writes a sequence classifier's adapter as PEFT's {@code PeftModel.from_pretrained} reads it.
 *
 * <p>{@code adapter_model.safetensors} has, per layer, {@code base_model.model.LAYER.lora_A.weight} [r, in] and {@code
 * ...lora_B.weight} [out, r], the transposes of this project's A and B, and {@code base_model.model.classifier.weight} [labels, H] and
 * {@code .bias}. {@code adapter_config.json} has the keys that PEFT has had since its first releases; {@code init_lora_weights} is always
 * true, because every other value makes PEFT refuse the file or change the base weights when it loads. Layers are named in full in
 * {@code target_modules}: a short name could match a module here and another one there. Where the adapter came from stands in
 * {@code lora4j_provenance.json}, which PEFT ignores.
 *
 * <p>Source: huggingface/peft 0.21, {@code utils/save_and_load.py} and {@code tuners/lora/config.py}; verified by loading.
 */
public final class PeftAdapterWriter {
    /** Name of the settings' file. */
    public static final String CONFIG = "adapter_config.json";
    /** Name of the weights' file. */
    public static final String WEIGHTS = "adapter_model.safetensors";
    /** Name of the file that says where the adapter came from. */
    public static final String PROVENANCE = "lora4j_provenance.json";

    private static final String PREFIX = "base_model.model.";
    private static final JsonMapper MAPPER = new JsonMapper();

    private PeftAdapterWriter() {}

    /**
     * Writes the three files, the settings last: a folder that has them is complete.
     *
     * @param folder made if need be; existing files of these names are replaced
     * @param adapter what to write; arrays are only read and stored in their own data type
     * @param baseModel PEFT's {@code base_model_name_or_path}: a hub name or a folder
     * @param provenance strings, numbers, booleans, lists and maps of them
     * @throws UserException if the disk refuses
     * @throws IllegalArgumentException if {@code provenance} holds anything else
     */
    public static void write(Path folder, PeftAdapter adapter, String baseModel, Map<String, ?> provenance) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UserException("cannot make the folder " + folder + ": " + AtomicFile.reason(e), e);
        }
        SafetensorsWriter.write(folder.resolve(WEIGHTS), tensors(adapter), Map.of("format", "pt"));
        JsonFiles.write(folder.resolve(PROVENANCE), MAPPER.valueToTree(provenance));
        JsonFiles.write(folder.resolve(CONFIG), config(adapter, baseModel));
    }

    private static Map<String, INDArray> tensors(PeftAdapter adapter) {
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        adapter.layers().forEach((name, factors) -> {
            tensors.put(PREFIX + name + ".lora_A.weight", factors.a().transpose());
            tensors.put(PREFIX + name + ".lora_B.weight", factors.b().transpose());
        });
        tensors.put(PREFIX + "classifier.weight", adapter.headWeight().transpose());
        tensors.put(
                PREFIX + "classifier.bias",
                adapter.headBias().reshape(adapter.headBias().length()));
        return tensors;
    }

    /** Keys in PEFT's own order, which is alphabetical. */
    private static ObjectNode config(PeftAdapter adapter, String baseModel) {
        ObjectNode config = JsonNodeFactory.instance.objectNode();
        config.putObject("alpha_pattern");
        config.put("base_model_name_or_path", baseModel);
        config.put("bias", "none");
        config.put("fan_in_fan_out", false);
        config.put("inference_mode", true);
        config.put("init_lora_weights", true);
        config.putNull("layers_pattern");
        config.putNull("layers_to_transform");
        if (adapter.alpha() == Math.rint(adapter.alpha())) {
            config.put("lora_alpha", (long) adapter.alpha());
        } else {
            config.put("lora_alpha", adapter.alpha());
        }
        config.put("lora_dropout", adapter.dropout());
        // PEFT adds both names itself for a sequence classifier; without the head the file would not load.
        config.putArray("modules_to_save").add("classifier").add("score");
        config.put("peft_type", "LORA");
        config.put("r", adapter.rank());
        config.putObject("rank_pattern");
        config.putNull("revision");
        ArrayNode targets = config.putArray("target_modules");
        new TreeSet<>(adapter.layers().keySet()).forEach(targets::add);
        config.put("task_type", "SEQ_CLS");
        config.put("use_dora", false);
        config.put("use_rslora", adapter.scaling() == Scaling.RSLORA);
        return config;
    }
}
