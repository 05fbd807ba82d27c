package io.lora4j.models.peft;

import io.lora4j.adapter.Scaling;
import io.lora4j.adapter.WeightForm;
import io.lora4j.error.FormatException;
import io.lora4j.error.UserException;
import io.lora4j.models.checkpoint.SafetensorsFile;
import io.lora4j.models.checkpoint.TensorInfo;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Reads an adapter that Hugging Face PEFT or {@link PeftAdapterWriter} wrote.
 *
 * <p>The tensors say which layers are adapted and with which rank; {@code adapter_config.json} gives the scaling and is held against them.
 * What would make the adapter mean something else than W + s A B or DoRA's form of it over the untouched base is refused by name. Files
 * come from strangers: sizes, names and numbers of tensors are limited and checked before anything is read, and so are the steps that the
 * regular expressions of the settings take.
 *
 * <p>Source: huggingface/peft 0.21, {@code utils/save_and_load.py}, {@code tuners/lora/layer.py} and {@code utils/other.py} (patterns).
 */
public final class PeftAdapterReader {
    /** Nine tensors for each of a thousand layers; then checks by names take no time. */
    private static final int MAX_TENSORS = 10_000;

    private static final int MAX_NAME = 500;
    /** More than a head, all biases and adapters of rank 100 on every layer of the largest encoder. */
    private static final long MAX_BYTES = Integer.MAX_VALUE;

    private final Path file;
    private final PeftConfig config;
    private final DataType dataType;
    private final Map<String, INDArray> a = new LinkedHashMap<>();
    private final Map<String, INDArray> b = new LinkedHashMap<>();
    private final Map<String, INDArray> magnitudes = new LinkedHashMap<>();
    private final Map<String, INDArray> biases = new LinkedHashMap<>();
    private final Map<String, INDArray> saved = new LinkedHashMap<>();

    private PeftAdapterReader(Path file, PeftConfig config, DataType dataType) {
        this.file = file;
        this.config = config;
        this.dataType = dataType;
    }

