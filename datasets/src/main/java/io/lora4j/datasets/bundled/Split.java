package io.lora4j.datasets.bundled;

/** The two halves of a task, which share neither words nor rows. */
enum Split {
    TRAIN,
    DEV
}
