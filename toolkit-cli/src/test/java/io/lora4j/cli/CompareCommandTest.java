package io.lora4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lora4j.cli.Cli.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables of run directories of which only the small files are there, as they are committed. */
class CompareCommandTest {
    @TempDir
    private Path folder;

    private Path runs;

    @BeforeEach
    void makeRuns() throws IOException {
        runs = folder.resolve("runs");
        run("mrpc", "mrpc", 3, 8, "c0ffee");
        run("rank", "mrpc", 3, 32, "c0ffee");
    }

    private Path run(String name, String task, int epochs, int rank, String commit) throws IOException {
        Path run = Files.createDirectories(runs.resolve(name));
        Files.writeString(run.resolve("recipe.yaml"), """
                name: made
                model: {name: all-MiniLM-L6-v2}
                task: %s
                data: {dir: /glue}
                methods: [{name: lora, learning_rate: 5e-4}]
                adapter: {rank: %d}
                train: {epochs: %d, batch: 10, micro_batch: 10, seeds: [1, 2]}
                """.formatted(task, rank, epochs));
        Files.writeString(run.resolve("provenance.json"), """
                {"time": "2026-01-02T03:04:05Z", "program": {"lora4j": "0.1.0", "commit": "%s"}, "libraries": {}, "machine": {},
                 "model": {"name": "m", "sha256": "aa", "tokenizer_sha256": "bb"},
                 "data": {"task": "T", "sha256": {"dev.tsv": "cc"}, "train_examples": 100, "dev_examples": 40,
                          "dev_label_counts": [10, 30]}}
                """.formatted(commit));
        trial(run, "head-only", 1, 0.70);
        trial(run, "head-only", 2, 0.70);
        trial(run, "lora", 1, 0.80);
        trial(run, "lora", 2, 0.90);
        return run;
    }

    /** Starts in 1 second, trains in 9, and has the score at the end. */
    private static void trial(Path run, String label, int seed, double f1) throws IOException {
        Path trial = Files.createDirectories(run.resolve("trials/" + label + seed));
        Files.writeString(
                trial.resolve("result.json"), """
                {"status": "done", "label": "%1$s", "method": "%1$s", "settings": {}, "learning_rate": %2$s, "seed": %3$d,
                 "trainable_parameters": 4000, "dev": {"examples": 40, "accuracy": 0.75, "f1": %4$s, "matthews": 0.5, "loss": 0.5},
                 "steps": 30, "final_loss": 0.25, "init_seconds": 1, "train_seconds": 9, "eval_seconds": 2, "peak_bytes": 104857600,
                 "evaluations": [{"step": 30, "seconds": 10, "f1": %4$s, "loss": 0.5}]}
                """.formatted(label, label.equals("lora") ? "5e-4" : "0.01", seed, f1));
    }

    private static Outcome compare(Object... words) {
        String[] all = new String[words.length + 1];
        all[0] = "compare";
        for (int i = 0; i < words.length; i++) {
            all[i + 1] = words[i].toString();
        }
        return Cli.lora4j(all);
    }

    @Test
    void rebuildsATableFromTheSmallFiles() {
        Outcome outcome = compare(runs.resolve("mrpc"), "--format", "md");
        assertEquals(0, outcome.code(), outcome::err);
        assertEquals("", outcome.err());
        // F1 0.85 and 0.1 / sqrt 2; half the way from 0.7 is 0.775
        assertTrue(
                outcome.out()
                        .contains(
                                "| lora | 5e-4 | 4,000 | 85.00 ± 7.07 | 75.00 ± 0.00 | 50.00 ± 0.00 | 2 | 1.0 | 9.0 | 33.3"
                                        + " | 100 | 10.0 |\n"),
                outcome::out);
        assertTrue(outcome.out().contains("| s to 77.5 % |"), outcome::out);
        assertTrue(outcome.out().contains("| majority | - | 0 | 85.71 | 75.00 | 0.00 | 1 |"), outcome::out);
        assertTrue(outcome.out().contains("4 of 4 trials have no predictions.tsv"), outcome::out);
    }

    @Test
    void textFitsTheTerminalAndRanksAreColumns() {
        Outcome outcome = compare(runs);
        assertEquals(0, outcome.code(), outcome::err);
        assertTrue(outcome.out().lines().allMatch(line -> line.length() <= 80), outcome::out);
        assertTrue(outcome.out().contains("rank 8 F1 %") && outcome.out().contains("rank 32 F1 %"), outcome::out);
        assertTrue(outcome.out().contains("never"), "head-only: " + outcome.out());
        assertFalse(outcome.out().contains("\u001b"), "no terminal, no colours");
    }

