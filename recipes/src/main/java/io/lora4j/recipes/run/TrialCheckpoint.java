package io.lora4j.recipes.run;

import io.lora4j.error.FormatException;
import io.lora4j.models.checkpoint.SafetensorsFile;
import io.lora4j.models.checkpoint.SafetensorsWriter;
import io.lora4j.models.checkpoint.TensorInfo;
import io.lora4j.train.TrainCheckpoint;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A trial between two steps, as a safetensors file: the training's state, what the trial has taken so far, and how long its files of lines
 * were, so that lines of steps behind the checkpoint can be taken away.
 *
 * @param training where training stands
 * @param spent what the trial has taken so far
 * @param metricsBytes length of {@code metrics.jsonl}
 * @param timingsBytes length of {@code timings.jsonl}
 */
record TrialCheckpoint(TrainCheckpoint training, Spent spent, long metricsBytes, long timingsBytes) {
    private static final String PARAMETERS = "parameters";
    private static final String UPDATER = "updater_state";
    private static final String RULE = "rule/";
    private static final String STEPS = "steps";
    private static final String MICRO_BATCHES = "micro_batches";
    private static final String METRICS = "metrics_bytes";
    private static final String TIMINGS = "timings_bytes";

    /**
     * What a trial has taken before it went on.
     *
     * @param initSeconds seconds of its start; null if it has not gone on, so that they are still to be measured
     * @param trainSeconds seconds of training
     * @param evalSeconds seconds of evaluations
     * @param elapsedSeconds seconds since it began, for {@code timings.jsonl}
     * @param peakBytes highest memory
     */
    record Spent(
            @Nullable Double initSeconds,
            double trainSeconds,
            double evalSeconds,
            double elapsedSeconds,
            long peakBytes) {
        /** A trial that begins. */
        static final Spent NOTHING = new Spent(null, 0, 0, 0, 0);

        private static Spent of(Map<String, String> metadata) {
            return new Spent(
                    Double.valueOf(text(metadata, "init_seconds")),
                    Double.parseDouble(text(metadata, "train_seconds")),
                    Double.parseDouble(text(metadata, "eval_seconds")),
                    Double.parseDouble(text(metadata, "elapsed_seconds")),
                    Long.parseLong(text(metadata, "peak_bytes")));
        }

        private void putInto(Map<String, String> metadata) {
            metadata.put("init_seconds", String.valueOf(initSeconds));
            metadata.put("train_seconds", String.valueOf(trainSeconds));
            metadata.put("eval_seconds", String.valueOf(evalSeconds));
            metadata.put("elapsed_seconds", String.valueOf(elapsedSeconds));
            metadata.put("peak_bytes", String.valueOf(peakBytes));
        }
    }

    /** Writes the file in one step, replacing an older one. */
    void write(Path file) {
        Map<String, INDArray> arrays = new LinkedHashMap<>();
        arrays.put(PARAMETERS, training.parameters());
        INDArray state = training.updaterState();
        if (state != null) {
            arrays.put(UPDATER, state);
        }
        training.ruleState().forEach((name, array) -> arrays.put(RULE + name, array));
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put(STEPS, String.valueOf(training.steps()));
        metadata.put(MICRO_BATCHES, String.valueOf(training.microBatches()));
        metadata.put(METRICS, String.valueOf(metricsBytes));
        metadata.put(TIMINGS, String.valueOf(timingsBytes));
        spent.putInto(metadata);
        SafetensorsWriter.write(file, arrays, metadata);
    }

    /**
     * Reads a file.
     *
     * @throws FormatException if it is no checkpoint
     */
    static TrialCheckpoint read(Path file) {
        try (SafetensorsFile open = SafetensorsFile.open(file)) {
            Map<String, String> metadata = open.metadata();
            Map<String, INDArray> rule = new LinkedHashMap<>();
            for (String name : open.names()) {
                if (name.startsWith(RULE)) {
                    rule.put(name.substring(RULE.length()), array(open, name));
                }
            }
            TrainCheckpoint training = new TrainCheckpoint(
                    Long.parseLong(text(metadata, STEPS)),
                    Long.parseLong(text(metadata, MICRO_BATCHES)),
                    array(open, PARAMETERS),
                    open.find(UPDATER) == null ? null : array(open, UPDATER),
                    rule);
            return new TrialCheckpoint(
                    training,
                    Spent.of(metadata),
                    Long.parseLong(text(metadata, METRICS)),
                    Long.parseLong(text(metadata, TIMINGS)));
        } catch (IllegalArgumentException e) {
            throw new FormatException(file, 0, "is no checkpoint of a trial: " + e.getMessage());
        }
    }

    /** An array in the type in which it is stored. */
    private static INDArray array(SafetensorsFile open, String name) {
        TensorInfo info = open.find(name);
        DataType type = info == null ? null : info.type().dataType();
        if (type == null) {
            throw new IllegalArgumentException("it has no array " + name);
        }
        return open.read(name, type);
    }

    private static String text(Map<String, String> metadata, String key) {
        String value = metadata.get(key);
        if (value == null) {
            throw new IllegalArgumentException("it has no " + key);
        }
        return value;
    }
}
