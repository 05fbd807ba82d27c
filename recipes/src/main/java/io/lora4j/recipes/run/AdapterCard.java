package io.lora4j.recipes.run;

import io.lora4j.eval.TaskMetrics;
import io.lora4j.models.ModelStore;
import io.lora4j.models.encoder.Pooling;
import io.lora4j.models.peft.PeftAdapter;
import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.table.TableText;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The {@code README.md} of an adapter folder: what it is, how good it is, how to load it here and in Python. Its head is the metadata that the
 * Hugging Face hub reads (hub documentation, "Model Cards").
 */
final class AdapterCard {
    private final Workbench bench;
    private final Recipe.MethodChoice method;
    private final TrialResult result;
    private final PeftAdapter adapter;
    private final double difference;

    /**
     * @param method the method as the recipe has it
     * @param result the finished trial
     * @param adapter what the folder holds
     * @param difference how far its logits were from the trained model's when it was read back
     */
    AdapterCard(
            Workbench bench, Recipe.MethodChoice method, TrialResult result, PeftAdapter adapter, double difference) {
        this.bench = bench;
        this.method = method;
        this.result = result;
        this.adapter = adapter;
        this.difference = difference;
    }

    /** The whole file. */
    String text() {
        return metadata() + "\n# " + result.key().method() + " adapter of " + model() + " for " + task() + "\n\n"
                + table() + "\n" + use();
    }

    private String model() {
        return bench.model().name();
    }

    /** The base's name where Python's tools look for it. */
    private String published() {
        return ModelStore.publishedName(model());
    }

    private String task() {
        return bench.data().task();
    }

    private boolean scores() {
        return bench.data().scores();
    }

    private boolean pooled() {
        return bench.recipe().model().pooling() == Pooling.CLS;
    }

    private String metadata() {
        TaskMetrics dev = result.dev();
        return """
                ---
                base_model: %s
                library_name: peft
                pipeline_tag: text-classification
                tags: [lora, lora4j]
                model-index:
                - name: %s
                  results:
                  - task: {type: text-classification}
                    dataset: {name: %s, type: %s, split: dev}
                    metrics:
                %s---
                """.formatted(
                quoted(published()),
                quoted(result.key().folderName()),
                quoted(task()),
                quoted(task()),
                dev.figures().entrySet().stream()
                        .map(e -> "    - {type: " + published(e.getKey()) + ", value: " + number(e.getValue()) + "}\n")
                        .collect(Collectors.joining()));
    }

    /** A figure as the hub calls it (the names of the library {@code evaluate}). */
    private static String published(String figure) {
        return switch (figure) {
            case "matthews" -> "matthews_correlation";
            case "pearson" -> "pearsonr";
            case "spearman" -> "spearmanr";
            default -> figure;
        };
    }

    /** A figure as people call it. */
    private static String spoken(String figure) {
        return switch (figure) {
            case "f1" -> "F1";
            case "matthews" -> "Matthews correlation";
            case "pearson" -> "Pearson correlation";
            case "spearman" -> "Spearman correlation";
            default -> figure;
        };
    }

    /** A YAML scalar: names of folders may hold anything. */
    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }

    private String table() {
        List<String> rows = new ArrayList<>();
        Map<String, Object> settings = method.settings().toMap();
        row(rows, "base", model() + ", weights sha256 " + bench.model().sha256());
        row(
                rows,
                "data",
                task() + ", " + bench.train().size() + " training and "
                        + bench.dev().size() + " " + bench.recipe().data().evaluatedOn() + " examples; "
                        + (scores()
                                ? "scores"
                                : "labels " + String.join(", ", bench.data().labels())));
        row(
                rows,
                "method",
                method.settings().type().name()
                        + (settings.isEmpty()
                                ? ""
                                : settings.entrySet().stream()
                                        .map(e -> e.getKey() + " " + e.getValue())
                                        .collect(Collectors.joining(", ", " (", ")"))));
        row(rows, "source", method.settings().type().source());
        row(
                rows,
                "adapter",
                "rank " + ranks() + ", " + adapter.layers().size() + " layers, "
                        + adapter.scaling().name().toLowerCase(Locale.ROOT) + " scaling, "
                        + adapter.weightForm().name().toLowerCase(Locale.ROOT) + " weight form");
        row(
                rows,
                "training",
                result.steps() + " steps of " + bench.recipe().train().describeStep() + ", learning rate "
                        + TableText.shortest(result.key().learningRate()) + ", seed "
                        + result.key().seed() + ", "
                        + String.format(Locale.ROOT, "%,d", result.trainableParameters()) + " trainable parameters");
        TaskMetrics dev = result.dev();
        row(
                rows,
                "dev set",
                dev.figures().entrySet().stream()
                                .map(e -> String.format(
                                        Locale.ROOT, "%s %.2f %%", spoken(e.getKey()), 100 * e.getValue()))
                                .collect(Collectors.joining(", "))
                        + ", loss " + number(dev.loss()));
        row(rows, "checked", String.format(Locale.ROOT, "read back, its logits differ by %.1e at most", difference));
        return "| | |\n| --- | --- |\n" + String.join("\n", rows) + "\n";
    }

    private static void row(List<String> rows, String name, String value) {
        rows.add("| " + name + " | " + value.replace("|", "\\|") + " |");
    }

    private String ranks() {
        return adapter.layers().values().stream()
                .map(factors -> Integer.toString(factors.rank()))
                .distinct()
                .collect(Collectors.joining(", "));
    }

    private String use() {
        String python = pooled()
                ? """
                from transformers import AutoModelForSequenceClassification
                from peft import PeftModel

                base = AutoModelForSequenceClassification.from_pretrained(%s, num_labels=%d)
                model = PeftModel.from_pretrained(base, THIS_FOLDER).eval()
                """.formatted(quoted(published()), bench.outputs())
                : """
                # The classifier sees the mean over all tokens, which no sequence classifier of transformers computes:
                # the adapter and the head load, and the mean is yours to take.
                from transformers import AutoModelForSequenceClassification
                from peft import PeftModel

                base = AutoModelForSequenceClassification.from_pretrained(%s, num_labels=%d)
                model = PeftModel.from_pretrained(base, THIS_FOLDER).eval()
                rows = model.base_model.model.base_model(**inputs).last_hidden_state
                mask = inputs["attention_mask"].unsqueeze(-1)
                logits = model.base_model.model.classifier((rows * mask).sum(1) / mask.sum(1))
                """.formatted(quoted(published()), bench.outputs());
        return """
                ## Use

                ```sh
                lora4j predict THIS_FOLDER "a text"
                lora4j export THIS_FOLDER --format %s --output merged
                ```

                ```java
                TextClassifier classifier = TextClassifier.load("%s", Path.of("THIS_FOLDER"));
                %s
                ```

                ```python
                %s```
                """.formatted(
                        pooled() ? "hf" : "onnx",
                        model().replace("\\", "\\\\"),
                        scores()
                                ? "double score = classifier.score(\"a text\");"
                                : "Prediction prediction = classifier.predict(\"a text\");",
                        python);
    }
}
