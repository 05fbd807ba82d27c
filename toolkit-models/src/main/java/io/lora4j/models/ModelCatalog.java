package io.lora4j.models;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lora4j.error.FormatException;
import io.lora4j.error.UserException;
import io.lora4j.models.checkpoint.AtomicFile;
import io.lora4j.models.checkpoint.HuggingFaceFolder;
import io.lora4j.models.checkpoint.JsonFiles;
import io.lora4j.models.checkpoint.TensorInfo;
import io.lora4j.models.checkpoint.WeightFiles;
import io.lora4j.models.hub.HubModels;
import io.lora4j.models.source.ByteSource;
import io.lora4j.models.source.FileTree;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The models of a machine: which there are, what they are, whether their files are still those that were fetched. */
public final class ModelCatalog {
    private static final List<String> SIZES = List.of(
            "num_hidden_layers",
            "hidden_size",
            "num_attention_heads",
            "intermediate_size",
            "max_position_embeddings",
            "vocab_size",
            "hidden_act");

    private static final Pattern CARD_LICENCE = Pattern.compile("(?m)^license:\\s*(\\S+)");
    private static final int CARD_CHARACTERS = 4096;

    private final Path home;
    private final ModelStore store;

    /**
     * @param home the cache's root, see {@link ModelStore#defaultHome()}
     */
    public ModelCatalog(Path home) {
        this.home = home;
        this.store = new ModelStore(home);
    }

    /**
     * A model of the list.
     *
     * @param name the name by which it can be asked for
     * @param cached its folder in the cache, or null if it is not there yet
     * @param megabytes what fetching it downloads, in 10^6 bytes; 0 for a model that is there and has no short name
     * @param licence the SPDX name of its licence, or null
     * @param origin its name on the hub, or where it came from
     */
    public record Entry(
            String name,
            @Nullable Path cached,
            int megabytes,
            @Nullable String licence,
            String origin) {}

    /**
     * All models with a short name, then everything else that was imported into the cache.
     *
     * @return a new list
     * @throws UserException if the cache cannot be read
     */
    public List<Entry> list() {
        List<Entry> entries = new ArrayList<>();
        for (KnownModel model : KnownModel.values()) {
            entries.add(new Entry(
                    model.shortName(),
                    store.cached(model.shortName()),
                    model.megabytes(),
                    model.licence(),
                    model.hubName()));
        }
        Path models = home.resolve("models");
        if (!Files.isDirectory(models)) {
            return entries;
        }
        try (Stream<Path> folders = Files.list(models)) {
            for (Path folder : folders.sorted().toList()) {
                String name = folder.getFileName().toString();
                ModelSeal seal = Files.isDirectory(folder) && !name.startsWith(".") ? ModelSeal.read(folder) : null;
                if (seal != null && KnownModel.find(name) == null) {
                    entries.add(new Entry(seal.model(), folder, 0, seal.licence(), seal.importedFrom()));
                }
            }
        } catch (IOException e) {
            throw new UserException("cannot read " + models + ": " + AtomicFile.reason(e), e);
        }
        return entries;
    }

    /**
     * Describes a model that is on this machine.
     *
     * @param name as for {@link ModelStore#resolve}
     * @return its description
     * @throws UserException if it is not there; the message says how to fetch it
     * @throws FormatException if a file is damaged
     */
    public ModelDetails details(String name) {
        Path folder = present(name);
        ObjectNode config = JsonFiles.read(folder.resolve(HuggingFaceFolder.CONFIG));
        Map<String, String> sizes = new LinkedHashMap<>();
        for (String key : SIZES) {
            if (config.hasNonNull(key)) {
                sizes.put(key, config.get(key).asText());
            }
        }
        Set<String> types = new TreeSet<>();
        long parameters = 0;
        try (WeightFiles files = WeightFiles.open(folder)) {
            for (String tensor : files.names()) {
                TensorInfo info = files.find(tensor);
                if (info != null) {
                    types.add(info.type().name());
                    parameters += info.bytes() / info.type().bytes();
                }
            }
            ModelSeal seal = ModelSeal.read(folder);
            return new ModelDetails(
                    name,
                    folder,
                    config.path("architectures").path(0).asText("") + " ("
                            + config.path("model_type").asText("?") + ")",
                    sizes,
                    List.copyOf(types),
                    files.names().size(),
                    parameters,
                    bytes(folder),
                    seal == null ? null : seal.importedFrom(),
                    seal == null ? cardLicence(folder) : seal.licence(),
                    ModelSeal.sha256(folder));
        } catch (IOException e) {
            throw new UserException("cannot read the model folder " + folder + ": " + AtomicFile.reason(e), e);
        }
    }

