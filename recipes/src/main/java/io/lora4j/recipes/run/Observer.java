package io.lora4j.recipes.run;

import io.lora4j.adapter.AdaptedModel;
import io.lora4j.models.peft.LoraFactors;
import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.diagnostics.DiagnosticsFile;
import io.lora4j.recipes.diagnostics.GradientSubspaces;
import java.nio.file.Path;

/** Writes a trial's diagnostics, between steps and off the trial's clock. Only reads the network. */
final class Observer {
    private final GradientSubspaces subspaces;
    private final AdaptedModel model;
    private final int every;
    private final long totalSteps;
    private final TrialDirectory directory;
    private final Path file;
    private double seconds;

    private Observer(
            GradientSubspaces subspaces, AdaptedModel model, int every, long totalSteps, TrialDirectory directory) {
        this.subspaces = subspaces;
        this.model = model;
        this.every = every;
        this.totalSteps = totalSteps;
        this.directory = directory;
        this.file = directory.resolve(DiagnosticsFile.NAME);
    }

    /** Writes the spectra and the angles of the start; where the trial goes on, takes away what was written behind its checkpoint. */
    static Observer begin(
            GradientSubspaces subspaces,
            AdaptedModel model,
            Recipe.DiagnosticsChoice choice,
            long totalSteps,
            TrialDirectory directory) {
        Observer observer = new Observer(subspaces, model, choice.anglesEvery(), totalSteps, directory);
        TrialCheckpoint checkpoint = directory.checkpoint();
        if (checkpoint != null) {
            DiagnosticsFile.cut(observer.file, checkpoint.training().steps());
            return observer;
        }
        DiagnosticsFile.append(observer.file, subspaces.spectra());
        if (observer.every > 0) {
            observer.look(0);
            // That was before training, whose seconds are counted from its own beginning.
            observer.seconds = 0;
        }
        return observer;
    }

    /** Looks at the adapters if it is time, and after the last step. */
    void afterStep(long step) {
        if (every > 0 && (step % every == 0 || step == totalSteps)) {
            look(step);
        }
    }

    private void look(long step) {
        long start = System.nanoTime();
        DiagnosticsFile.append(file, subspaces.angles(step, LoraFactors.copyOf(model)));
        double taken = (System.nanoTime() - start) * 1e-9;
        seconds += taken;
        directory.leaveOut(taken);
    }

    /** Seconds it has taken between steps. */
    double seconds() {
        return seconds;
    }
}
