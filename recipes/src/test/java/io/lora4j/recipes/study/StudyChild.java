package io.lora4j.recipes.study;

import io.lora4j.recipes.run.RunListener;
import io.lora4j.recipes.run.TrialKey;
import io.lora4j.recipes.run.TrialResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** A process that runs the tiny study, or goes on with it, and keeps a list of what it begins and ends. */
final class StudyChild {
    private StudyChild() {}

    /**
     * Runs the study, or goes on.
     *
     * @param arguments the folder with data and recipe, and the study's folder
     */
    public static void main(String[] arguments) {
        Path folder = Path.of(arguments[0]);
        Path out = Path.of(arguments[1]);
        Journal journal = new Journal(folder.resolve("journal"));
        if (StudyRunner.isStudy(out)) {
            StudyRunner.resume(out, List.of(), TinyStudy.options(folder, "unused", () -> false), journal, journal);
        } else {
            StudyRunner.run(
                    TinyStudy.read(folder),
                    TinyStudy.options(folder, out.getFileName().toString(), () -> false),
                    journal,
                    journal);
        }
    }

    /** Lines {@code begin TRIAL} and {@code end TRIAL}. */
    static final class Journal implements RunListener, StudyListener {
        private final Path file;
        private String comparison = "";

        Journal(Path file) {
            this.file = file;
        }

        private void write(String event, TrialKey trial) {
            try {
                Files.writeString(
                        file,
                        event + " " + comparison + "/" + trial.folderName() + "\n",
                        StandardOpenOption.CREATE,
                        StandardOpenOption.APPEND);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void onComparison(String name, int number, int of) {
            comparison = name;
        }

        @Override
        public void onTrialStart(TrialKey trial, int number) {
            write("begin", trial);
        }

        @Override
        public void onTrialEnd(TrialResult result) {
            write("end", result.key());
        }
    }
}
