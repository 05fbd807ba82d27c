package io.lora4j.recipes.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.recipes.plot.LinePlot;
import io.lora4j.recipes.plot.Series;
import io.lora4j.recipes.results.RunResults;
import io.lora4j.recipes.results.TrialRecord;
import io.lora4j.recipes.table.Comparison;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HtmlReportTest {
    private static final String EVIL = "</td><script>alert('\"&')</script>";

    @TempDir
    private static Path folder;

    private static List<RunResults> runs;

    @BeforeAll
    static void compare() throws IOException {
        runs = ReportFixture.run(folder);
    }

    private static String report(List<RunResults> shown) throws IOException {
        Path file = folder.resolve("report.html");
        HtmlReport.write(Comparison.of(runs, Comparison.Options.DEFAULT), shown, file);
        return Files.readString(file);
    }

    private static Set<String> headings(String html) {
        Set<String> found = new HashSet<>();
        Matcher heading = Pattern.compile("<h3>([^<]*)</h3>").matcher(html);
        while (heading.find()) {
            found.add(heading.group(1));
        }
        return found;
    }

    @Test
    void showsEverythingThatWasRecorded() throws IOException {
        assertEquals(
                Set.of(
                        "Training loss by step",
                        "Training loss by time",
                        "Score by time",
                        "Trainable parameters",
                        "Spectra of the gradients",
                        "Effective rank of the gradients",
                        "Stable rank of the gradients",
                        "Angles to the gradient, input side",
                        "Angles to the gradient, output side",
                        "made-up: score by rank"),
                headings(report(runs).replace(runs.get(0).recipe().task().name() + ":", "made-up:")));
    }

    @Test
    void asksForNothing() throws IOException {
        String html = report(runs);
        String foreign = html.replace("http://www.w3.org/2000/svg", "").replace("http://www.w3.org/1999/xlink", "");
        for (String request : List.of("http:", "https:", "//", " src=", "@import", "url(")) {
            String rest = request.equals("url(") ? foreign.replaceAll("url\\(#[a-zA-Z0-9-]+\\)", "") : foreign;
            if (request.equals("//")) {
                rest = rest.replaceAll("(?m)^ *// .*$", "");
            }
            int at = rest.indexOf(request);
            assertEquals(-1, at, () -> request + " in a report");
        }
        assertTrue(html.contains("default-src 'none'"), "the policy");
        assertFalse(html.contains(" style=") || html.contains(" onclick="), "the policy forbids them");
    }

    @Test
    void isTheSameForTheSameResults() throws IOException {
        assertArrayEquals(
                report(runs).getBytes(StandardCharsets.UTF_8), report(runs).getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void escapesWhateverComesFromResults() throws IOException {
        RunResults run = runs.get(0);
        List<TrialRecord> trials = run.trials().stream()
                .map(trial -> new TrialRecord(
                        trial.folder(),
                        EVIL,
                        trial.method(),
                        trial.settings(),
                        trial.learningRate(),
                        trial.seed(),
                        trial.fingerprint(),
                        trial.status(),
                        trial.message(),
                        trial.outcome()))
                .toList();
        String html = report(List.of(new RunResults(
                Path.of("<i>folder"), run.recipe(), run.provenance(), Map.of(), run.majorityLoss(), trials)));
        assertEquals(2, html.split("<script>", -1).length, "the page's own script is the only one");
        assertFalse(html.contains("<i>"), "the folder's name");
        assertTrue(html.contains("&lt;script&gt;alert("), "the label is shown as it is");
        TableView.Column column = new TableView.Column(EVIL, false, false);
        TableView table =
                new TableView(EVIL, List.of(column), List.of(List.of(TableView.Cell.text(EVIL))), List.of(EVIL));
        assertFalse(Html.table(table).contains("<script"), "tables");
    }

    @Test
    void aRunThatRecordedLittleHasAReport() throws IOException {
        RunResults run = runs.get(0);
        assertTrue(
                headings(report(List.of(new RunResults(
                                run.folder(), run.recipe(), run.provenance(), Map.of(), Double.NaN, List.of()))))
                        .isEmpty(),
                "nothing to plot");
    }

    /** The columns that readers choose by, and the marks. */
    @Test
    void theTableHasScoresMarksAndCosts() {
        TableView table = ResultsTable.of(
                Comparison.of(runs, Comparison.Options.DEFAULT).entries().get(0).table());
        List<String> titles =
                table.columns().stream().map(TableView.Column::title).toList();
        assertTrue(
                titles.containsAll(
                        List.of("method", "accuracy %", "seeds", "trainable", "init s", "train s", "peak MiB")),
                titles::toString);
        int accuracy = titles.indexOf("accuracy %");
        assertEquals(
                1,
                table.rows().stream()
                        .filter(row -> row.get(accuracy).mark() == TableView.Mark.BEST)
                        .count(),
                "one best row");
        for (List<TableView.Cell> row : table.rows()) {
            Double value = row.get(accuracy).value();
            assertTrue(value != null && value >= 0 && value <= 100, row.toString());
        }
    }

    @Test
    void plotsAreFilesToo() {
        List<Path> files = HtmlReport.writePlots(runs, folder.resolve("plots"));
        assertEquals(2 * (9 + 9 + 1), files.size());
        files.forEach(file -> assertTrue(Files.exists(file), file.toString()));
        assertEquals(files.size(), new HashSet<>(files).size());
    }

    /** A curve of a mean over seeds is their mean, and as long as the shortest. */
    @Test
    void meansAreMeansOverSeeds() {
        Trend trend = Trend.none()
                .with(new double[] {1, 2, 3}, new double[] {2, 4, 8})
                .with(new double[] {1, 2}, new double[] {4, 0});
        List<Series> series = trend.series("m", 0, Series.Form.LINE);
        assertEquals(3, series.size());
        assertArrayEquals(new double[] {1, 2}, series.get(2).x());
        assertArrayEquals(new double[] {3, 2}, series.get(2).y());
        assertArrayEquals(new double[] {1.5, 3.5, 5}, Trend.thinned(new double[] {1, 2, 3, 4, 5}, 2));
        assertEquals(1, Trend.bucket(60));
        assertEquals(2, Trend.bucket(61));
    }

    /** The last point of a curve is what the trials ended with. */
    @Test
    void curvesEndWhereTrialsEnd() {
        Setting setting = Setting.of(runs).get(0);
        LinePlot plot = Figures.begin().of(setting).stream()
                .filter(figure -> figure.key().equals("score-by-seconds"))
                .map(figure -> (LinePlot) figure.plot())
                .findFirst()
                .orElseThrow();
        for (Setting.Row row : setting.rows()) {
            double mean = 100 * row.mean("accuracy").orElseThrow();
            double[] y = plot.series().stream()
                    .filter(series -> series.name().equals(row.name()))
                    .findFirst()
                    .orElseThrow()
                    .y();
            assertEquals(mean, y[y.length - 1], 1e-9, row.name());
        }
    }

    @Test
    void layersAreNamedByBlockAndKind() {
        assertEquals(
                new LayerName(3, "attention.self.query"), LayerName.of("bert.encoder.layer.3.attention.self.query"));
        assertEquals(new LayerName(-1, "classifier"), LayerName.of("classifier"));
    }
}
