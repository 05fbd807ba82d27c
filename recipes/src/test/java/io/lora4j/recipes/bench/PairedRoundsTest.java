package io.lora4j.recipes.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.error.UserException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(OS.WINDOWS)
class PairedRoundsTest {
    private static final String THEIRS =
            "echo warning; echo '{\"peer\": \"x\", \"batch\": 32, \"mode\": \"lora\", \"ms_median\": 30, \"ms_min\": 21.5}'";

    private static BenchResult ours(double median) {
        return new BenchResult(Map.of("batch", 32, "mode", "lora", "ms_median", median, "ms_min", 10.0));
    }

    private static String failure(String command) {
        return assertThrows(UserException.class, () -> new PairedRounds(command, Measure.STEP)
                        .run(() -> ours(20), 1, each -> {}))
                .getMessage();
    }

    @Test
    void theTwoTakeTurns(@TempDir Path folder) throws Exception {
        Path order = folder.resolve("order");
        Supplier<BenchResult> ours = () -> {
            try {
                String before = Files.exists(order) ? Files.readString(order) : "";
                Files.writeString(order, before + "A");
                return ours(before.length() < 2 ? 20 : 10);
            } catch (java.io.IOException e) {
                throw new IllegalStateException(e);
            }
        };
        List<BenchResult> heard = new ArrayList<>();
        List<PairedRounds.Round> rounds =
                new PairedRounds("printf B >> '" + order + "'; " + THEIRS, Measure.STEP).run(ours, 2, heard::add);
        assertEquals("ABAB", Files.readString(order));
        assertEquals(4, heard.size());
        assertEquals(1.5, rounds.get(0).ratio());
        assertEquals(3.0, rounds.get(1).ratio());
        List<String> table = RoundTable.of(rounds).lines().toList();
        assertEquals("median           15.0         10.0         30.0         21.5     2.25", table.get(3));
    }

    @Test
    void theOtherDoesNotInheritWhatTheLauncherHasSet() {
        String command = "[ -z \"$HOME\" ] && [ -n \"$PATH\" ] || exit 3; " + THEIRS;
        System.setProperty("lora4j.environment", "UNKNOWN,HOME");
        try {
            var rounds = new PairedRounds(command, Measure.STEP).run(() -> ours(20), 1, each -> {});
            assertEquals(1, rounds.size());
        } finally {
            System.clearProperty("lora4j.environment");
        }
    }

    @Test
    void anotherConfigurationIsRefused() {
        String message = failure(THEIRS.replace("32", "16"));
        assertTrue(message.contains("batch 16, this program 32"), message);
    }

    @Test
    void aFailureNamesCodeAndCommand() {
        assertEquals("the command of --vs ended with code 7: exit 7", failure("exit 7"));
    }

    @Test
    void aProgramWithoutFiguresIsRefused() {
        String message = failure("echo '{\"ms_median\": null}'");
        assertTrue(message.contains("ms_median and ms_min"), message);
    }

    @Test
    void linesOfEpochsAreLaidOverEachOther() {
        String lines =
                "echo '{\"task\": \"SST-2\", \"rank\": 8}'; echo '{\"epoch\": 1}'; echo '{\"epoch_s_median\": 30}'";
        BenchResult ours = new BenchResult(Map.of("task", "sst2", "rank", 8, "epoch_s_median", 20.0));
        List<PairedRounds.Round> rounds = new PairedRounds(lines, Measure.EPOCH).run(() -> ours, 1, each -> {});
        assertEquals(1.5, rounds.get(0).ratio());
        assertTrue(RoundTable.of(rounds).contains("lora4j s"), RoundTable.of(rounds));
        BenchResult another = new BenchResult(Map.of("task", "cola", "rank", 8, "epoch_s_median", 20.0));
        PairedRounds rounded = new PairedRounds(lines, Measure.EPOCH);
        assertThrows(UserException.class, () -> rounded.run(() -> another, 1, each -> {}));
    }
}
