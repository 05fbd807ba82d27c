package io.lora4j.recipes.results;

import io.lora4j.recipes.RecipeReader;
import io.lora4j.recipes.predictions.Predictions;
import io.lora4j.recipes.predictions.PredictionsFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * A run directory without a run: made-up trials of MRPC's layout, written by this class and not by the runner. Labels are 0 or 1; a trial is given by
 * its predictions, from which accuracy, F1 and Matthews are counted here again.
 */
public final class MadeRun {
    private final Path folder;
    private final int[] labels;

    /**
     * @param folder where to; made
     * @param labels of the dev set
     * @param overrides of the recipe: mrpc, lora and lora-one at 5e-4, seeds 1 and 2, three epochs of batch 10
     */
    public MadeRun(Path folder, int[] labels, String... overrides) {
        this.folder = folder;
        this.labels = labels.clone();
        try {
            Files.createDirectories(folder.resolve("trials"));
            Path file = Files.writeString(folder.resolve("recipe.yaml"), """
                    name: made
                    model: {name: all-MiniLM-L6-v2}
                    task: mrpc
                    data: {dir: /glue}
                    methods: [{name: lora, learning_rate: 5e-4}, {name: lora-one, learning_rate: 5e-4}]
                    adapter: {rank: 8, alpha: 16}
                    train: {epochs: 3, batch: 10, micro_batch: 10, seeds: [1, 2]}
                    """);
            Files.writeString(file, RecipeReader.read(file, List.of(overrides)).toYaml());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        provenance("c0ffee", "aa11", "0.1.0");
    }

    public Path folder() {
        return folder;
    }

    /** Writes what made the results. */
    public MadeRun provenance(String commit, String weights, String version) {
        int ones = 0;
        for (int label : labels) {
            ones += label;
        }
        return write(
                "provenance.json", """
                {"time": "2026-01-02T03:04:05Z",
                 "program": {"lora4j": "%s", "commit": "%s"},
                 "libraries": {"nd4j": "1.0.0-M2.1", "blas": {"vendor": "OPENBLAS", "version": "0.3.21", "threads": 2}, "java": "17"},
                 "machine": {"processors": 2},
                 "model": {"name": "all-MiniLM-L6-v2", "sha256": "%s", "tokenizer_sha256": "bb22"},
                 "data": {"task": "MRPC", "sha256": {"MRPC/dev.tsv": "cc33"}, "train_examples": 100, "dev_examples": %d,
                          "dev_label_counts": [%d, %d]},
                 "seeds": [1, 2]}
                """.formatted(version, commit, weights, labels.length, labels.length - ones, ones));
    }

    /** Adds a finished trial; its seconds, bytes and evaluations are those of its seed: 1 + seed of start, 10 * seed of training. */
    public MadeRun trial(String label, double rate, long seed, int... predictions) {
        String trial = "trials/" + label + "-lr" + rate + "-seed" + seed + "/";
        String figures = figures(predictions);
        write(trial + "result.json", """
                {"status": "done", "label": "%s", "method": "%s", "settings": {"init": "kaiming"}, "learning_rate": %s, "seed": %d,
                 "fingerprint": "f-%s-%d", "trainable_parameters": 4000, "dev": {"examples": %d, %s, "loss": 0.5}, "steps": 30,
                 "final_loss": 0.25, "factor_pairs": 48, "dead_pairs": 0, "init_seconds": %d, "train_seconds": %d, "eval_seconds": 2.5,
                 "peak_bytes": %d, "adapter_bytes": 16384,
                 "evaluations": [{"step": 10, "seconds": %d, %s, "loss": 0.7}, {"step": 30, "seconds": %d, %s, "loss": 0.5}]}
                """.formatted(
                        label,
                        label,
                        rate,
                        seed,
                        label,
                        seed,
                        labels.length,
                        figures,
                        1 + seed,
                        10 * seed,
                        (100 + seed) << 20,
                        1 + seed + 4 * seed,
                        "\"accuracy\": 0.5, \"f1\": 0.5, \"matthews\": 0",
                        1 + seed + 10 * seed,
                        figures));
        PredictionsFile.write(folder.resolve(trial + PredictionsFile.NAME), predicted(predictions));
        return this;
    }

    /** Adds a trial that diverged. */
    public MadeRun diverged(String label, double rate, long seed) {
        return write("trials/" + label + "-lr" + rate + "-seed" + seed + "/result.json", """
                {"status": "diverged", "label": "%s", "method": "%s", "settings": {"init": "kaiming"}, "learning_rate": %s, "seed": %d,
                 "layer": "bert.encoder.layer.0", "step": 3, "message": "training diverged at step 3"}
                """.formatted(
                        label, label, rate, seed));
    }

    /** Writes any file into the run directory. */
    public MadeRun write(String name, String text) {
        try {
            Path file = folder.resolve(name);
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Takes a file away. */
    public MadeRun without(String name) {
        try {
            Files.delete(folder.resolve(name));
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public RunResults read() {
        return RunReader.read(folder);
    }

    private Predictions predicted(int[] predictions) {
        float[][] probabilities = new float[labels.length][];
        for (int i = 0; i < labels.length; i++) {
            probabilities[i] = predictions[i] == 1 ? new float[] {0.25f, 0.75f} : new float[] {0.75f, 0.25f};
        }
        return Predictions.classification(labels, probabilities);
    }

    private String figures(int[] predictions) {
        double[][] count = new double[2][2];
        for (int i = 0; i < labels.length; i++) {
            count[labels[i]][predictions[i]]++;
        }
        double tp = count[1][1];
        double tn = count[0][0];
        double fp = count[0][1];
        double fn = count[1][0];
        double root = Math.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn));
        return String.format(
                Locale.ROOT,
                "\"accuracy\": %.17g, \"f1\": %.17g, \"matthews\": %.17g",
                (tp + tn) / labels.length,
                2 * tp + fp + fn == 0 ? 0 : 2 * tp / (2 * tp + fp + fn),
                root == 0 ? 0 : (tp * tn - fp * fn) / root);
    }
}
