package io.lora4j.recipes.run;

import java.nio.file.Path;

/** A run was told to stop, and has: finished trials and the checkpoint of the one that was going on are in its folder. */
public final class RunInterruptedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Path folder;

    /**
     * @param folder the run directory, or the folder of the study that it belongs to
     */
    RunInterruptedException(Path folder) {
        super("interrupted; go on with: lora4j run --resume " + folder);
        this.folder = folder;
    }

    /**
     * The same for the larger undertaking that the run belongs to.
     *
     * @param study the folder of the study
     * @return an exception that names this folder
     */
    public RunInterruptedException within(Path study) {
        return new RunInterruptedException(study);
    }

    /**
     * Where to go on.
     *
     * @return the run directory, or the folder of the study that it belongs to
     */
    public Path folder() {
        return folder;
    }
}