    /**
     * Reads a folder with {@code adapter_config.json} and {@code adapter_model.safetensors}.
     *
     * @param folder the folder
     * @param dataType FLOAT or DOUBLE: what the arrays are turned into
     * @return the adapter, with arrays of its own
     * @throws UserException if a file is missing or holds a feature that cannot be represented
     * @throws FormatException if a file is damaged, or settings and tensors contradict each other
     */
    public static PeftAdapter read(Path folder, DataType dataType) {
        PeftConfig config = PeftConfig.read(folder.resolve(PeftNames.CONFIG));
        Path file = folder.resolve(PeftNames.WEIGHTS);
        PeftAdapterReader reader = new PeftAdapterReader(file, config, dataType);
        try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
            reader.check(tensors);
            tensors.names().forEach(name -> reader.sort(name, tensors));
        }
        PeftAdapter adapter = reader.adapter();
        config.warnings(adapter.layers().keySet());
        return adapter;
    }

    /** Before anything is read. */
    private void check(SafetensorsFile tensors) {
        if (tensors.names().size() > MAX_TENSORS) {
            throw new FormatException(
                    file,
                    "there are " + tensors.names().size() + " tensors, the limit for an adapter is " + MAX_TENSORS);
        }
        long bytes = 0;
        for (String name : tensors.names()) {
            TensorInfo info = info(name, tensors);
            bytes += info.bytes();
            if (name.length() > MAX_NAME) {
                throw unknown(name, "it has " + name.length() + " characters, the limit is " + MAX_NAME);
            }
            if (info.bytes() == 0 || !info.type().isFloatingPoint()) {
                throw new FormatException(
                        file,
                        info.offset(),
                        "tensor " + name + " is " + info.type() + info.shape() + ", not floating-point values");
            }
        }
        if (bytes > MAX_BYTES) {
            throw new FormatException(
                    file, "the tensors take " + bytes + " bytes, the limit for an adapter is " + MAX_BYTES);
        }
    }

    private static TensorInfo info(String name, SafetensorsFile tensors) {
        return Objects.requireNonNull(tensors.find(name), name);
    }

    private void sort(String name, SafetensorsFile tensors) {
        if (!name.startsWith(PeftNames.PREFIX)) {
            throw unknown(name, "it does not start with \"" + PeftNames.PREFIX + "\"");
        }
        String inner = name.substring(PeftNames.PREFIX.length());
        String layer;
        if ((layer = without(inner, PeftNames.LORA_A)) != null) {
            a.put(layer, matrix(name, tensors));
        } else if ((layer = without(inner, PeftNames.LORA_B)) != null) {
            b.put(layer, matrix(name, tensors));
        } else if ((layer = without(inner, PeftNames.MAGNITUDE)) != null
                || (layer = without(inner, PeftNames.OLD_MAGNITUDE)) != null) {
            put(magnitudes, layer, name, vector(name, tensors));
        } else if ((layer = without(inner, PeftNames.BASE_BIAS)) != null) {
            put(biases, layer + PeftNames.BIAS, name, vector(name, tensors));
        } else if (config.saves(inner)) {
            saved.put(inner, inner.endsWith(PeftNames.WEIGHT) ? matrix(name, tensors) : vector(name, tensors));
        } else if (config.allBiases() && inner.endsWith(PeftNames.BIAS)) {
            put(biases, inner, name, vector(name, tensors));
        } else {
            throw unknown(
                    name,
                    "it is no lora_A, lora_B, magnitude or bias of a linear layer, and no module of modules_to_save");
        }
    }

    /** Puts what two spellings of a name may stand for. */
    private void put(Map<String, INDArray> arrays, String key, String name, INDArray values) {
        if (arrays.put(key, values) != null) {
            throw new FormatException(file, "tensor " + name + " stands twice in the file, under two names");
        }
    }

    private FormatException unknown(String name, String why) {
        return new FormatException(file, "unexpected tensor " + PeftNames.shortened(name) + ": " + why);
    }

    private static @Nullable String without(String name, String suffix) {
        return name.endsWith(suffix) && name.length() > suffix.length()
                ? name.substring(0, name.length() - suffix.length())
                : null;
    }

    /** [out, in] of the file as our [in, out]. */
    private INDArray matrix(String name, SafetensorsFile tensors) {
        return values(name, tensors, 2).transpose();
    }

    private INDArray vector(String name, SafetensorsFile tensors) {
        return values(name, tensors, 1);
    }

    private INDArray values(String name, SafetensorsFile tensors, int rank) {
        int dimensions = info(name, tensors).shape().size();
        if (dimensions != rank) {
            throw new FormatException(
                    file, "tensor " + name + " has " + dimensions + " dimensions, " + rank + " are expected");
        }
        INDArray values = tensors.read(name, dataType);
        if (!Double.isFinite(values.norm1Number().doubleValue())) {
            throw new FormatException(file, "tensor " + name + " holds NaN or infinity");
        }
        return values;
    }

    private PeftAdapter adapter() {
        if (a.isEmpty()) {
            throw new FormatException(file, "there is no lora_A tensor: this is no LoRA adapter");
        }
        requireSameLayers(b, PeftNames.LORA_B);
        boolean dora = config.form() == WeightForm.DORA;
        if (dora) {
            requireSameLayers(magnitudes, PeftNames.MAGNITUDE);
        } else if (!magnitudes.isEmpty()) {
            throw new FormatException(
                    file, "there are magnitude vectors, but use_dora is not set in " + PeftNames.CONFIG);
        }
        Map<String, LoraFactors> layers = new LinkedHashMap<>();
        Map<String, Double> alphas = new LinkedHashMap<>();
        a.forEach((layer, factor) -> {
            layers.put(layer, factors(layer, factor));
            alphas.put(layer, config.alpha(layer));
        });
        Scaling scaling = config.scaling();
        return new PeftAdapter(scaling, config.dropout(), config.form(), layers, alphas, biases, saved, file);
    }

    private void requireSameLayers(Map<String, INDArray> other, String suffix) {
        for (String layer : a.keySet()) {
            if (!other.containsKey(layer)) {
                throw new FormatException(file, "tensor " + PeftNames.PREFIX + layer + suffix + " is missing");
            }
        }
        for (String layer : other.keySet()) {
            if (!a.containsKey(layer)) {
                throw new FormatException(
                        file, "tensor " + PeftNames.PREFIX + layer + PeftNames.LORA_A + " is missing");
            }
        }
    }

    private LoraFactors factors(String layer, INDArray factorA) {
        INDArray factorB = b.get(layer);
        int expected = config.rank(layer);
        if (factorB == null || factorA.columns() != expected || factorB.rows() != expected) {
            throw new FormatException(
                    file,
                    "the factors of " + layer + " have rank " + factorA.columns() + " and "
                            + (factorB == null ? 0 : factorB.rows()) + ", " + PeftNames.CONFIG + " says " + expected);
        }
        INDArray magnitude = magnitudes.get(layer);
        if (magnitude != null && magnitude.length() != factorB.columns()) {
            throw new FormatException(
                    file,
                    "the magnitude vector of " + layer + " has " + magnitude.length() + " values, the layer has "
                            + factorB.columns() + " outputs");
        }
        return new LoraFactors(factorA, factorB, magnitude);
    }
}
