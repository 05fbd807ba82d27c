package io.lora4j.recipes.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.lora4j.error.UserException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StepBenchTest {
    private static BenchConfig config(BenchMode mode, BenchTargets targets, int seq) {
        return new BenchConfig(BenchModel.MINILM_L6, mode, targets, 8, 16, 3, seq, false, 0, 1, 3, 1, 100, 7);
    }

    /** Trainable scalars as Hugging Face PEFT 0.21.0 counts them for these shapes, with the classifier of two labels. */
    @ParameterizedTest
    @CsvSource({"LORA, QV, 74498", "LORA, ALL, 332546", "GRAD, QV, 10616832", "INFER, QV, 0"})
    @Tag("slow")
    void timesEveryMode(BenchMode mode, BenchTargets targets, long trainable) {
        Map<String, @Nullable Object> figures =
                StepBench.of(config(mode, targets, 8)).run().values();
        assertEquals(trainable, figures.get("trainable"));
        assertEquals(22_713_986L, figures.get("params"));
        assertEquals(3, figures.get("steps"));
        assertTrue((double) figures.get("ms_min") > 0, figures::toString);
        assertTrue((double) figures.get("ms_min") <= (double) figures.get("ms_median"), figures::toString);
        assertTrue((long) figures.get("tokens") >= 8 + 4 + 4 && (long) figures.get("tokens") <= 24, figures::toString);
    }

    @Test
    @Tag("slow")
    void theLossIsThatOfTheWholeBatchWithAnyNumberOfThreads() {
        assumeTrue(Runtime.getRuntime().availableProcessors() > 1);
        BenchConfig one = new BenchConfig(
                BenchModel.MINILM_L6, BenchMode.LORA, BenchTargets.QV, 8, 16, 4, 8, true, 0, 1, 3, 1, 100, 7);
        BenchConfig two = new BenchConfig(
                BenchModel.MINILM_L6, BenchMode.LORA, BenchTargets.QV, 8, 16, 4, 8, true, 0, 2, 3, 1, 100, 7);
        Map<String, @Nullable Object> alone = StepBench.of(one).run().values();
        Map<String, @Nullable Object> parts = StepBench.of(two).run().values();
        assertEquals((double) alone.get("loss_first"), (double) parts.get("loss_first"), 1.5e-4);
        assertEquals((double) alone.get("loss_last"), (double) parts.get("loss_last"), 1e-3);
    }

    @Test
    @Tag("slow")
    void fullTrainsEverything() {
        Map<String, @Nullable Object> figures =
                StepBench.of(config(BenchMode.FULL, BenchTargets.QV, 8)).run().values();
        assertEquals(figures.get("params"), figures.get("trainable"));
    }

    @Test
    void whatIsOutOfRangeIsRefused() {
        String message = assertThrows(UserException.class, () -> config(BenchMode.LORA, BenchTargets.QV, 513))
                .getMessage();
        assertEquals("--seq is 513, it must be 2 to 512", message);
    }
}
