package io.lora4j.recipes.results;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What made a run's results, as its {@code provenance.json} tells it.
 *
 * @param time when it began, ISO 8601
 * @param program the program's version and commit, by name
 * @param libraries versions of the libraries that compute, and of the matrix library; names in it are joined by dots
 * @param machine operating system, processors, memory
 * @param model the encoder's name
 * @param modelSha256 the checksum of its weights
 * @param tokenizerSha256 the checksum of its tokenizer
 * @param task the task's name
 * @param dataSha256 the checksums of its files, by name
 * @param trainExamples number of examples that were trained on
 * @param devExamples number of examples that were evaluated on
 * @param devLabelCounts how many of those carry each class, in the order of classes; null for scores, and for runs that did not keep it
 */
public record RunProvenance(
        String time,
        Map<String, String> program,
        Map<String, String> libraries,
        Map<String, String> machine,
        String model,
        String modelSha256,
        String tokenizerSha256,
        String task,
        Map<String, String> dataSha256,
        int trainExamples,
        int devExamples,
        @Nullable List<Long> devLabelCounts) {
    /** Copies the collections. */
    public RunProvenance {
        program = copy(program);
        libraries = copy(libraries);
        machine = copy(machine);
        dataSha256 = copy(dataSha256);
        devLabelCounts = devLabelCounts == null ? null : List.copyOf(devLabelCounts);
    }

    private static Map<String, String> copy(Map<String, String> map) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }

    static RunProvenance read(Fields json) {
        Fields model = json.object("model");
        Fields data = json.object("data");
        return new RunProvenance(
                json.text("time"),
                json.object("program").flat(),
                json.object("libraries").flat(),
                json.object("machine").flat(),
                model.text("name"),
                model.text("sha256"),
                model.text("tokenizer_sha256"),
                data.text("task"),
                data.object("sha256").flat(),
                (int) data.count("train_examples"),
                (int) data.count("dev_examples"),
                data.has("dev_label_counts") ? data.wholes("dev_label_counts") : null);
    }
}
