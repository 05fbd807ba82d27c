package io.lora4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lora4j.cli.Cli.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The verbs of {@code lora4j data}, on rows made up here and, if they are there, on the real files. */
class DataCommandTest {
    private static final String RTE = "index\tsentence1\tsentence2\tlabel\n";

    @TempDir
    Path folder = Path.of("");

    private void write(String file, String content) throws IOException {
        Path path = folder.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, content);
    }

    private static Outcome ok(String... words) {
        Outcome outcome = Cli.lora4j(words);
        assertEquals(0, outcome.code(), outcome::err);
        assertEquals("", outcome.err());
        return outcome;
    }

    private static List<String> lines(Outcome outcome) {
        return outcome.out().lines().map(line -> line.replaceAll(" +", " ")).toList();
    }

    @Test
    void lsNamesKindMetricsAndFiles() throws IOException {
        write("RTE/dev.tsv", RTE + "0\tA.\tB.\tentailment\n");
        List<String> lines = lines(ok("data", "ls", "--data-dir", folder.toString()));
        for (String expected : List.of(
                "paraphrase pair, 2 classes - bundled",
                "CoLA sentence, 2 classes matthews 0 of 3 files",
                "STS-B pair, score 0 to 5 pearson, spearman 0 of 3 files",
                "MNLI pair, 3 classes accuracy 0 of 5 files",
                "RTE pair, 2 classes accuracy 1 of 3 files",
                "AX test of MNLI, pair, 3 classes matthews 0 of 1 file")) {
            assertTrue(lines.contains(expected), expected + " in:\n" + String.join("\n", lines));
        }
        assertTrue(lines(ok("data", "ls")).contains("WNLI pair, 2 classes accuracy needs --data-dir"));
    }

    @Test
    void showPrintsCountsBalanceLengthsAndExamples() throws IOException {
        write(
                "RTE/train.tsv",
                RTE
                        + "0\tIt rains now.\tIt is wet.\tentailment\n1\tA b c d\tE f g h\tnot_entailment\n2\tA b\tC\tentailment\n");
        write("RTE/test.tsv", "index\tsentence1\tsentence2\n0\tBirds\tsing.\n");
        assertEquals(
                """
                RTE

                train (RTE/train.tsv)
                  rows    3
                  labels  entailment 2 (66.67 %), not_entailment 1 (33.33 %)
                  words   mean 5.7, median 6, longest 8
                    1-5   1  ####################
                    6-10  2  ########################################
                  entailment: It rains now. | It is wet.

                dev (RTE/dev.tsv): not there

                test (RTE/test.tsv)
                  rows   1
                  words  mean 2.0, median 2, longest 2
                    1-5  1  ########################################
                  Birds | sing.
                """,
                ok("data", "show", "rte", "--data-dir", folder.toString(), "--examples", "1")
                        .out());
    }

    @Test
    void showSaysQuartilesOfScores() throws IOException {
        String row = "0\tg\tf\ty\t0\tn\tn\tA dog.\tA cat.\t";
        write(
                "STS-B/dev.tsv",
                "index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2\tscore\n" + row + "5\n"
                        + row + "1.25\n" + row + "0.000\n" + row + "2.5\n");
        Outcome text = ok("data", "show", "STS-B", "--data-dir", folder.toString());
        // sorted 0 1.25 2.5 5: a quarter, half and three quarters of the four are reached by the first, second and
        // third
        assertTrue(
                lines(text).contains(" scores least 0.000, quartiles 0.000, 1.250 and 2.500, greatest 5.000"),
                text::out);
        assertTrue(lines(text).contains(" 5.0: A dog. | A cat."), text::out);
    }

    @Test
    void showAsJson() throws IOException {
        write("RTE/dev.tsv", RTE + "0\tIt rains.\tWet.\tentailment\n");
        JsonNode report = new JsonMapper()
                .readTree(ok("data", "show", "RTE", "--data-dir", folder.toString(), "--json")
                        .out());
        assertEquals("RTE", report.get("task").asText());
        JsonNode dev = report.get("parts").get(1);
        assertEquals("dev", dev.get("split").asText());
        assertEquals(1, dev.get("summary").get("labels").get("entailment").asInt());
        assertEquals(3, dev.get("summary").get("words").get("longest").asInt());
        assertEquals("Wet.", dev.get("examples").get(0).get("second").asText());
        assertTrue(report.get("parts").get(0).get("summary").isNull());
        JsonNode tasks = new JsonMapper().readTree(ok("data", "ls", "--json").out());
        assertEquals(13, tasks.size());
        assertEquals("pearson", tasks.get(6).get("metrics").get(0).asText());
    }

    @Test
    void verifyTellsMissingAndChangedFilesApart() throws IOException {
        Outcome nothing = ok("data", "verify", "--data-dir", folder.toString());
        assertEquals(30, nothing.out().lines().count());
        assertTrue(lines(nothing).contains("WNLI/dev.tsv missing the published file has 71 rows"), nothing::out);
        write("WNLI/dev.tsv", "index\tsentence1\tsentence2\tlabel\n0\tA.\tB.\t1\n");
        Outcome changed = Cli.lora4j("data", "verify", "wnli", "--data-dir", folder.toString());
        assertEquals(2, changed.code());
        List<String> lines = lines(changed);
        assertEquals(3, lines.size());
        assertTrue(
                lines.get(1).startsWith("WNLI/dev.tsv CHANGED 1 rows where the published file has 71; sha256 "),
                changed::out);
        Outcome json = Cli.lora4j("data", "verify", "wnli", "--data-dir", folder.toString(), "--json");
        assertEquals(2, json.code());
        JsonNode results = new JsonMapper().readTree(json.out());
        assertEquals("missing", results.get(0).get("state").asText());
        assertTrue(results.get(0).get("rows").isNull());
        assertEquals("changed", results.get(1).get("state").asText());
        assertEquals(1, results.get(1).get("rows").asInt());
        assertEquals(64, results.get(1).get("published_sha256").asText().length());
    }

    @Test
    void verifyAcceptsTheRealFiles() {
        String glue = System.getenv("LORA4J_GLUE");
        assumeTrue(glue != null, "set LORA4J_GLUE to a folder with GLUE's files to run this");
        List<String> lines = lines(ok("data", "verify", "cola", "AX", "--data-dir", glue));
        assertEquals(
                List.of(
                        "CoLA/train.tsv fine 8,551 rows, checksum as published",
                        "CoLA/dev.tsv fine 1,043 rows, checksum as published",
                        "CoLA/test.tsv fine 1,063 rows, checksum as published",
                        "AX/diagnostic.tsv fine 1,104 rows, checksum as published"),
                lines);
    }

    @Test
    void mistakesAreCode2() throws IOException {
        write("CoLA/dev.tsv", "only one cell\n");
        String here = folder.toString();
        for (List<String> words : List.of(
                List.of("data"),
                List.of("data", "show"),
                List.of("data", "show", "MRPC"),
                List.of("data", "show", "MRPC", "--data-dir", here),
                List.of("data", "show", "CoLA", "--data-dir", here),
                List.of("data", "show", "no-such-task", "--data-dir", here),
                List.of("data", "show", "acceptability", "--examples", "-1"),
                List.of("predict", "adapter", "--glue", "cola"),
                List.of("predict", "adapter", "--data", here),
                List.of("predict", "adapter", "--glue", "cola", "--data", here, "--output", here, "a text"),
                List.of("predict", "adapter", "--glue", "kola", "--data", here, "--output", here),
                List.of("data", "verify"),
                List.of("data", "fetch", "--data-dir", here),
                List.of("data", "fetch", "mrpc", "--data-dir", here),
                List.of("data", "fetch", "rte", "kola", "--data-dir", here),
                List.of("data", "fetch", "rte", "--data-dir", here, "--from", "http://example.org"),
                List.of("data", "fetch", "rte", "--data-dir", here, "--from", "not an address"),
                List.of("data", "verify", "paraphrase", "--data-dir", here),
                List.of("data", "verify", "--data-dir", here + "/nowhere"))) {
            Outcome outcome = Cli.lora4j(words.toArray(String[]::new));
            assertEquals(2, outcome.code(), words + ": " + outcome.err());
            assertFalse(outcome.err().isBlank(), words::toString);
            assertFalse(outcome.err().contains("\tat "), outcome::err);
        }
    }
}
