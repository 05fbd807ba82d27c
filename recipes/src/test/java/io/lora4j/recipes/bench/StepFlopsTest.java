package io.lora4j.recipes.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The counts of a program of its own in Python, by which PyTorch was measured: batch 32, 64 tokens, rank 8. */
@Tag("golden")
class StepFlopsTest {
    @ParameterizedTest
    @CsvSource({
        "MINILM_L6, LORA, QV, 89584041984",
        "MINILM_L6, LORA, ALL, 92843016192",
        "MINILM_L6, FULL, QV, 134111821824",
        "MINILM_L6, GRAD, QV, 132290445312",
        "MINILM_L6, INFER, QV, 44703940608",
        "BERT_BASE, LORA, QV, 706480177152",
        "BERT_BASE, LORA, ALL, 719339913216",
        "BERT_BASE, FULL, QV, 1058285813760",
        "BERT_BASE, GRAD, QV, 1051000307712",
        "BERT_BASE, INFER, QV, 352761937920",
    })
    void countsWhatThePeerCounts(BenchModel model, BenchMode mode, BenchTargets targets, double expected) {
        BenchConfig config = new BenchConfig(model, mode, targets, 8, 16, 32, 64, false, 0, 1, 1, 0, 1, 7);
        assertEquals(expected, new StepFlops(config).perStep());
    }
}
