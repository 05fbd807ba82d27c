package io.lora4j.recipes.run;

import com.fasterxml.jackson.databind.JsonNode;
import io.lora4j.blas.BlasLibrary;
import io.lora4j.datasets.TaskData;
import io.lora4j.error.UserException;
import io.lora4j.kernel.EncoderKernels;
import io.lora4j.models.PretrainedModel;
import io.lora4j.recipes.Recipe;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.factory.Nd4j;

/** What made a result: versions, machine, checksums, seeds. Only the time differs between two runs of the same thing. */
final class Provenance {
    private Provenance() {}

    static Map<String, Object> of(Recipe recipe, PretrainedModel model, TaskData data, Map<String, String> program) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put(
                "time",
                OffsetDateTime.now(ZoneId.systemDefault())
                        .truncatedTo(ChronoUnit.SECONDS)
                        .toString());
        map.put("program", program);
        map.put("libraries", libraries());
        map.put("machine", machine());
        Map<String, Object> encoder = new LinkedHashMap<>();
        encoder.put("name", model.name());
        encoder.put("sha256", model.sha256());
        encoder.put("tokenizer_sha256", model.tokenizer().sha256());
        map.put("model", encoder);
        Map<String, Object> task = new LinkedHashMap<>();
        task.put("task", data.task());
        task.put("sha256", data.sha256ByFile());
        task.put("train_examples", data.train().size());
        task.put("dev_examples", data.dev().size());
        if (!data.labels().isEmpty()) {
            task.put("dev_label_counts", data.labelCounts(data.dev()));
        }
        map.put("data", task);
        map.put("seeds", recipe.train().seeds());
        return map;
    }

    /**
     * Compares model and data with those of a run that is to go on.
     *
     * @param file the run's {@code provenance.json}
     * @throws UserException if they differ; the message says in what
     */
    static void requireSame(Path file, PretrainedModel model, TaskData data) {
        JsonNode json = Json.read(file);
        String encoder = json.path("model").path("sha256").asText();
        if (!encoder.equals(model.sha256())) {
            throw changed(file, "the model " + model.name());
        }
        JsonNode known = json.path("data").path("sha256");
        data.sha256ByFile().forEach((name, sha256) -> {
            if (!known.path(name).asText().equals(sha256)) {
                throw changed(file, name);
            }
        });
    }

    private static UserException changed(Path file, String what) {
        return new UserException("cannot go on with " + file.getParent() + ": " + what
                + " is not what it was when the run began; start a new run, or put it back");
    }

    private static Map<String, Object> libraries() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("deeplearning4j", version("org.deeplearning4j", "deeplearning4j-nn"));
        map.put("nd4j", version("org.nd4j", "nd4j-api"));
        map.put("backend", Nd4j.getBackend().getClass().getSimpleName());
        map.put("kernels", EncoderKernels.get().toString());
        map.put("blas", blas());
        map.put("java", System.getProperty("java.vm.name") + " " + System.getProperty("java.version"));
        return map;
    }

    private static Map<String, @Nullable Object> blas() {
        BlasLibrary library = BlasLibrary.inUse();
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("vendor", library.vendor());
        map.put("version", library.version());
        map.put("core", library.coreType());
        map.put("threads", library.threads());
        return map;
    }

    private static Map<String, Object> machine() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        map.put("architecture", System.getProperty("os.arch"));
        map.put("processors", Runtime.getRuntime().availableProcessors());
        map.put("nd4j_threads", Nd4j.getEnvironment().maxThreads());
        map.put("max_heap_bytes", Runtime.getRuntime().maxMemory());
        return map;
    }

    /** A library's version as Maven wrote it into its jar; null if the jar says nothing. */
    private static @Nullable String version(String group, String artifact) {
        String name = "/META-INF/maven/" + group + "/" + artifact + "/pom.properties";
        try (InputStream stream = Nd4j.class.getResourceAsStream(name)) {
            if (stream == null) {
                return null;
            }
            Properties properties = new Properties();
            properties.load(stream);
            return properties.getProperty("version");
        } catch (IOException e) {
            return null; // provenance tells what it can; it does not stop a run
        }
    }
}
