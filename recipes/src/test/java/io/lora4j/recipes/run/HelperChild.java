package io.lora4j.recipes.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;

/** A process that helps with a comparison, and keeps a list of the trials it begins. */
final class HelperChild {
    private HelperChild() {}

    /**
     * Helps until no trial is left.
     *
     * @param arguments the run directory, the home of caches, and the list
     */
    public static void main(String[] arguments) {
        Path run = Path.of(arguments[0]);
        Path home = Path.of(arguments[1]);
        RunListener listener = new RunListener() {
            @Override
            public void onTrialStart(TrialKey trial, int number) {
                try {
                    Files.writeString(
                            Path.of(arguments[2]),
                            trial.folderName() + "\n",
                            StandardOpenOption.CREATE,
                            StandardOpenOption.APPEND);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
        ComparisonRunner.help(run, List.of(), new RunOptions(home, home, null, Map.of()), listener);
    }
}