    @Test
    void jsonAndCsvAreForPrograms() throws IOException {
        Outcome outcome = compare(runs, "--json", "--target", "90%");
        JsonNode json = new ObjectMapper().readTree(outcome.out());
        assertEquals(1, outcome.out().lines().count());
        assertEquals("adapter.rank", json.at("/keys/0").asText());
        JsonNode lora = json.at("/tables/1/rows/2");
        assertEquals(0.85, lora.at("/scores/f1/mean").asDouble(), 1e-12);
        assertTrue(json.at("/tables/0/rows/0/scores/f1/sd").isNull());
        assertEquals(1, lora.at("/cost/reached/reached").asInt(), "0.9 by one seed");
        Path file = folder.resolve("table.csv");
        assertEquals("", compare(runs, "--format", "csv", "--output", file).out());
        assertEquals(1 + 2 * 3, Files.readAllLines(file).size());
        assertTrue(Files.readAllLines(file).get(0).startsWith("adapter.rank,method,learning_rate,"));
        assertTrue(compare(runs, "--format", "LaTeX").out().contains("\\toprule"));
    }

    @Test
    void aReportIsWrittenBesideTheTableAndNotForRefusedRuns() throws IOException {
        Path file = folder.resolve("report.html");
        Path other = run("other", "mrpc", 2, 8, "c0ffee");
        assertEquals(2, compare(runs.resolve("mrpc"), other, "--html", file).code());
        assertFalse(Files.exists(file));
        Outcome outcome = compare(runs.resolve("mrpc"), "--html", file);
        assertEquals(0, outcome.code(), outcome::err);
        assertTrue(outcome.out().contains("head-only"), outcome::out);
        String html = Files.readString(file);
        assertTrue(html.toLowerCase(Locale.ROOT).startsWith("<!doctype html>"), html.substring(0, 100));
        assertTrue(html.contains("head-only"), "its rows");
    }

    @Test
    void whatDiffersIsRefusedWithCode2() throws IOException {
        Path other = run("other", "mrpc", 2, 8, "c0ffee");
        Outcome outcome = compare(runs.resolve("mrpc"), other);
        assertEquals(2, outcome.code());
        assertEquals("", outcome.out());
        assertTrue(
                outcome.err().startsWith("lora4j: these results cannot be compared, they differ in budget:"),
                outcome::err);
        assertTrue(outcome.err().contains("train.epochs: 3 in " + runs.resolve("mrpc")), outcome::err);
        assertTrue(outcome.err().contains("--allow budget"), outcome::err);
        assertEquals(
                0, compare(runs.resolve("mrpc"), other, "--by", "train.epochs").code());
        Path code = run("code", "mrpc", 3, 8, "dead");
        trial(code, "lora", 1, 0.81);
        assertEquals(2, compare(runs.resolve("mrpc"), code).code());
        Outcome twice = compare(runs.resolve("mrpc"), code, "--allow", "code");
        assertEquals(2, twice.code());
        assertTrue(twice.err().contains("two runs have different results for lora at 5e-4, seed 1"), twice::err);
    }

    @Test
    void mistakesAreCode2InOneLine() throws IOException {
        for (Object[] words : new Object[][] {
            {folder.resolve("none")},
            {Files.createDirectories(folder.resolve("empty"))},
            {runs, "--target", "many"},
            {runs, "--by", "train.epoch"},
        }) {
            Outcome outcome = compare(words);
            assertEquals(2, outcome.code(), outcome::err);
            assertEquals(1, outcome.err().lines().count(), outcome::err);
        }
        assertEquals(2, compare(runs, "--json", "--format", "csv").code());
        assertEquals(2, compare(runs, "--allow", "seeds").code());
        Files.writeString(runs.resolve("mrpc/trials/lora1/result.json"), "{");
        Outcome damaged = compare(runs);
        assertEquals(2, damaged.code());
        assertTrue(
                damaged.err().startsWith("lora4j: " + runs.resolve("mrpc/trials/lora1/result.json") + ": is no JSON"),
                damaged::err);
    }

    @Test
    void writesAReportAndItsPlots() throws IOException {
        Path page = folder.resolve("report.html");
        Path plots = folder.resolve("plots");
        Outcome outcome = compare(runs, "--html", page, "--plots", plots);
        assertEquals(0, outcome.code(), outcome::err);
        assertTrue(outcome.err().contains("report: " + page), outcome::err);
        assertTrue(outcome.out().contains("lora"), "the table is printed as well");
        String html = Files.readString(page);
        assertTrue(
                html.contains("<h3>Score by time</h3>") && html.contains("mrpc: score by rank"),
                "what small files tell");
        assertFalse(html.contains("Training loss"), "there are no curves of steps");
        try (Stream<Path> files = Files.list(plots)) {
            assertTrue(files.allMatch(file -> file.toString().matches(".*\\.(svg|png)")), "plots");
        }
        assertEquals(
                2, compare(runs, "--html", folder.resolve("none/report.html")).code());
    }
}
