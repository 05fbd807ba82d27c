package io.lora4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.cli.Cli.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Studies through the command line. */
class StudyCommandTest {
    @TempDir
    private Path folder = Path.of("");

    @Test
    void validateSaysHowMuchThereIsToDo() {
        Outcome outcome = Cli.lora4j("validate", "search/quickstart", "sweep.adapter.rank=[4,8]");
        assertEquals(0, outcome.code(), outcome::err);
        // 5 methods x 4 candidates, then 5 methods x 3 seeds, twice
        assertTrue(
                outcome.out()
                        .endsWith(
                                "valid; a study of 2 combinations, 4 comparisons, 70 trials; search: 4 candidates for each"
                                        + " method, grid\n"),
                outcome::out);
        Outcome wrong = Cli.lora4j("validate", "search/quickstart", "search.trials=3", "sweep.adapter.rnk=[4]");
        assertEquals(2, wrong.code());
        assertTrue(
                wrong.err().contains("search.trials must be at least the number of search.learning_rates"), wrong::err);
        assertTrue(wrong.err().contains("unknown key \"rnk\" in adapter; did you mean \"rank\"?"), wrong::err);
    }

    @Test
    void goingOnTakesPlacesOnly() {
        Outcome outcome = Cli.lora4j("run", "--resume", folder.toString(), "train.epochs=3");
        assertEquals(2, outcome.code());
        assertTrue(outcome.err().contains("leave out 'train.epochs=3'"), outcome::err);
        Outcome nothing = Cli.lora4j("run", "--resume", folder.toString(), "data.dir=" + folder);
        assertEquals(2, nothing.code());
        assertTrue(nothing.err().contains("it is no run directory"), nothing::err);
    }

    @Test
    @Tag("slow")
    void aDryRunSaysWhatARunWouldTakeAndWritesNothing() throws Exception {
        Path out = folder.resolve("out");
        Outcome outcome = Cli.lora4j(
                "run",
                "search/quickstart",
                "data.max_train_samples=64",
                "data.max_eval_samples=32",
                "gradient.examples=16",
                "--output",
                out.toString(),
                "--dry-run");
        assertEquals(0, outcome.code(), outcome::err);
        assertFalse(Files.exists(out));
        String text = outcome.out();
        assertTrue(text.contains("20 to search, 15 to report"), text);
        assertTrue(text.contains("64 training ("), text);
        assertTrue(text.contains("head-only 770; lora 332,546; lora-plus 332,546; lora-ga 332,546"), text);
        assertTrue(text.matches("(?s).*memory +[1-9][0-9]* MiB.*"), text);
        assertTrue(text.matches("(?s).*2 comparisons, 35 trials, about [1-9].*; nothing was written\n"), text);
    }
}
