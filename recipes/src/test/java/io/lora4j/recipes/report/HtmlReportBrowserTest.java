package io.lora4j.recipes.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.lora4j.recipes.results.RunResults;
import io.lora4j.recipes.table.Comparison;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The report in a headless Chromium. With LORA4J_SCREENSHOTS, a folder, pictures of it are kept there. */
@Tag("browser")
class HtmlReportBrowserTest {
    /** Chromium's processes may still write into it when the test is over. */
    private static Path profile;

    @TempDir
    private static Path folder;

    private static URI page;
    private static Browser browser;

    @BeforeAll
    static void openBrowser() throws IOException, InterruptedException {
        Path program = Browser.program();
        assumeTrue(
                program != null,
                "no Chromium: name one in LORA4J_CHROMIUM, or install one (Debian: apt-get install chromium)");
        Path report = folder.resolve("report.html");
        List<RunResults> runs = ReportFixture.run(folder);
        HtmlReport.write(Comparison.of(runs, Comparison.Options.DEFAULT), runs, report);
        page = report.toUri();
        profile = Files.createTempDirectory("lora4j-chromium");
        browser = new Browser(program, profile);
    }

    @AfterAll
    static void closeBrowser() throws IOException {
        if (browser != null) {
            browser.close();
            try (var files = Files.walk(profile)) {
                files.sorted(Comparator.reverseOrder())
                        .forEach(file -> file.toFile().delete());
            }
        }
    }

    @BeforeEach
    void open() throws IOException, InterruptedException {
        browser.show(1200, 900, false);
        browser.open(page);
    }

    /** No error in the console, no request but for the page itself, at any size and in any scheme. */
    private static void assertQuiet() {
        assertEquals(List.of(), browser.events("Runtime.exceptionThrown"));
        assertEquals(List.of(), browser.events("Runtime.consoleAPICalled"));
        assertEquals(List.of(), browser.events("Log.entryAdded"));
        List<String> requests = browser.events("Network.requestWillBeSent").stream()
                .map(event -> event.path("request").path("url").asText())
                .filter(url -> !url.startsWith("data:"))
                .toList();
        assertEquals(
                List.of(page.toString().replace("file:/", "file:///").replace("file://///", "file:///")), requests);
    }

    @Test
    void isQuiet() throws IOException, InterruptedException {
        assertEquals("complete", browser.evaluate("document.readyState").asText());
        assertTrue(
                browser.evaluate("document.querySelectorAll('svg.plot').length").asInt() > 10, "plots");
        assertQuiet();
    }

    @Test
    void whatThePolicyForbidsIsSeen() throws IOException, InterruptedException {
        browser.evaluate("document.body.append(Object.assign(new Image(), {src: 'http://127.0.0.1:9/x.png'}))");
        browser.evaluate("new Promise((done) => setTimeout(done, 300))");
        // The test of quietness would notice.
        List<JsonNode> complaints = browser.events("Log.entryAdded");
        assertTrue(complaints.toString().contains("Content Security Policy"), complaints::toString);
    }

    private List<String> column(int column) throws IOException, InterruptedException {
        List<String> cells = new ArrayList<>();
        browser.evaluate("[...document.querySelector('table.sortable').tBodies[0].rows].map((row) => row.cells["
                        + column + "].dataset.value ?? row.cells[" + column + "].textContent)")
                .forEach(cell -> cells.add(cell.asText()));
        return cells;
    }

    private String sortOf(int column) throws IOException, InterruptedException {
        return browser.evaluate("document.querySelector('table.sortable').tHead.rows[0].cells[" + column
                        + "].getAttribute('aria-sort')")
                .asText();
    }

