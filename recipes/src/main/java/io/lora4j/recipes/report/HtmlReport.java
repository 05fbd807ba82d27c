package io.lora4j.recipes.report;

import io.lora4j.error.UserException;
import io.lora4j.models.checkpoint.AtomicFile;
import io.lora4j.recipes.plot.Plots;
import io.lora4j.recipes.results.RunProvenance;
import io.lora4j.recipes.results.RunResults;
import io.lora4j.recipes.table.Comparison;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * Writes results as one HTML file that asks for nothing else: no server, no network, no other file. A content security policy forbids it to;
 * styles and script are allowed by their checksums.
 *
 * <p>The same results, and the same fonts on the system, give the same file.
 */
public final class HtmlReport {
    private final StringBuilder html = new StringBuilder(1 << 20);
    private int plots;

    private HtmlReport() {}

    /**
     * Writes the report.
     *
     * @param comparison the runs' tables
     * @param runs the same runs, for the plots; at least one
     * @param file replaced if it is there
     * @throws UserException if a file cannot be read or written
     */
    public static void write(Comparison comparison, List<RunResults> runs, Path file) {
        HtmlReport report = new HtmlReport();
        report.page(comparison, runs);
        AtomicFile.write(file, beside -> Files.writeString(beside, report.html, StandardCharsets.UTF_8));
    }

