package io.lora4j.models.peft;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lora4j.adapter.AdaptedModel;
import io.lora4j.adapter.FrozenWeights;
import io.lora4j.error.UserException;
import io.lora4j.models.checkpoint.JsonFiles;
import io.lora4j.models.checkpoint.SafetensorsFile;
import io.lora4j.models.checkpoint.SafetensorsWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A good adapter of PEFT, to be changed and written to a folder; and what comes of reading such a folder over its base. */
final class DamagedAdapter {
    static final String QUERY = "base_model.model.bert.encoder.layer.0.attention.self.query";
    static final String CONFIG = PeftNames.CONFIG;
    static final String WEIGHTS = PeftNames.WEIGHTS;

    private static final FrozenWeights BASE = TinyPeft.base(DataType.FLOAT);
    private static final ComputationGraphConfiguration CLASSIFIER = TinyPeft.classifier(DataType.FLOAT);

    /** Nobody waits longer, whatever else the machine does. */
    private static final Duration WAIT = Duration.ofSeconds(60);
    /** What the reading itself may take of one processor. */
    private static final Duration LIMIT = Duration.ofSeconds(2);

    final ObjectNode config;
    final Map<String, INDArray> tensors = new LinkedHashMap<>();

    /** A fixture's files. */
    DamagedAdapter(String fixture) {
        Path folder = TinyPeft.GOLDEN.resolve(fixture);
        config = JsonFiles.read(folder.resolve(CONFIG));
        try (SafetensorsFile file = SafetensorsFile.open(folder.resolve(WEIGHTS))) {
            file.names().forEach(name -> tensors.put(name, file.read(name, DataType.FLOAT)));
        }
    }

    INDArray tensor(String name) {
        return Objects.requireNonNull(tensors.get(name), name);
    }

    void writeTo(Path folder) {
        JsonFiles.write(folder.resolve(CONFIG), config);
        SafetensorsWriter.write(folder.resolve(WEIGHTS), tensors, Map.of("format", "pt"));
    }

    static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void bytes(Path file, byte[] content) {
        try {
            Files.write(file, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Reads a folder and puts the adapter over the tiny BERT.
     *
     * @return what it was refused with; null if it was not
     * @throws AssertionError if it ended in any other way, or took more than two seconds
     */
    static @Nullable UserException outcome(Path folder) {
        return Assertions.assertTimeoutPreemptively(WAIT, () -> {
            var threads = ManagementFactory.getThreadMXBean();
            long start = threads.getCurrentThreadCpuTime();
            UserException refusal = null;
            try {
                AdaptedModel model = PeftModel.of(CLASSIFIER, BASE, PeftAdapterReader.read(folder, DataType.FLOAT));
                Assertions.assertFalse(model.adapters().isEmpty());
            } catch (UserException e) {
                refusal = e;
            }
            Duration taken = Duration.ofNanos(threads.getCurrentThreadCpuTime() - start);
            Assertions.assertTrue(taken.compareTo(LIMIT) < 0, () -> "took " + taken);
            return refusal;
        });
    }
}
