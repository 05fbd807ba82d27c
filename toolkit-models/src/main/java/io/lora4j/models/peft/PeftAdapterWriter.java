package io.lora4j.models.peft;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lora4j.adapter.Scaling;
import io.lora4j.adapter.WeightForm;
import io.lora4j.error.UserException;
import io.lora4j.models.checkpoint.AtomicFile;
import io.lora4j.models.checkpoint.JsonFiles;
import io.lora4j.models.checkpoint.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Writes a sequence classifier's adapter as PEFT's {@code PeftModel.from_pretrained} reads it.
 *
 * <p>{@code adapter_model.safetensors} has, per layer, {@code base_model.model.LAYER.lora_A.weight} [r, in] and {@code
 * ...lora_B.weight} [out, r], the transposes of this project's A and B, for DoRA {@code ...lora_magnitude_vector} [out], and the head,
 * {@code base_model.model.classifier.weight} [labels, H] and {@code .bias}. {@code adapter_config.json} has the keys that PEFT has had since
 * its first releases; {@code init_lora_weights} is always true, because every other value makes PEFT refuse the file or change the base
 * weights when it loads. Layers are named in full in {@code target_modules}: a short name could match a module here and another one there.
 * Layers whose rank or alpha is not the most common one stand in {@code rank_pattern} and {@code alpha_pattern}. Where the adapter came from
 * stands in {@code lora4j_provenance.json}, which PEFT ignores.
 *
 * <p>Source: huggingface/peft 0.21, {@code utils/save_and_load.py} and {@code tuners/lora/config.py}; verified by loading.
 */
public final class PeftAdapterWriter {
    /** Name of the settings' file. */
    public static final String CONFIG = PeftNames.CONFIG;
    /** Name of the weights' file. */
    public static final String WEIGHTS = PeftNames.WEIGHTS;
    /** Name of the file that says where the adapter came from. */
    public static final String PROVENANCE = "lora4j_provenance.json";

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
            String module = PeftNames.PREFIX + name;
            tensors.put(module + PeftNames.LORA_A, factors.a().transpose());
            tensors.put(module + PeftNames.LORA_B, factors.b().transpose());
            INDArray magnitude = factors.magnitude();
            if (magnitude != null) {
                tensors.put(module + PeftNames.MAGNITUDE, magnitude.reshape(magnitude.length()));
            }
        });
        adapter.biases().forEach((name, values) -> {
            String layer = name.substring(0, name.length() - PeftNames.BIAS.length());
            tensors.put(
                    PeftNames.PREFIX + (adapter.layers().containsKey(layer) ? layer + PeftNames.BASE_BIAS : name),
                    values);
        });
        adapter.saved()
                .forEach((name, values) ->
                        tensors.put(PeftNames.PREFIX + name, values.rank() == 2 ? values.transpose() : values));
        return tensors;
    }

    /** Keys in PEFT's own order, which is alphabetical. */
    private static ObjectNode config(PeftAdapter adapter, String baseModel) {
        Collection<Integer> ranks =
                adapter.layers().values().stream().map(LoraFactors::rank).toList();
        int rank = mostCommon(ranks);
        double alpha = mostCommon(adapter.alphas().values());
        ObjectNode config = JsonNodeFactory.instance.objectNode();
        ObjectNode alphaPattern = config.putObject("alpha_pattern");
        adapter.alphas().forEach((name, own) -> {
            if (own != alpha) {
                putNumber(alphaPattern, PeftNames.exactly(name), own);
            }
        });
        config.put("base_model_name_or_path", baseModel);
        config.put("bias", biases(adapter));
        config.put("fan_in_fan_out", false);
        config.put("inference_mode", true);
        config.put("init_lora_weights", true);
        config.putNull("layers_pattern");
        config.putNull("layers_to_transform");
        putNumber(config, "lora_alpha", alpha);
        config.put("lora_dropout", adapter.dropout());
        ArrayNode modules = config.putArray("modules_to_save");
        modulesToSave(adapter).forEach(modules::add);
        config.put("peft_type", "LORA");
        config.put("r", rank);
        ObjectNode rankPattern = config.putObject("rank_pattern");
        adapter.layers().forEach((name, factors) -> {
            if (factors.rank() != rank) {
                rankPattern.put(PeftNames.exactly(name), factors.rank());
            }
        });
        config.putNull("revision");
        ArrayNode targets = config.putArray("target_modules");
        new TreeSet<>(adapter.layers().keySet()).forEach(targets::add);
        config.put("task_type", "SEQ_CLS");
        config.put("use_dora", adapter.weightForm() == WeightForm.DORA);
        config.put("use_rslora", adapter.scaling() == Scaling.RSLORA);
        return config;
    }

    private static String biases(PeftAdapter adapter) {
        if (adapter.biases().isEmpty()) {
            return "none";
        }
        boolean ofAdapters = adapter.biases().keySet().stream().allMatch(name -> adapter.layers()
                .containsKey(name.substring(0, name.length() - PeftNames.BIAS.length())));
        return ofAdapters ? "lora_only" : "all";
    }

    /** PEFT adds the first two itself for a sequence classifier; without the head the file would not load. */
    private static Set<String> modulesToSave(PeftAdapter adapter) {
        Set<String> modules = new LinkedHashSet<>(List.of("classifier", "score"));
        adapter.saved().keySet().forEach(name -> modules.add(name.substring(0, name.indexOf('.'))));
        return modules;
    }

    /** The first of the most common values. */
    private static <V> V mostCommon(Collection<V> values) {
        Map<V, Integer> counts = new LinkedHashMap<>();
        values.forEach(value -> counts.merge(value, 1, Integer::sum));
        V best = values.iterator().next();
        for (Map.Entry<V, Integer> entry : counts.entrySet()) {
            if (entry.getValue() > counts.getOrDefault(best, 0)) {
                best = entry.getKey();
            }
        }
        return best;
    }

    private static void putNumber(ObjectNode node, String key, double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            node.put(key, (long) value);
        } else {
            node.put(key, value);
        }
    }
}
