package io.lora4j.models.checkpoint;

import io.lora4j.adapter.FrozenWeights;
import io.lora4j.error.FormatException;
import io.lora4j.error.UserException;
import io.lora4j.models.encoder.EncoderConfig;
import io.lora4j.models.encoder.EncoderTensors;
import io.lora4j.models.encoder.TensorSpec;
import io.lora4j.models.family.EncoderFamilies;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A pre-trained encoder as a Hugging Face folder: {@code config.json}, {@code model.safetensors} (or its shards and {@code
 * model.safetensors.index.json}), {@code tokenizer.json}.
 *
 * <p>{@link #open} checks the tensors' names, shapes and types against the configuration both ways before any weight is read, and lists
 * everything that does not fit at once. Names may have the family's prefix ({@code bert.}) or not. The pooler and the family's
 * classification head may be there or not; position buffers and the heads of pre-training are left out.
 */
public final class HuggingFaceFolder {
    /** Name of the configuration file. */
    public static final String CONFIG = "config.json";
    /** Name of the weights' file. */
    public static final String WEIGHTS = WeightFiles.SINGLE;
    /** Name of the tokenizer's file. */
    public static final String TOKENIZER = "tokenizer.json";

    private final Path folder;
    private final EncoderConfig config;
    private final Map<String, Accepted> tensors;

    private HuggingFaceFolder(Path folder, EncoderConfig config, Map<String, Accepted> tensors) {
        this.folder = folder;
        this.config = config;
        this.tensors = tensors;
    }

    /** A tensor's name in the file, and whether it is a linear map's matrix. */
    private record Accepted(String fileName, boolean linear) {}

    /**
     * Opens a folder and checks everything that can be checked without reading weights.
     *
     * @param folder the folder
     * @return the checked folder; holds no open file
     * @throws FormatException if a file is damaged or the tensors are not those of the configuration
     * @throws UserException if one of the three files is missing or unreadable, or the weights are in a format that is never read
     */
    public static HuggingFaceFolder open(Path folder) {
        for (String name : List.of(CONFIG, TOKENIZER)) {
            if (!Files.isRegularFile(folder.resolve(name))) {
                throw new UserException("the model folder " + folder + " has no " + name + "; needed are " + CONFIG
                        + ", " + WEIGHTS + " and " + TOKENIZER);
            }
        }
        EncoderConfig config = EncoderFamilies.read(folder.resolve(CONFIG));
        try (WeightFiles file = WeightFiles.open(folder)) {
            return new HuggingFaceFolder(folder, config, new Check(file, EncoderTensors.of(config)).tensors());
        }
    }

    /**
     * The folder.
     *
     * @return its path as it was given
     */
    public Path path() {
        return folder;
    }

    /**
     * The encoder's sizes.
     *
     * @return what {@code config.json} says
     */
    public EncoderConfig config() {
        return config;
    }

    /**
     * Reads the weights: the encoder's names with the family's prefix ({@code bert.}), linear weights [in, out] as 'f'-ordered views of what the file holds, embeddings [rows, H],
     * vectors as they are.
     *
     * @param dataType the arrays' type
     * @return new arrays outside any workspace, 4 bytes per weight for {@link DataType#FLOAT}
     * @throws FormatException if a weight is NaN or infinite, or a file changed since it was opened and is damaged now
     */
    public FrozenWeights weights(DataType dataType) {
        Map<String, INDArray> arrays = new LinkedHashMap<>();
        try (WeightFiles file = WeightFiles.open(folder)) {
            tensors.forEach((name, tensor) -> {
                INDArray stored = file.read(tensor.fileName(), dataType);
                arrays.put(name, tensor.linear() ? stored.transpose() : stored);
            });
        }
        return new FrozenWeights(arrays);
    }

    /** Compares a file's tensors with what a configuration demands. */
    private static final class Check {
        private final WeightFiles file;
        private final EncoderTensors expected;
        private final List<String> problems = new ArrayList<>();
        private long firstOffset = -1;
        private String firstTensor = "";

        Check(WeightFiles file, EncoderTensors expected) {
            this.file = file;
            this.expected = expected;
        }

        /** This project's name to the file's tensor, in a fixed order. */
        Map<String, Accepted> tensors() {
            Map<String, String> found = new LinkedHashMap<>();
            for (String fileName : file.names()) {
                String name = expected.canonical(fileName);
                if (!expected.isUnused(name)) {
                    String other = found.putIfAbsent(name, fileName);
                    if (other != null) {
                        add(fileName, "is the same array as '" + other + "'");
                    }
                }
            }
            Map<String, Accepted> accepted = new LinkedHashMap<>();
            accept(expected.required(), found, accepted, true);
            Map<String, TensorSpec> pooler = expected.pooler();
            accept(pooler, found, accepted, pooler.keySet().stream().anyMatch(found::containsKey));
            acceptHead(found, accepted);
            found.forEach((name, fileName) -> add(fileName, "is not part of this encoder"));
            if (!problems.isEmpty()) {
                String what = "the tensors are not those of " + CONFIG + ":\n  " + String.join("\n  ", problems);
                Path path = file.pathOf(firstTensor);
                throw firstOffset < 0 ? new FormatException(path, what) : new FormatException(path, firstOffset, what);
            }
            return accepted;
        }

        private void accept(
                Map<String, TensorSpec> demanded,
                Map<String, String> found,
                Map<String, Accepted> accepted,
                boolean needed) {
            demanded.forEach((name, spec) -> {
                String fileName = found.remove(name);
                if (fileName != null) {
                    checkTensor(fileName, spec.shape());
                    accepted.put(expected.ours(name), new Accepted(fileName, spec.linear()));
                } else if (needed) {
                    problems.add("tensor '" + name + "' " + spec.shape() + " is missing");
                }
            });
        }

        /** The number of labels is the file's own. */
        private void acceptHead(Map<String, String> found, Map<String, Accepted> accepted) {
            List<String> names = List.copyOf(expected.head(2).keySet());
            String bias = found.get(names.get(names.size() - 1));
            TensorInfo info = bias == null ? null : file.find(bias);
            if (info != null && info.shape().size() == 1 && info.shape().get(0) <= Integer.MAX_VALUE) {
                int labels = info.shape().get(0).intValue();
                accept(expected.head(Math.max(1, labels)), found, accepted, true);
            }
        }

        private void checkTensor(String fileName, List<Long> shape) {
            TensorInfo info = file.find(fileName);
            if (info == null) {
                throw new IllegalStateException(fileName + " was listed but is not there");
            }
            if (!info.shape().equals(shape)) {
                add(fileName, "has shape " + info.shape() + " but must have " + shape);
            }
            if (!info.type().isFloatingPoint()) {
                add(fileName, "has type " + info.type() + " but must be F64, F32, F16 or BF16");
            }
        }

        private void add(String fileName, String what) {
            TensorInfo info = file.find(fileName);
            long offset = info == null ? -1 : info.offset();
            if (firstOffset < 0) {
                firstOffset = offset;
                firstTensor = fileName;
            }
            problems.add("tensor '" + fileName + "' " + what + " (at byte " + offset + ")");
        }
    }
}