    /**
     * Writes the report's plots as files {@code SETTING-PLOT.svg} and {@code .png}, the latter on white.
     *
     * @param runs what is shown
     * @param folder made if it is not there; files of the same names are replaced
     * @return the files, in the order of the report
     * @throws UserException if a file cannot be read or written
     */
    public static List<Path> writePlots(List<RunResults> runs, Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UserException("cannot make the folder " + folder + ": " + AtomicFile.reason(e), e);
        }
        List<Path> files = new ArrayList<>();
        sections(runs).forEach((section, figures) -> {
            for (Figure figure : figures) {
                String name = section.slug() + (section.slug().isEmpty() ? "" : "-") + figure.key();
                Path svg = folder.resolve(name + ".svg");
                Path png = folder.resolve(name + ".png");
                AtomicFile.write(
                        svg, beside -> Files.writeString(beside, Plots.svg(figure.plot()), StandardCharsets.UTF_8));
                AtomicFile.write(png, beside -> Files.write(beside, Plots.png(figure.plot(), 2)));
                files.add(svg);
                files.add(png);
            }
        });
        return files;
    }

    /** A heading with plots below it. */
    private record Part(String title, String slug) {}

    private static Map<Part, List<Figure>> sections(List<RunResults> runs) {
        Map<Part, List<Figure>> sections = new LinkedHashMap<>();
        Figures figures = Figures.begin();
        List<Setting> settings = Setting.of(runs);
        for (Setting setting : settings) {
            List<Figure> all = figures.of(setting);
            if (!all.isEmpty()) {
                sections.put(new Part(setting.title(), setting.slug()), all);
            }
        }
        List<Figure> byRank = figures.byRank(settings);
        if (!byRank.isEmpty()) {
            sections.put(new Part("Across ranks", ""), byRank);
        }
        return sections;
    }

    private void page(Comparison comparison, List<RunResults> runs) {
        String css = resource("report.css") + Plots.stylesheet();
        String script = resource("report.js");
        String title = "LoRA4J: "
                + String.join(
                        ", ",
                        runs.stream().map(run -> run.recipe().name()).distinct().toList());
        line("<!DOCTYPE html>");
        line("<html lang=\"en\">");
        line("<head>");
        line("<meta charset=\"utf-8\">");
        line("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '" + checksum(css)
                + "'; script-src '" + checksum(script) + "'; img-src data:; base-uri 'none'; form-action 'none'\">");
        line("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">");
        line("<meta name=\"color-scheme\" content=\"light dark\">");
        line("<title>" + Html.text(title) + "</title>");
        // Without one of its own, a browser asks the server for an icon.
        line("<link rel=\"icon\" href=\"data:,\">");
        html.append("<style>").append(css).append("</style>\n");
        line("</head>");
        line("<body>");
        line("<header>");
        line("<h1>" + Html.text(title) + "</h1>");
        line("<p class=\"soft\">" + Html.text(summary(runs)) + "</p>");
        line("</header>");
        line("<main>");
        line("<section aria-labelledby=\"results\">");
        line("<h2 id=\"results\">Results</h2>");
        comparison.entries().forEach(entry -> html.append(Html.table(ResultsTable.of(entry.table()))));
        comparison.notes().forEach(note -> line("<p class=\"soft\">" + Html.text(note) + "</p>"));
        line("</section>");
        sections(runs).forEach(this::section);
        line("<section aria-labelledby=\"provenance\">");
        line("<h2 id=\"provenance\">Where these numbers come from</h2>");
        runs.forEach(this::provenance);
        line("</section>");
        line("</main>");
        line("<footer class=\"soft\">Written by lora4j compare --html.</footer>");
        html.append("<script>").append(script).append("</script>\n");
        line("</body>");
        line("</html>");
    }

    private void line(String text) {
        html.append(text).append('\n');
    }

    private static String summary(List<RunResults> runs) {
        int trials = runs.stream().mapToInt(run -> run.trials().size()).sum();
        int planned = runs.stream().mapToInt(RunResults::planned).sum();
        String of = trials < planned
                ? trials + " of " + planned + " trials"
                : trials + (trials == 1 ? " trial" : " trials");
        return of + (runs.size() == 1 ? " of one run" : " of " + runs.size() + " runs") + "; begun "
                + runs.get(0).provenance().time();
    }

    private void section(Part part, List<Figure> figures) {
        String id = "plots-" + (part.slug().isEmpty() ? "ranks" : part.slug());
        line("<section aria-labelledby=\"" + id + "\">");
        line("<h2 id=\"" + id + "\">" + Html.text(part.title()) + "</h2>");
        line("<div class=\"plots\">");
        for (Figure figure : figures) {
            plots++;
            line("<figure>");
            line("<h3>" + Html.text(figure.plot().title()) + "</h3>");
            line(Plots.inline(figure.plot(), "plot" + plots));
            line("<figcaption>" + Html.text(figure.caption()) + "</figcaption>");
            line("</figure>");
        }
        line("</div>");
        line("</section>");
    }

    private void provenance(RunResults run) {
        RunProvenance from = run.provenance();
        line("<details" + (plots < 20 ? " open" : "") + ">");
        line("<summary>" + Html.text(run.folder().toString()) + "</summary>");
        line("<dl>");
        fact("begun", from.time());
        from.program().forEach(this::fact);
        fact("model", from.model() + ", sha256 " + from.modelSha256());
        fact("tokenizer", "sha256 " + from.tokenizerSha256());
        fact(
                "data",
                String.format(
                        Locale.ROOT,
                        "%s, %,d training and %,d %s examples",
                        from.task(),
                        from.trainExamples(),
                        from.devExamples(),
                        run.recipe().data().evaluatedOn()));
        from.dataSha256().forEach((name, sha256) -> fact(name, "sha256 " + sha256));
        from.libraries().forEach(this::fact);
        from.machine().forEach(this::fact);
        fact("seeds", run.recipe().train().seeds().toString());
        line("</dl>");
        line("<details><summary>recipe</summary><pre class=\"scroll\" tabindex=\"0\">"
                + Html.text(run.recipe().toYaml()) + "</pre></details>");
        line("</details>");
    }

    private void fact(String name, String value) {
        line("<dt>" + Html.text(name) + "</dt><dd>" + Html.text(value) + "</dd>");
    }

    private static String resource(String name) {
        try (InputStream stream = HtmlReport.class.getResourceAsStream(name)) {
            return new String(Objects.requireNonNull(stream, name).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a content security policy calls an inline element's content. */
    private static String checksum(String content) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(content.getBytes(StandardCharsets.UTF_8));
            return "sha256-" + Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("no SHA-256 in this Java", e);
        }
    }
}
