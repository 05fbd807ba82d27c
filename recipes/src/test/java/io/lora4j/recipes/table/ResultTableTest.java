package io.lora4j.recipes.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.recipes.stats.Spread;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ResultTableTest {
    private static Spread one(double value) {
        return Spread.of(List.of(value));
    }

    private static final ResultTable TABLE = new ResultTable(
            "mrpc, all-minilm-l6-v2",
            List.of(
                    new ResultTable.Row("majority", null, 0, one(0.6838235), one(0.8122271), one(0), null, null, null),
                    new ResultTable.Row("head-only", 0.01, 770, one(0.7), one(0.8), one(-0.1), null, 3.25, 104857600L),
                    new ResultTable.Row(
                            "größe|b",
                            5e-4,
                            1_337_346,
                            Spread.of(List.of(0.77, 0.75, 0.76)),
                            Spread.of(List.of(0.84, 0.83, 0.85)),
                            Spread.of(List.of(0.4, 0.41, 0.42)),
                            0.04,
                            1234.56,
                            1073741824L)));

    @Test
    void terminalColumnsLineUp() {
        assertEquals("""
                mrpc, all-minilm-l6-v2

                method     learning rate  trainable    accuracy %          F1 %    Matthews %  seeds  init s  train s  peak MiB
                ---------------------------------------------------------------------------------------------------------------
                majority               -          0         68.38         81.22          0.00      1       -        -         -
                head-only           0.01        770         70.00         80.00        -10.00      1       -      3.3       100
                größe|b             5e-4  1,337,346  76.00 ± 1.00  84.00 ± 1.00  41.00 ± 1.00      3     0.0   1234.6      1024""".stripIndent(), TableText.terminal(TABLE));
    }

    @Test
    void markdownEscapesBars() {
        List<String> lines = TableText.markdown(TABLE).lines().toList();
        assertEquals("mrpc, all-minilm-l6-v2", lines.get(0));
        assertEquals("", lines.get(1));
        assertEquals("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |", lines.get(3));
        assertEquals(
                "| größe\\|b | 5e-4 | 1,337,346 | 76.00 ± 1.00 | 84.00 ± 1.00 | 41.00 ± 1.00 | 3 | 0.0 | 1234.6 | 1024 |",
                lines.get(6));
        assertEquals(7, lines.size());
    }

    @Test
    void csvHasFullPrecisionAndEmptyCells() {
        List<String> lines = TableCsv.csv(TABLE).lines().toList();
        assertEquals(
                "method,learning_rate,trainable_parameters,accuracy_mean,accuracy_sd,f1_mean,f1_sd,"
                        + "matthews_mean,matthews_sd,seeds,init_seconds,train_seconds,peak_bytes",
                lines.get(0));
        assertEquals("majority,,0,0.6838235,,0.8122271,,0.0,,1,,,", lines.get(1));
        assertTrue(lines.get(3).startsWith("größe|b,5.0E-4,1337346,0.76"), lines.get(3));
        assertTrue(lines.get(3).endsWith(",3,0.04,1234.56,1073741824"), lines.get(3));
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
