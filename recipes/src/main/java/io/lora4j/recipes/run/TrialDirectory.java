package io.lora4j.recipes.run;

import io.lora4j.error.UserException;
import io.lora4j.eval.TaskMetrics;
import io.lora4j.models.checkpoint.AtomicFile;
import io.lora4j.recipes.results.Curves;
import io.lora4j.recipes.results.EvaluationPoint;
import io.lora4j.recipes.run.TrialCheckpoint.Spent;
import io.lora4j.train.StepInfo;
import io.lora4j.train.TrainCheckpoint;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The folder of one trial, written beside its final name and moved into place when it is complete; closing it before that removes
 * it, unless the trial was suspended with a checkpoint, from which {@link #open} goes on.
 */
final class TrialDirectory implements AutoCloseable {
    /** What the names of further evaluation sets stand behind in files: {@code dev_mismatched}. */
    static final String OTHER_DEV = "dev_";

    private static final String METRICS = "metrics.jsonl";
    private static final String TIMINGS = "timings.jsonl";
    private static final String CHECKPOINT = "checkpoint.safetensors";

    private final Path target;
    private final Path beside;
    private final BufferedWriter metrics;
    private final BufferedWriter timings;
    private final long start = System.nanoTime();
    private final @Nullable TrialCheckpoint checkpoint;
    private double leftOut;
    private boolean kept;

    private TrialDirectory(Path target, Path beside, @Nullable TrialCheckpoint checkpoint) throws IOException {
        this.target = target;
        this.beside = beside;
        this.checkpoint = checkpoint;
        this.metrics = lines(METRICS, checkpoint == null ? 0 : checkpoint.metricsBytes());
        this.timings = lines(TIMINGS, checkpoint == null ? 0 : checkpoint.timingsBytes());
    }

    /** Opens a file for more lines behind so many bytes; what is behind them is taken away. */
    private BufferedWriter lines(String name, long bytes) throws IOException {
        Path file = beside.resolve(name);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.truncate(bytes);
        }
        return Files.newBufferedWriter(file, StandardOpenOption.APPEND);
    }

    /**
     * Begins a trial's folder, or goes on with one that was suspended. What an earlier process left without a checkpoint is removed.
     *
     * @throws io.lora4j.error.FormatException if the checkpoint is damaged
     */
    static TrialDirectory open(RunDirectory run, TrialKey key) {
        Path target = run.trial(key);
        Path beside = besideOf(run.folder(), key);
        try {
            Path file = beside.resolve(CHECKPOINT);
            TrialCheckpoint checkpoint = Files.exists(file) ? TrialCheckpoint.read(file) : null;
            if (checkpoint == null) {
                delete(beside);
            }
            // The result of a trial that diverged; finished ones are not opened.
            delete(target);
            Files.createDirectories(beside);
            return new TrialDirectory(target, beside, checkpoint);
        } catch (IOException e) {
            throw failed(target, e);
        }
    }

    /** Where the trial was suspended; null if it begins. */
    @Nullable
    TrialCheckpoint checkpoint() {
        return checkpoint;
    }

    /** What the trial had taken when it was suspended. */
    Spent before() {
        return checkpoint == null ? Spent.NOTHING : checkpoint.spent();
    }

    /** Writes a checkpoint; closing then keeps the folder, to go on from it. */
    void suspend(TrainCheckpoint training, Spent spent) {
        try {
            metrics.flush();
            timings.flush();
            Spent all = new Spent(
                    spent.initSeconds(),
                    spent.trainSeconds(),
                    spent.evalSeconds(),
                    elapsedSeconds(),
                    spent.peakBytes());
            new TrialCheckpoint(training, all, Files.size(beside.resolve(METRICS)), Files.size(beside.resolve(TIMINGS)))
                    .write(beside.resolve(CHECKPOINT));
            kept = true;
        } catch (IOException e) {
            throw failed(target, e);
        }
    }

    private double elapsedSeconds() {
        return before().elapsedSeconds() + (System.nanoTime() - start) * 1e-9 - leftOut;
    }

    /** Takes so many seconds, which have just gone by, off the trial's clock. */
    void leaveOut(double seconds) {
        leftOut += seconds;
    }

    /** Where a trial's files are until it is complete. */
    static Path besideOf(Path run, TrialKey key) {
        return run.resolve("trials").resolve(key.folderName() + ".part");
    }

    /** A folder or file in it, at its place until the trial is complete. */
    Path resolve(String name) {
        return beside.resolve(name);
    }

    /** The looks at the dev set so far, also those of processes before this one, with the seconds of start and training alone. */
    List<EvaluationPoint> evaluations(TrialResult result) {
        return Curves.evaluations(beside, result.initSeconds(), result.trainSeconds());
    }

    /** Size of the adapter's weights; null for methods without. */
    @Nullable
    Long adapterBytes() {
        Path file = beside.resolve("adapter/adapter_model.safetensors");
        try {
            return Files.exists(file) ? Long.valueOf(Files.size(file)) : null;
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    void step(StepInfo info) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("step", info.step());
        line.put("epoch", info.epoch());
        line.put("loss", info.loss());
        line.put("learning_rate", info.learningRate());
        line.put("grad_norm", info.gradNorm());
        write(line, "step", info.step());
    }

    void evaluation(long step, TaskMetrics dev) {
        evaluation("dev", step, dev);
    }

    void otherEvaluation(String name, long step, TaskMetrics scores) {
        evaluation(OTHER_DEV + name, step, scores);
    }

    private void evaluation(String set, long step, TaskMetrics dev) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("eval", set);
        line.put("step", step);
        line.putAll(dev.figures());
        line.put("loss", dev.loss());
        write(line, "eval", step);
    }

    private void write(Map<String, Object> line, String kind, long step) {
        try {
            metrics.write(Json.line(line) + "\n");
            Map<String, Object> time = new LinkedHashMap<>();
            time.put(kind, step);
            time.put("seconds", elapsedSeconds());
            timings.write(Json.line(time) + "\n");
            // A reader of the running trial sees whole lines; some hundred flushes cost nothing against the steps.
            metrics.flush();
            timings.flush();
        } catch (IOException e) {
            throw failed(target, e);
        }
    }

    /** Writes the result and moves the folder into place. */
    void complete(Object result) {
        Json.write(beside.resolve("result.json"), result);
        try {
            metrics.close();
            timings.close();
            Files.deleteIfExists(beside.resolve(CHECKPOINT));
            AtomicFile.move(beside, target);
            kept = true;
        } catch (IOException e) {
            throw failed(target, e);
        }
    }

    @Override
    public void close() {
        try {
            metrics.close();
            timings.close();
            if (!kept) {
                delete(beside);
            }
        } catch (IOException e) {
            throw failed(beside, e);
        }
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        List<Path> content;
        try (Stream<Path> files = Files.walk(folder)) {
            content = files.sorted((a, b) -> b.compareTo(a)).toList();
        }
        for (Path path : content) {
            Files.delete(path);
        }
    }

    private static UserException failed(Path path, IOException e) {
        return new UserException("cannot write " + path + ": " + AtomicFile.reason(e), e);
    }
}
