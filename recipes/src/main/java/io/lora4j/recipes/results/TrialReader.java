package io.lora4j.recipes.results;

import io.lora4j.recipes.results.TrialRecord.ChosenStep;
import io.lora4j.recipes.results.TrialRecord.Outcome;
import io.lora4j.recipes.results.TrialRecord.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the folder of one trial. */
final class TrialReader {
    private static final String ADAPTER = "adapter/adapter_model.safetensors";

    private TrialReader() {}

    /**
     * Reads a trial.
     *
     * @param folder a folder with a {@code result.json}
     * @throws io.lora4j.error.FormatException if the file is damaged or no such file
     */
    static TrialRecord read(Path folder) {
        Fields json = Fields.read(folder.resolve(RunReader.RESULT));
        Status status =
                switch (json.text("status")) {
                    case "done" -> Status.DONE;
                    case "diverged" -> Status.DIVERGED;
                    case "failed" -> Status.FAILED;
                    default ->
                        throw json.damaged(
                                "has the status \"" + json.text("status") + "\"; known are done, diverged, failed");
                };
        return new TrialRecord(
                folder,
                json.text("label"),
                json.text("method"),
                json.object("settings").flat(),
                json.has("learning_rate") ? Double.valueOf(json.notNegative("learning_rate")) : null,
                json.whole("seed"),
                json.textOrNull("fingerprint"),
                status,
                json.textOrNull("message"),
                status == Status.DONE ? outcome(folder, json) : null);
    }

    private static Outcome outcome(Path folder, Fields json) {
        Fields dev = json.object("dev");
        double init = json.notNegative("init_seconds");
        double train = json.notNegative("train_seconds");
        return new Outcome(
                Scores.ofTrial(json),
                Math.toIntExact(Math.min(dev.count("examples"), Integer.MAX_VALUE)),
                dev.number("loss"),
                json.count("steps"),
                json.numberOrNull("final_loss"),
                init,
                train,
                json.notNegative("eval_seconds"),
                json.count("peak_bytes"),
                json.count("trainable_parameters"),
                adapterBytes(folder, json),
                chosenStep(json),
                json.has("factor_pairs") ? (int) json.count("factor_pairs") : 0,
                json.has("dead_pairs") ? (int) json.count("dead_pairs") : 0,
                json.has("evaluations") ? evaluations(json) : Curves.evaluations(folder, init, train));
    }

    private static @Nullable ChosenStep chosenStep(Fields json) {
        if (!json.has("chosen_step")) {
            return null;
        }
        Fields step = json.object("chosen_step");
        return new ChosenStep(step.number("step_size"), step.number("gradient_loss"));
    }

    /** As the run wrote it, so that a result that was kept without its adapter still has it. */
    private static @Nullable Long adapterBytes(Path folder, Fields json) {
        if (json.has("adapter_bytes")) {
            return json.count("adapter_bytes");
        }
        Path file = folder.resolve(ADAPTER);
        return Files.isRegularFile(file) ? Long.valueOf(file.toFile().length()) : null;
    }

    private static List<EvaluationPoint> evaluations(Fields json) {
        List<EvaluationPoint> points = new ArrayList<>();
        for (Fields each : json.objects("evaluations")) {
            points.add(new EvaluationPoint(
                    each.count("step"), each.numberOrNull("seconds"), Scores.of(each), each.number("loss")));
        }
        return points;
    }
}
