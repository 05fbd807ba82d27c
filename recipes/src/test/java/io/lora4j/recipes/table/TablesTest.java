package io.lora4j.recipes.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.error.FormatException;
import io.lora4j.error.UserException;
import io.lora4j.recipes.comparability.Aspect;
import io.lora4j.recipes.results.MadeRun;
import io.lora4j.recipes.results.RunResults;
import io.lora4j.recipes.table.ResultTable.Difference;
import io.lora4j.recipes.table.ResultTable.Row;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tables of made-up runs. Forty examples, the first 24 are of class 1; a trial is wrong for the first k, so that by hand accuracy = (40 - k) / 40
 * and F1 = 2 (24 - k) / (2 (24 - k) + k) for k up to 24.
 */
class TablesTest {
    private static final int EXAMPLES = 40;
    private static final int ONES = 24;
    private static final int[] LABELS =
            IntStream.range(0, EXAMPLES).map(i -> i < ONES ? 1 : 0).toArray();
    private static final String METHODS =
            "methods=[{name: lora, learning_rate: 5e-4}, {name: lora-one, learning_rate: 5e-4},"
                    + " {name: pissa, learning_rate: 5e-4}, {name: rslora, learning_rate: 5e-4}, {name: dora, learning_rate: 5e-4}]";

    @TempDir
    private Path folder;

    private static int[] wrong(int... which) {
        int[] predictions = LABELS.clone();
        for (int each : which) {
            predictions[each] = 1 - predictions[each];
        }
        return predictions;
    }

    private static int[] wrongFirst(int count) {
        return wrong(IntStream.range(0, count).toArray());
    }

    /** rslora is best, but one of its seeds diverged; dora diverged twice. */
    private MadeRun run(String name, String... overrides) {
        List<String> all = new java.util.ArrayList<>(List.of(METHODS));
        all.addAll(List.of(overrides));
        return new MadeRun(folder.resolve(name), LABELS, all.toArray(String[]::new))
                .trial("head-only", 0.01, 1, wrongFirst(16))
                .trial("head-only", 0.01, 2, wrongFirst(16))
                .trial("lora", 5e-4, 1, wrongFirst(8))
                .trial("lora", 5e-4, 2, wrongFirst(6))
                .trial("lora-one", 5e-4, 1, wrongFirst(4))
                .trial("lora-one", 5e-4, 2, wrongFirst(4))
                .trial("pissa", 5e-4, 1, wrong(0, 1, 2, 5))
                .trial("pissa", 5e-4, 2, wrongFirst(4))
                .trial("rslora", 5e-4, 1, wrongFirst(2))
                .diverged("rslora", 5e-4, 2)
                .diverged("dora", 5e-4, 1)
                .diverged("dora", 5e-4, 2);
    }

