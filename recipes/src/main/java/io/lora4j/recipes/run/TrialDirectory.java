package io.lora4j.recipes.run;

import io.lora4j.error.UserException;
import io.lora4j.eval.ClassificationMetrics;
import io.lora4j.models.checkpoint.AtomicFile;
import io.lora4j.train.StepInfo;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The folder of one trial, written beside its final name and moved into place when it is complete; closing it before that removes
 * it.
 */
final class TrialDirectory implements AutoCloseable {
    private final Path target;
    private final Path beside;
    private final BufferedWriter metrics;
    private final BufferedWriter timings;
    private final long start = System.nanoTime();
    private boolean complete;

    private TrialDirectory(Path target, Path beside) throws IOException {
        this.target = target;
        this.beside = beside;
        this.metrics = Files.newBufferedWriter(beside.resolve("metrics.jsonl"));
        this.timings = Files.newBufferedWriter(beside.resolve("timings.jsonl"));
    }

    static TrialDirectory open(RunDirectory run, TrialKey key) {
        Path target = run.resolve("trials").resolve(key.folderName());
        Path beside = target.resolveSibling(key.folderName() + ".part");
        try {
            Files.createDirectories(beside);
            return new TrialDirectory(target, beside);
        } catch (IOException e) {
            throw failed(target, e);
        }
    }

    /** A folder or file in it, at its place until the trial is complete. */
    Path resolve(String name) {
        return beside.resolve(name);
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

    void evaluation(long step, ClassificationMetrics dev) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("eval", "dev");
        line.put("step", step);
        line.put("accuracy", dev.accuracy());
        line.put("f1", dev.f1());
        line.put("matthews", dev.matthews());
        line.put("loss", dev.loss());
        write(line, "eval", step);
    }

    private void write(Map<String, Object> line, String kind, long step) {
        try {
            metrics.write(Json.line(line) + "\n");
            Map<String, Object> time = new LinkedHashMap<>();
            time.put(kind, step);
            time.put("seconds", (System.nanoTime() - start) * 1e-9);
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
            AtomicFile.move(beside, target);
            complete = true;
        } catch (IOException e) {
            throw failed(target, e);
        }
    }

    @Override
    public void close() {
        if (complete) {
            return;
        }
        try {
            metrics.close();
            timings.close();
            delete(beside);
        } catch (IOException e) {
            throw failed(beside, e);
        }
    }

    private static void delete(Path folder) throws IOException {
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
