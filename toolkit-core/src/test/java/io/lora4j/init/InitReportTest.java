package io.lora4j.init;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class InitReportTest {
    @Test
    void tableHasOneAlignedLinePerLayer() {
        InitReport report = new InitReport(List.of(
                new LayerInitReport("encoder.query", "lora-one", 8, 0.125, 2.5e-5, 3.25, 0.0441, 0.5, 0, null),
                new LayerInitReport("pooler", "lora-one", 8, 0.0, 0.0, 0.0, 0, null, 8, "gradient is zero")));
        String expected = """
                layer          init        r    sigma_1    sigma_r  eff.rk  |sAB|/|W|       step dead  note
                encoder.query  lora-one    8     0.1250  2.500e-05   3.250    0.04410     0.5000    0
                pooler         lora-one    8      0.000      0.000   0.000      0.000          -    8  gradient is zero""";
        assertEquals(expected, report.table());
        assertEquals(8, report.deadPairs());
    }
}