    private static Row row(ResultTable table, String method) {
        return table.rows().stream()
                .filter(row -> row.method().equals(method))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void scoresByHand() {
        ResultTable table = Tables.of(run("run").read());
        assertEquals(
                List.of("majority", "head-only", "lora", "lora-one", "pissa", "rslora", "dora"),
                table.rows().stream().map(Row::method).toList());
        assertEquals(
                List.of("f1", "accuracy", "matthews"),
                table.figures().stream().map(Figure::name).toList(),
                "MRPC is ranked by F1, then accuracy");
        Row lora = row(table, "lora");
        // F1 32/40 and 36/42, accuracy 32/40 and 34/40; of two values the deviation is their distance / sqrt 2
        assertEquals((0.8 + 36 / 42.0) / 2, lora.spread("f1").mean(), 1e-12);
        assertEquals((36 / 42.0 - 0.8) / Math.sqrt(2), lora.spread("f1").deviation(), 1e-12);
        assertEquals(0.825, lora.spread("accuracy").mean(), 1e-12);
        assertEquals(0.05 / Math.sqrt(2), lora.spread("accuracy").deviation(), 1e-12);
        assertEquals(40 / 44.0, row(table, "lora-one").spread("f1").mean(), 1e-12);
        assertEquals(0, row(table, "lora-one").spread("f1").deviation(), 1e-12);
        assertEquals(0.6, row(table, "majority").spread("accuracy").mean(), 1e-12);
        assertEquals(0.75, row(table, "majority").spread("f1").mean(), 1e-12);
        assertEquals(1, row(table, "rslora").finished());
        assertEquals(1, row(table, "rslora").diverged());
        assertNull(row(table, "dora").spread("f1"));
        assertEquals(2, row(table, "dora").diverged());
    }

    @Test
    void differencesAndMarks() {
        ResultTable table = Tables.of(run("run").read());
        assertEquals("lora at 5e-4", table.tests().reference());
        assertEquals(10_000, table.tests().resamples());
        Difference one = row(table, "lora-one").cells().get("f1").difference();
        assertEquals(40 / 44.0 - (0.8 + 36 / 42.0) / 2, one.mean(), 1e-12);
        assertTrue(one.interval().contains(one.mean()) && one.p() <= one.adjustedP());
        Difference head = row(table, "head-only").cells().get("f1").difference();
        assertEquals(0.5 - (0.8 + 36 / 42.0) / 2, head.mean(), 1e-12);
        assertTrue(head.adjustedP() < 0.05 && head.interval().high() < 0, head.toString());
        // over the one seed that both have: 2 * 22 / (2 * 22 + 2) against 32 / 40
        assertEquals(
                44 / 46.0 - 0.8,
                row(table, "rslora").cells().get("f1").difference().mean(),
                1e-12);
        assertNull(row(table, "lora").cells().get("f1").difference());
        assertNull(row(table, "lora-one").cells().get("matthews").difference(), "not by what the task is ranked");
        assertEquals(
                List.of("head-only NONE", "lora-one BEST", "pissa TIED", "rslora NONE"),
                table.rows().stream()
                        .filter(row -> row.cells().containsKey("f1")
                                && !List.of("majority", "lora").contains(row.method()))
                        .map(row -> row.method() + " " + row.cells().get("f1").mark())
                        .toList());
        assertTrue(table.notes()
                .contains("rslora, learning rate 5e-4, seed 2: diverged, no result (training diverged at step 3)"));
    }

    /**
     * Costs by hand: seeds 1 and 2 start in 2 and 3 seconds and train 300 examples in 10 and 20. Half the way from head-only's F1 of 0.5 to 44/46
     * (rslora's only seed) is 0.7283; lora reaches it at the end, after 2 + 10 and 3 + 20 seconds, head-only never.
     */
    @Test
    void costsByHand() {
        ResultTable table = Tables.of(run("run").read());
        ResultTable.Cost lora = row(table, "lora").cost();
        assertEquals(2.5, lora.initSeconds());
        assertEquals(15, lora.trainSeconds());
        assertEquals((300 / 10.0 + 300 / 20.0) / 2, lora.examplesPerSecond(), 1e-12);
        assertEquals(102L << 20, lora.peakBytes());
        assertEquals(16384L, lora.adapterBytes());
        assertEquals((0.5 + 44 / 46.0) / 2, table.target().score(), 1e-12);
        assertEquals(new ResultTable.Reached(17.5, 2, 2), lora.reached());
        assertEquals(
                new ResultTable.Reached(null, 0, 2),
                row(table, "head-only").cost().reached());
        assertNull(row(table, "dora").cost());
        ResultTable given = Tables.of(List.of(run("run").read()), 0.82);
        assertEquals(
                new ResultTable.Reached(23.0, 1, 2), row(given, "lora").cost().reached());
        assertTrue(given.target().given());
    }

    /** The line as a whole; p is the table's own, its value is the concern of the tests of statistics. */
    @Test
    void markdownOfAMadeRun() {
        ResultTable table = Tables.of(run("run").read());
        List<String> lines = TableText.markdown(table).lines().toList();
        assertEquals(
                "mrpc, all-MiniLM-L6-v2, rank 8 on all linear layers, 3 epochs of batch 10; 40 dev examples",
                lines.get(0));
        assertEquals(
                "| method | learning rate | trainable | F1 % | accuracy % | Matthews % | Δ lora at 5e-4 | p | seeds | init s | train s"
                        + " | ex/s | peak MiB | adapter MiB | s to 72.8 % |",
                lines.get(2));
        String p = Numbers.probability(
                row(table, "lora-one").cells().get("f1").difference().adjustedP());
        // Matthews of 20 hits, 16 right rejections, 4 misses: (20*16 - 0) / sqrt(20*24*16*20)
        String matthews = String.format(Locale.ROOT, "%.2f", 100 * 320 / Math.sqrt(20.0 * 24 * 16 * 20));
        assertEquals(
                "| lora-one | 5e-4 | 4,000 | **90.91 ± 0.00** | **90.00 ± 0.00** | " + matthews + " ± 0.00 | +8.05 | "
                        + p + " | 2 | 2.5 | 15.0 | 22.5 | 102 | 0.02 | 17.5 |",
                lines.get(7));
        assertEquals(
                "| dora | 5e-4 | - | diverged | - | - | - | - | 0 (2 diverged) | - | - | - | - | - | - |",
                lines.get(10));
        assertTrue(lines.get(9).contains("| 1 (1 diverged) |"), lines.get(9));
    }

    @Test
    void withoutAllPredictionsNothingIsMarkedAndANoteSaysWhy() {
        ResultTable table = Tables.of(run("run")
                .without("trials/pissa-lr5.0E-4-seed2/predictions.tsv")
                .read());
        assertNull(table.tests());
        assertTrue(table.notes()
                .contains("differences are not tested, and neither the best nor ties marked: 1 of 9 trials have no"
                        + " predictions.tsv"));
        assertTrue(table.rows().stream()
                .flatMap(row -> row.cells().values().stream())
                .allMatch(cell -> cell.mark() == Mark.NONE && cell.difference() == null));
        assertEquals(40 / 44.0, row(table, "lora-one").spread("f1").mean(), 1e-12);
    }

    @Test
    void predictionsOfAnotherTrialAreRefused() throws Exception {
        MadeRun run = run("run");
        Path lora = folder.resolve("run/trials/lora-lr5.0E-4-seed1/predictions.tsv");
        Files.copy(
                folder.resolve("run/trials/lora-one-lr5.0E-4-seed1/predictions.tsv"),
                lora,
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        RunResults read = run.read();
        FormatException e = assertThrows(FormatException.class, () -> Tables.of(read));
        assertTrue(e.getMessage().startsWith(lora + ": gives F1 0.909"), e.getMessage());
    }

    private static Comparison compare(Comparison.Options options, MadeRun... runs) {
        return Comparison.of(java.util.Arrays.stream(runs).map(MadeRun::read).toList(), options);
    }

    private static Comparison.Options allowing(Aspect... aspects) {
        return new Comparison.Options(null, Set.of(aspects), null);
    }

    @Test
    void oneRunsComparisonIsItsTable() {
        MadeRun run = run("run");
        Comparison comparison = compare(Comparison.Options.DEFAULT, run);
        assertNull(comparison.wide());
        assertEquals(TableText.markdown(Tables.of(run.read())), ComparisonText.markdown(comparison));
        assertEquals(TableCsv.csv(Tables.of(run.read())), ComparisonText.csv(comparison));
    }

    @Test
    void runsThatAreAlikeShareATable() {
        MadeRun first = new MadeRun(folder.resolve("a"), LABELS)
                .trial("head-only", 0.01, 1, wrongFirst(16))
                .trial("lora", 5e-4, 1, wrongFirst(8));
        MadeRun second = new MadeRun(folder.resolve("b"), LABELS)
                .trial("head-only", 0.01, 1, wrongFirst(16))
                .trial("lora", 5e-4, 2, wrongFirst(6))
                .trial("lora-one", 5e-4, 1, wrongFirst(4));
        ResultTable table = compare(Comparison.Options.DEFAULT, first, second)
                .entries()
                .get(0)
                .table();
        assertEquals(
                List.of("majority 1", "head-only 1", "lora 2", "lora-one 1"),
                table.rows().stream()
                        .map(row -> row.method() + " " + row.finished())
                        .toList());
        second.trial("lora", 5e-4, 1, wrongFirst(7));
        UserException e = assertThrows(UserException.class, () -> compare(Comparison.Options.DEFAULT, first, second));
        assertTrue(
                e.getMessage().startsWith("two runs have different results for lora at 5e-4, seed 1: "),
                e.getMessage());
    }

    @Test
    void whatDiffersIsRefusedUnlessAllowed() {
        MadeRun first = run("a");
        MadeRun epochs = run("b", "train.epochs=2");
        UserException e = assertThrows(UserException.class, () -> compare(Comparison.Options.DEFAULT, first, epochs));
        assertEquals(
                "these results cannot be compared, they differ in budget:\n  budget, train.epochs: 3 in "
                        + first.folder() + "; 2 in " + epochs.folder()
                        + "\nrun them again alike, or allow them to differ: --allow budget",
                e.getMessage());
        MadeRun model = run("c").provenance("c0ffee", "ff99", "0.1.0");
        assertThrows(UserException.class, () -> compare(allowing(Aspect.CODE), first, model));
        MadeRun code = run("d").provenance("dead", "aa11", "0.1.0");
        assertThrows(UserException.class, () -> compare(allowing(Aspect.MODEL), first, code));
        Comparison allowed = compare(allowing(Aspect.CODE), first, code);
        assertEquals(
                List.of("runs differ, as allowed, in code, commit: c0ffee in " + first.folder() + "; dead in "
                        + code.folder()),
                allowed.notes());
        assertTrue(ComparisonText.markdown(allowed).endsWith("dead in " + code.folder() + "\n"));
        MadeRun data = run("e", "data.holdout=0.2");
        assertThrows(UserException.class, () -> compare(Comparison.Options.DEFAULT, first, data));
    }

    @Test
    void tasksAndRanksAreColumns() {
        MadeRun mrpc = run("a");
        MadeRun rank = run("b", "adapter.rank=32", "adapter.alpha=64");
        MadeRun cola = run("c", "task=cola", "train.epochs=1");
        Comparison comparison = compare(Comparison.Options.DEFAULT, mrpc, rank, cola);
        assertEquals(List.of("task", "adapter.rank"), comparison.keys());
        WideTable wide = comparison.wide();
        assertNotNull(wide);
        assertEquals(
                List.of(
                        "mrpc, rank 8 f1",
                        "mrpc, rank 8 accuracy",
                        "mrpc, rank 32 f1",
                        "mrpc, rank 32 accuracy",
                        "cola, rank 8 matthews"),
                wide.columns().stream()
                        .map(column -> column.heading() + " " + column.figure().name())
                        .toList());
        assertEquals(7, wide.rows().size());
        assertEquals(40 / 44.0, wide.rows().get(3).cells().get(2).spread().mean(), 1e-12);
        assertEquals("diverged", wide.rows().get(6).cells().get(0).why());
        String latex = ComparisonText.latex(comparison);
        assertTrue(latex.contains("lora-one & \\textbf{90.91}\\textsubscript{$\\pm$0.00} &"), latex);
        assertTrue(ComparisonText.csv(comparison).startsWith("task,adapter.rank,method,"));
        MadeRun length = run("d", "model.max_length=64", "task=cola");
        UserException e = assertThrows(UserException.class, () -> compare(Comparison.Options.DEFAULT, mrpc, length));
        assertTrue(e.getMessage().contains("model, model.max_length: 128 in"), e.getMessage());
    }

    @Test
    void aKeyThatIsNamedIsAColumn() {
        MadeRun three = run("a");
        MadeRun two = run("b", "train.epochs=2");
        Comparison comparison = compare(new Comparison.Options("train.epochs", Set.of(), null), three, two);
        assertEquals(
                List.of("3", "2"),
                comparison.entries().stream()
                        .map(entry -> entry.values().get(0))
                        .toList());
        assertTrue(ComparisonText.terminal(comparison, 120, false).contains("epochs 2 F1 %"));
        UserException e = assertThrows(
                UserException.class, () -> compare(new Comparison.Options("train.epoch", Set.of(), null), three, two));
        assertTrue(e.getMessage().contains("train.epochs"), e.getMessage());
    }
}
