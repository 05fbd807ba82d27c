package io.lora4j.recipes.run;

import io.lora4j.error.UserException;
import io.lora4j.eval.TaskMetrics;
import io.lora4j.recipes.events.EventFile;
import io.lora4j.train.StepInfo;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes a TensorBoard event file into every trial's folder: {@code train/loss}, {@code train/learning_rate} and {@code train/grad_norm} of each step,
 * {@code dev/accuracy}, {@code dev/f1}, {@code dev/matthews} (or {@code dev/pearson}, {@code dev/spearman}) and {@code dev/loss} of each evaluation. {@code tensorboard --logdir RUN/trials} shows
 * a curve per trial; that of a running trial has the suffix {@code .part}. For one run; what cannot be written ends it with a {@link
 * UserException}.
 */
public final class TensorBoardListener implements RunListener {
    private @Nullable Path run;
    private @Nullable TrialKey current;
    private @Nullable EventFile events;

    @Override
    public void onDirectory(Path folder) {
        run = folder;
    }

    @Override
    public void onStep(TrialKey trial, StepInfo step) {
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("train/loss", step.loss());
        values.put("train/learning_rate", step.learningRate());
        values.put("train/grad_norm", step.gradNorm());
        events(trial).scalars(step.step(), values);
    }

    @Override
    public void onEvaluation(TrialKey trial, long step, TaskMetrics dev) {
        Map<String, Double> values = new LinkedHashMap<>();
        dev.figures().forEach((figure, value) -> values.put("dev/" + figure, value));
        values.put("dev/loss", dev.loss());
        events(trial).scalars(step, values);
    }

    /** The trial's file; begun with its first event, when its folder is there. */
    private EventFile events(TrialKey trial) {
        EventFile known = events;
        if (known == null || !trial.equals(current)) {
            Path folder = run;
            if (folder == null) {
                throw new IllegalStateException("a trial before its run directory");
            }
            known = EventFile.begin(TrialDirectory.besideOf(folder, trial), InstantSource.system());
            events = known;
            current = trial;
        }
        return known;
    }
}