    @Test
    void theKeyboardSorts() throws IOException, InterruptedException {
        List<String> before = column(0);
        // Where the tabulator leads, no script: the table's box, then the headings.
        for (int tabs = 0; tabs < 30; tabs++) {
            browser.press("Tab", "", 9);
            if (browser.evaluate("document.activeElement.textContent").asText().startsWith("accuracy")) {
                break;
            }
        }
        assertEquals(
                "BUTTON", browser.evaluate("document.activeElement.tagName").asText());
        assertEquals("none", sortOf(1));
        browser.press("Enter", "\r", 13);
        assertEquals("descending", sortOf(1), "scores: the best on top");
        assertSorted(column(1), -1);
        browser.press(" ", " ", 32);
        assertEquals("ascending", sortOf(1));
        assertSorted(column(1), 1);
        assertEquals(
                before.stream().sorted().toList(), column(0).stream().sorted().toList(), "the same rows");
        browser.evaluate("document.querySelector('table.sortable th button').click()");
        assertEquals("none", sortOf(1));
        assertEquals("ascending", sortOf(0));
        assertEquals(before.stream().sorted(String.CASE_INSENSITIVE_ORDER).toList(), column(0));
        assertQuiet();
    }

    private static void assertSorted(List<String> cells, int sign) {
        List<Double> values = cells.stream().map(Double::valueOf).toList();
        assertTrue(values.stream().distinct().count() > 1, "something to sort");
        assertEquals(
                values.stream().sorted((a, b) -> sign * Double.compare(a, b)).toList(), values);
    }

    @Test
    void cellsWithoutAValueStayAtTheEnd() throws IOException, InterruptedException {
        int columns = browser.evaluate("document.querySelector('table.sortable').tHead.rows[0].cells.length")
                .asInt();
        for (int column = 1; column < columns; column++) {
            for (int press = 0; press < 2; press++) {
                browser.evaluate("document.querySelectorAll('table.sortable')[0].tHead.rows[0].cells[" + column
                        + "].firstChild.click()");
                List<String> cells = column(column);
                int first = cells.indexOf("–");
                assertTrue(
                        first < 0 || cells.subList(first, cells.size()).stream().allMatch("–"::equals),
                        cells::toString);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"400, false", "400, true", "1200, false", "1200, true", "320, false"})
    void fitsItsWindowInBothSchemes(int width, boolean dark) throws IOException, InterruptedException {
        browser.show(width, 900, dark);
        browser.open(page);
        assertEquals(width, browser.evaluate("window.innerWidth").asInt());
        assertTrue(
                browser.evaluate("document.documentElement.scrollWidth").asInt() <= width,
                "the page scrolls sideways at " + width);
        // Text of plots, in pixels of the screen.
        double text = browser.evaluate(
                        "Math.min(...[...document.querySelectorAll('svg.plot')].map((svg) => svg.getBoundingClientRect().width / 480 * 13))")
                .asDouble();
        assertTrue(text > (width < 400 ? 7 : 9), "text of " + text + " pixels");
        String paper = browser.evaluate("getComputedStyle(document.body).backgroundColor")
                .asText();
        assertEquals(dark ? "rgb(13, 17, 23)" : "rgb(255, 255, 255)", paper);
        assertTrue(contrast() >= 4.5, "text of plots against the page: " + contrast());
        assertQuiet();
        String pictures = System.getenv("LORA4J_SCREENSHOTS");
        if (pictures != null) {
            browser.screenshot(Path.of(pictures, "report-" + width + (dark ? "-dark" : "-light") + ".png"));
        }
    }

    /** The least WCAG contrast of any text in a plot to the page. */
    private static double contrast() throws IOException, InterruptedException {
        return browser.evaluate("""
                        (() => {
                          const light = (rgb) => {
                            const [r, g, b] = rgb.match(/[\\d.]+/g).map((c) => c / 255)
                                .map((c) => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
                            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
                          };
                          const paper = light(getComputedStyle(document.body).backgroundColor);
                          return Math.min(...[...document.querySelectorAll('svg.plot text')].map((text) => {
                            const ink = light(getComputedStyle(text).fill);
                            return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
                          }));
                        })()""").asDouble();
    }

    @Test
    void curvesFollowTheScheme() throws IOException, InterruptedException {
        String stroke = "getComputedStyle(document.querySelector('svg.plot .s-c1')).stroke";
        String light = browser.evaluate(stroke).asText();
        browser.show(1200, 900, true);
        assertNotEquals(light, browser.evaluate(stroke).asText());
    }
}
