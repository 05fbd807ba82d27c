package io.lora4j.recipes.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.recipes.stats.Interval;
import io.lora4j.recipes.stats.Spread;
import io.lora4j.recipes.table.ResultTable.Cell;
import io.lora4j.recipes.table.ResultTable.Cost;
import io.lora4j.recipes.table.ResultTable.Difference;
import io.lora4j.recipes.table.ResultTable.Reached;
import io.lora4j.recipes.table.ResultTable.Row;
import java.io.IOException;
import java.io.StringReader;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.Test;

class ResultTableTest {
    private static Spread one(double value) {
        return Spread.of(List.of(value));
    }

    private static Map<String, Cell> cells(Spread accuracy, Spread f1, Mark mark) {
        Map<String, Cell> cells = new LinkedHashMap<>();
        cells.put("accuracy", new Cell(accuracy, mark, null));
        cells.put("f1", new Cell(f1, Mark.NONE, null));
        return cells;
    }

    private static ResultTable table(String label) {
        Figure accuracy = new Figure("accuracy", true);
        Map<String, Cell> best =
                cells(Spread.of(List.of(0.77, 0.75, 0.76)), Spread.of(List.of(0.84, 0.83, 0.85)), Mark.BEST);
        best.put(
                "accuracy",
                new Cell(
                        Spread.of(List.of(0.77, 0.75, 0.76)),
                        Mark.BEST,
                        new Difference(0.06, new Interval(0.01, 0.11), 0.01, 0.02)));
        return new ResultTable(
                "mrpc, all-minilm-l6-v2",
                List.of(accuracy, new Figure("f1", false)),
                List.of(
                        new Row("majority", null, 0L, cells(one(0.6838235), one(0.8122271), Mark.NONE), 1, 0, 0, null),
                        new Row(
                                "head-only",
                                0.01,
                                770L,
                                cells(one(0.7), one(0.8), Mark.TIED),
                                1,
                                0,
                                0,
                                new Cost(0.04, 3.25, 1000.4, 104857600, null, new Reached(null, 0, 1))),
                        new Row(
                                label,
                                5e-4,
                                1_337_346L,
                                best,
                                3,
                                1,
                                0,
                                new Cost(1.25, 1234.56, 12.34, 1073741824, 1572864L, new Reached(30.26, 2, 3))),
                        new Row("dora", 5e-4, null, Map.of(), 0, 2, 1, null)),
                new ResultTable.Tests(0.05, 10_000, "lora at 5e-4", 3),
                new ResultTable.Target(accuracy, 0.73, false),
                List.of("a note of 100 % & more"));
    }

    /** Below each other by display width: every line of a block ends where its heading ends. */
    @Test
    void terminalColumnsLineUpAndBlocksFit() {
        List<String> wide = TableText.terminal(table("größe|b")).lines().toList();
        assertEquals("mrpc, all-minilm-l6-v2", wide.get(0));
        assertTrue(
                wide.get(2)
                        .matches(
                                "method +learning rate +trainable +accuracy % +F1 % +Δ lora at 5e-4 +p +seeds +init s +train s"
                                        + " +ex/s +peak MiB +adapter MiB +s to 73.0 %"),
                wide.get(2));
        assertEquals(
                "größe|b             5e-4  1,337,346  76.00 ± 1.00*  84.00 ± 1.00           +6.00  0.020"
                        + "            3 (1 diverged)     1.3   1234.6  12.3      1024         1.50  30.3 (2 of 3)",
                wide.get(6));
        assertTrue(wide.get(5).contains(" 70.00~ ") && wide.get(5).endsWith(" never"), wide.get(5));
        assertTrue(wide.get(7).contains(" diverged ") && wide.get(7).contains("0 (2 diverged, 1 failed)"), wide.get(7));
        assertTrue(
                wide.get(9).startsWith("* best, ~ not significantly worse (p ≥ 0.05; paired bootstrap"), wide.get(9));
        for (int columns : new int[] {80, 100, 200}) {
            List<String> lines =
                    TableText.terminal(table("größe|b"), columns, false).lines().toList();
            assertTrue(lines.stream().allMatch(line -> TableText.width(line) <= columns), columns + ": " + lines);
            long blocks =
                    lines.stream().filter(line -> line.startsWith("method ")).count();
            assertEquals(columns == 200 ? 1 : 3, blocks, columns + ": " + String.join("\n", lines));
            assertEquals(
                    blocks,
                    lines.stream().filter(line -> line.startsWith("größe|b  ")).count());
        }
    }

