package io.lora4j.models.checkpoint;

import io.lora4j.error.FormatException;
import io.lora4j.error.UserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The weights of a Hugging Face folder: {@code model.safetensors}, or the shards that {@code model.safetensors.index.json} names.
 *
 * <p>{@link #open} checks every header before anything of the data is touched. Pickle files ({@code pytorch_model.bin} and its like) are
 * never read: unpickling runs whatever code the file brings.
 */
public final class WeightFiles implements AutoCloseable {
    /** Name of the weights' file where there is only one. */
    public static final String SINGLE = "model.safetensors";

    private static final List<String> OTHER_FORMATS =
            List.of(".bin", ".pt", ".pth", ".ckpt", ".pkl", ".h5", ".msgpack");

    private final Map<String, SafetensorsFile> byName;
    private final List<SafetensorsFile> files;

    private WeightFiles(List<SafetensorsFile> files, Map<String, SafetensorsFile> byName) {
        this.files = files;
        this.byName = byName;
    }

    /**
     * The files that hold a folder's weights.
     *
     * @param folder the folder
     * @return one file, or the shards in the order of their names
     * @throws FormatException if the index is damaged
     * @throws UserException if the folder has no safetensors weights; the message says what it has instead and what to do
     */
    public static List<Path> paths(Path folder) {
        if (Files.isRegularFile(folder.resolve(SINGLE))) {
            return List.of(folder.resolve(SINGLE));
        }
        Map<String, String> index = index(folder);
        if (index == null) {
            throw new UserException(withoutWeights(folder));
        }
        Path file = folder.resolve(WeightIndex.FILE);
        List<Path> shards =
                new TreeSet<>(index.values()).stream().map(folder::resolve).toList();
        for (Path shard : shards) {
            if (!Files.isRegularFile(shard)) {
                throw new FormatException(
                        file, "the shard " + shard.getFileName() + " is not in the folder; download it again");
            }
        }
        return shards;
    }

    /**
     * The names of the files that an index of shards names.
     *
     * @param index the file {@code model.safetensors.index.json}
     * @return plain file names in their order, whether the files are there or not
     * @throws FormatException if the index is damaged or a name is no plain file name
     * @throws IOException if it cannot be read
     */
    public static List<String> shardNames(Path index) throws IOException {
        return List.copyOf(new TreeSet<>(WeightIndex.read(index).values()));
    }

    private static @Nullable Map<String, String> index(Path folder) {
        Path index = folder.resolve(WeightIndex.FILE);
        try {
            return Files.isRegularFile(index) ? WeightIndex.read(index) : null;
        } catch (IOException e) {
            throw new UserException("cannot read " + index + ": " + AtomicFile.reason(e), e);
        }
    }

    /**
     * Opens a folder's weights.
     *
     * @param folder the folder
     * @return the open files; the caller closes them
     * @throws FormatException if a file is damaged, or index and shards do not name the same tensors
     * @throws UserException if the folder has no safetensors weights or a file cannot be read
     */
    public static WeightFiles open(Path folder) {
        List<SafetensorsFile> files = new ArrayList<>();
        Map<String, SafetensorsFile> byName = new LinkedHashMap<>();
        boolean done = false;
        try {
            for (Path path : paths(folder)) {
                SafetensorsFile file = SafetensorsFile.open(path);
                files.add(file);
                for (String name : file.names()) {
                    SafetensorsFile other = byName.put(name, file);
                    if (other != null) {
                        throw new FormatException(
                                path,
                                "tensor '" + name + "' stands in "
                                        + other.path().getFileName() + " already");
                    }
                }
            }
            if (!Files.isRegularFile(folder.resolve(SINGLE))) {
                checkIndex(folder, byName);
            }
            done = true;
            return new WeightFiles(files, byName);
        } finally {
            if (!done) {
                files.forEach(SafetensorsFile::close);
            }
        }
    }

    private static void checkIndex(Path folder, Map<String, SafetensorsFile> byName) {
        Map<String, String> index = index(folder);
        if (index == null) {
            return;
        }
        Path path = folder.resolve(WeightIndex.FILE);
        index.forEach((name, shard) -> {
            SafetensorsFile file = byName.get(name);
            if (file == null || !file.path().equals(folder.resolve(shard))) {
                throw new FormatException(path, "tensor '" + name + "' is not in the shard " + shard);
            }
        });
        byName.forEach((name, file) -> {
            if (!index.containsKey(name)) {
                throw new FormatException(file.path(), "tensor '" + name + "' is not listed in " + WeightIndex.FILE);
            }
        });
    }

    private static String withoutWeights(Path folder) {
        Set<String> others = new TreeSet<>();
        if (Files.isDirectory(folder)) {
            try (Stream<Path> all = Files.list(folder)) {
                all.map(file -> file.getFileName().toString())
                        .filter(name -> OTHER_FORMATS.stream().anyMatch(name::endsWith))
                        .forEach(others::add);
            } catch (IOException e) {
                throw new UserException("cannot read the folder " + folder + ": " + AtomicFile.reason(e), e);
            }
        }
        String missing = "the model folder " + folder + " has no " + SINGLE + " (nor " + WeightIndex.FILE + ")";
        if (others.isEmpty()) {
            return missing + "; needed are " + HuggingFaceFolder.CONFIG + ", " + SINGLE + " and "
                    + HuggingFaceFolder.TOKENIZER;
        }
        return missing + ", only " + String.join(", ", others)
                + ". Such files are not read: a pickle file runs whatever code it holds when it is opened. Convert it"
                + " where you trust it, in Python: AutoModel.from_pretrained(FOLDER).save_pretrained(FOLDER)";
    }

    /**
     * The tensors' names.
     *
     * @return an unmodifiable set in the order of files and data
     */
    public Set<String> names() {
        return Collections.unmodifiableSet(new LinkedHashSet<>(byName.keySet()));
    }

    /**
     * What a tensor is and where it stands in its file.
     *
     * @param name a tensor's name
     * @return its description, or null if no file has a tensor of that name
     */
    public @Nullable TensorInfo find(String name) {
        SafetensorsFile file = byName.get(name);
        return file == null ? null : file.find(name);
    }

    /**
     * The file that holds a tensor.
     *
     * @param name a tensor's name
     * @return the file's path; the first file for a name that no file has
     */
    public Path pathOf(String name) {
        return byName.getOrDefault(name, files.get(0)).path();
    }

    /**
     * Reads a tensor into a new array outside any workspace and demands that its values are numbers.
     *
     * @param name a tensor's name
     * @param dataType the array's type
     * @return a new 'c'-ordered array of the stored shape; it belongs to the caller
     * @throws FormatException if the stored type cannot be read, or a value is NaN or infinite; with its offset
     * @throws IllegalArgumentException if no file has a tensor of that name
     */
    public INDArray read(String name, DataType dataType) {
        SafetensorsFile file = byName.get(name);
        if (file == null) {
            throw new IllegalArgumentException("no tensor '" + name + "'");
        }
        INDArray array = file.read(name, dataType);
        TensorInfo info = file.find(name);
        if (info != null) {
            FiniteWeights.check(file.path(), info, array);
        }
        return array;
    }

    /**
     * Demands that all floating-point weights are finite, reading them one by one.
     *
     * @throws FormatException at the first that is not, with file and offset
     */
    public void requireFinite() {
        for (String name : byName.keySet()) {
            TensorInfo info = find(name);
            if (info != null && info.type().isFloatingPoint()) {
                read(name, DataType.FLOAT).close();
            }
        }
    }

    /** Closes all files; arrays read before stay valid. */
    @Override
    public void close() {
        files.forEach(SafetensorsFile::close);
    }
}