    private Path present(String name) {
        Path folder = store.cached(name);
        if (folder == null) {
            boolean can = ModelStore.canonicalName(name) != null || ModelStore.isReference(name);
            throw new UserException(
                    can
                            ? "the model " + name + " is not on this machine yet; fetch it with: lora4j models pull "
                                    + name
                            : "unknown model \"" + name + "\"; known names: "
                                    + String.join(", ", ModelStore.knownNames()));
        }
        return folder;
    }

    private static long bytes(Path folder) throws IOException {
        long bytes = 0;
        for (Path file : WeightFiles.paths(folder)) {
            bytes += Files.size(file);
        }
        return bytes;
    }

    /** The licence that a model's card of the hub names in its front matter. */
    private static @Nullable String cardLicence(Path folder) throws IOException {
        Path card = folder.resolve("README.md");
        if (!Files.isRegularFile(card)) {
            return null;
        }
        byte[] start;
        try (var in = Files.newInputStream(card)) {
            start = in.readNBytes(CARD_CHARACTERS);
        }
        Matcher licence = CARD_LICENCE.matcher(new String(start, StandardCharsets.UTF_8));
        return licence.find() ? licence.group(1) : null;
    }

    /**
     * Checks a model's files again: every checksum that is known, headers against the configuration, and that weights are numbers.
     *
     * @param name as for {@link ModelStore#resolve}
     * @return what is wrong, one line each; empty if nothing is
     * @throws UserException if the model is not on this machine or cannot be read
     */
    public List<String> verify(String name) {
        Path folder = present(name);
        List<String> problems = new ArrayList<>();
        try {
            ModelSeal seal = ModelSeal.read(folder);
            if (seal != null) {
                problems.addAll(seal.differences(folder));
            } else if (name.startsWith("hf:")) {
                problems.addAll(HubModels.verify(folder));
            }
            HuggingFaceFolder.open(folder);
            try (WeightFiles files = WeightFiles.open(folder)) {
                files.requireFinite();
            }
        } catch (FormatException e) {
            problems.add(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw new UserException("cannot read the model folder " + folder + ": " + AtomicFile.reason(e), e);
        }
        return problems;
    }

    /**
     * Imports a model that somebody else's program wrote into a folder of its own.
     *
     * @param source an {@code .onnx} file, a folder, or a JAR or ZIP file with an ONNX export, a SavedModel or a Hugging Face folder in it
     * @param tokenizer the {@code tokenizer.json} of an {@code .onnx} file; null to take the one beside it
     * @param target the folder to make; there must be nothing of that name
     * @return the target, complete
     * @throws FormatException if the source is damaged or no model that can be imported
     * @throws UserException if the target exists or cannot be written; then nothing is left there
     */
    public static Path importTo(Path source, @Nullable Path tokenizer, Path target) {
        if (Files.exists(target)) {
            throw new UserException(target + ": exists already and is not overwritten; name another folder");
        }
        Path absolute = target.toAbsolutePath().normalize();
        try {
            FileTree tree = source.toString().endsWith(".onnx")
                    ? onnx(source, tokenizer == null ? source.resolveSibling(HuggingFaceFolder.TOKENIZER) : tokenizer)
                    : FileTree.open(source);
            Path parent = absolute.getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            ModelImport.importAs(
                    new ModelImport.Origin(
                            absolute.getFileName().toString(),
                            source.toAbsolutePath().toString(),
                            null,
                            () -> source),
                    tree,
                    absolute);
            return target;
        } catch (IOException e) {
            throw new UserException("cannot import " + source + " to " + target + ": " + AtomicFile.reason(e), e);
        }
    }

    private static FileTree onnx(Path file, Path tokenizer) {
        for (Path needed : List.of(file, tokenizer)) {
            if (!Files.isRegularFile(needed)) {
                throw new UserException("no such file: " + needed
                        + (needed.equals(tokenizer)
                                ? "; an ONNX file needs its tokenizer.json, name it with --tokenizer"
                                : ""));
            }
        }
        return new FileTree(
                file,
                Map.of(
                        file.getFileName().toString(),
                        ByteSource.of(file),
                        HuggingFaceFolder.TOKENIZER,
                        ByteSource.of(tokenizer)));
    }
}