    @Test
    void onlyTheBestCellIsBoldAndOnlyWithColour() {
        String plain = TableText.terminal(table("b"), 80, false);
        String colour = TableText.terminal(table("b"), 80, true);
        assertTrue(colour.contains("\u001b[1m76.00 ± 1.00*\u001b[0m"), colour);
        assertEquals(plain, colour.replaceAll("\u001b\\[[01]m", ""));
    }

    @Test
    void markdownEscapesBarsAndMarks() {
        List<String> lines = TableText.markdown(table("größe|b")).lines().toList();
        assertEquals("mrpc, all-minilm-l6-v2", lines.get(0));
        assertEquals("| --- |" + " ---: |".repeat(13), lines.get(3));
        assertEquals(
                "| größe\\|b | 5e-4 | 1,337,346 | **76.00 ± 1.00** | 84.00 ± 1.00 | +6.00 | 0.020 | 3 (1 diverged) | 1.3 | 1234.6"
                        + " | 12.3 | 1024 | 1.50 | 30.3 (2 of 3) |",
                lines.get(6));
        assertTrue(
                lines.get(5).startsWith("| head-only | 0.01 | 770 | *70.00* | 80.00 | - | - | 1 | 0.0 | 3.3 | 1000 |"),
                lines.get(5));
        assertTrue(lines.get(9).startsWith("**best**, *not significantly worse* (p"), lines.get(9));
        assertEquals("a note of 100 % & more", lines.get(lines.size() - 1));
    }

    /** Read back by the library: full precision, and nothing where there is nothing. */
    @Test
    void csvReadsBack() throws IOException {
        List<CSVRecord> rows = CSVFormat.RFC4180
                .builder()
                .setHeader()
                .setSkipHeaderRecord(true)
                .get()
                .parse(new StringReader(TableCsv.csv(table("größe, \"b\""))))
                .getRecords();
        assertEquals(4, rows.size());
        CSVRecord best = rows.get(2);
        assertEquals("größe, \"b\"", best.get("method"));
        assertEquals(5e-4, Double.parseDouble(best.get("learning_rate")));
        assertEquals(0.76, Double.parseDouble(best.get("accuracy_mean")), 1e-15);
        assertEquals(0.01, Double.parseDouble(best.get("accuracy_sd")), 1e-15);
        assertEquals("best", best.get("accuracy_mark"));
        assertEquals(0.06, Double.parseDouble(best.get("accuracy_difference")));
        assertEquals(0.02, Double.parseDouble(best.get("accuracy_p_holm")));
        assertEquals("", best.get("f1_p"));
        assertEquals("1572864", best.get("adapter_bytes"));
        assertEquals(30.26, Double.parseDouble(best.get("target_seconds")));
        assertEquals("2", best.get("target_reached"));
        assertEquals("", rows.get(0).get("accuracy_sd"));
        assertEquals("0.6838235", rows.get(0).get("accuracy_mean"));
        assertEquals("0", rows.get(1).get("target_reached"));
        assertEquals(
                List.of("0", "2", "1"),
                List.of(
                        rows.get(3).get("seeds"),
                        rows.get(3).get("diverged"),
                        rows.get(3).get("failed")));
        assertEquals("", rows.get(3).get("accuracy_mean"));
    }

