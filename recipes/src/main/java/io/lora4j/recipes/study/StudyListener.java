package io.lora4j.recipes.study;

import io.lora4j.recipes.Study;
import java.nio.file.Path;

/** Hears how a study goes on, between the events of its comparisons; called on the running thread. */
public interface StudyListener {
    /** Hears nothing. */
    StudyListener NONE = new StudyListener() {};

    /**
     * The study's folder is there and holds {@code study.yaml}.
     *
     * @param study what is going to be done
     * @param folder the folder
     */
    default void onStudy(Study study, Path folder) {}

    /**
     * What the study will take, before its first trial.
     *
     * @param estimate trials that are left, and seconds
     */
    default void onEstimate(StudyEstimate estimate) {}

    /**
     * A comparison begins, or goes on.
     *
     * @param name its folder within the study, e.g. {@code task-mrpc/search}
     * @param number counted from 1
     * @param of all comparisons of the study
     */
    default void onComparison(String name, int number, int of) {}

    /**
     * A search is over, or was before.
     *
     * @param choice what was chosen for every method
     */
    default void onChoice(Choice choice) {}
}