    /** Balanced, and nothing special is left raw: what is escaped or a command is taken away, then no special character may remain. */
    @Test
    void latexIsEscapedAndBalanced() {
        String latex = TableLatex.latex(table("größe|b_1 50% & #{x} $~^\\ <y>"));
        assertTrue(latex.contains("\\textbf{76.00}\\textsubscript{$\\pm$1.00}"), latex);
        assertTrue(latex.contains("\\underline{70.00} &"), latex);
        assertTrue(latex.contains("\\textbf{best}, \\underline{not significantly worse} (p $\\geq$ 0.05"), latex);
        assertTrue(
                latex.contains(
                        "größe|b\\_1 50\\% \\& \\#\\{x\\} \\$\\textasciitilde{}\\textasciicircum{}\\textbackslash{}"),
                latex);
        assertTrue(latex.contains("a note of 100 \\% \\& more"), latex);
        String bare = latex.replaceAll("\\\\[&%$#_{}]", "").replaceAll("\\$\\\\[A-Za-z]+\\$", "");
        assertFalse(bare.matches("(?s).*[%#_^~$<>].*"), bare);
        int depth = 0;
        for (int i = 0; i < bare.length(); i++) {
            depth += bare.charAt(i) == '{' ? 1 : bare.charAt(i) == '}' ? -1 : 0;
            assertTrue(depth >= 0, bare);
        }
        assertEquals(0, depth);
        assertEquals(count(latex, "\\begin{"), count(latex, "\\end{"));
        List<String> lines = bare.lines().filter(line -> line.endsWith("\\\\")).toList();
        assertEquals(1 + 4, lines.size(), bare);
        lines.forEach(line -> assertEquals(13, count(line, "&"), line));
        assertTrue(latex.contains("\\begin{tabular}{l" + "r".repeat(13) + "}"), latex);
    }

    private static int count(String text, String part) {
        return text.split(java.util.regex.Pattern.quote(part), -1).length - 1;
    }

    /** Numbers by hand: values 1, 2, 4 have mean 7/3 and sample variance ((4/3)^2 + (1/3)^2 + (5/3)^2) / 2 = 7/3. */
    @Test
    void deviationIsThatOfASample() {
        Spread spread = Spread.of(List.of(1.0, 2.0, 4.0));
        assertEquals(7 / 3.0, spread.mean(), 1e-15);
        assertEquals(Math.sqrt(7 / 3.0), spread.deviation(), 1e-15);
        assertEquals(3, spread.count());
        assertTrue(Double.isNaN(one(3).deviation()));
        assertThrows(IllegalArgumentException.class, () -> Spread.of(List.of()));
    }

    @Test
    void widthIsThatOfATerminal() {
        assertEquals(3, TableText.width("abc"));
        assertEquals(4, TableText.width("größ"));
        assertEquals(2, TableText.width("e\u0301x")); // e, combining acute, x
        assertEquals(4, TableText.width("\u4e2d\u6587"));
        assertEquals(2, TableText.width("\ud83d\ude00"));
    }

    @Test
    void shortestReadsBack() {
        assertEquals("5e-4", TableText.shortest(5e-4));
        assertEquals("1e-3", TableText.shortest(0.001));
        assertEquals("2.5e-3", TableText.shortest(0.0025));
        assertEquals("0.01", TableText.shortest(0.01));
        assertEquals("1.5e-5", TableText.shortest(1.5e-5));
        assertEquals("1e30", TableText.shortest(1e30));
        assertEquals("128", TableText.shortest(128));
        assertEquals("0", TableText.shortest(0));
        Random random = new Random(7);
        for (int i = 0; i < 1000; i++) {
            double value = random.nextGaussian() * Math.pow(10, random.nextInt(60) - 30);
            assertEquals(value, Double.parseDouble(TableText.shortest(value)));
        }
    }
}
