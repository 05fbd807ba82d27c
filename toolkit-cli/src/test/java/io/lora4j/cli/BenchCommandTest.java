package io.lora4j.cli;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lora4j.cli.Cli.Outcome;
import io.lora4j.error.UserException;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class BenchCommandTest {
    private static final String[] SMALL = {
        "bench", "--batch", "2", "--seq", "4", "--steps", "3", "--warmup", "0", "--mode", "infer", "--threads", "1"
    };

    private static Outcome small(String... more) {
        String[] words = java.util.Arrays.copyOf(SMALL, SMALL.length + more.length);
        System.arraycopy(more, 0, words, SMALL.length, more.length);
        return Cli.lora4j(words);
    }

    @Test
    @Tag("slow")
    void printsOneJsonLineWithThePeersKeys() throws Exception {
        Outcome outcome = small();
        assertEquals(0, outcome.code(), outcome::err);
        assertEquals(1, outcome.out().lines().count());
        JsonNode line = new ObjectMapper().readTree(outcome.out());
        for (String key : List.of(
                "peer",
                "model",
                "mode",
                "targets",
                "rank",
                "batch",
                "seq",
                "threads",
                "dropout",
                "steps",
                "ms_median",
                "ms_min",
                "ms_p90",
                "cpu_ms",
                "warmup_s",
                "examples_per_s",
                "gflop_per_step",
                "gflops",
                "gflops_best",
                "rss_peak_mb",
                "trainable",
                "params",
                "loss_first",
                "loss_last",
                "other_cpu",
                "load1",
                "blas",
                "blas_version",
                "blas_core",
                "blas_threads")) {
            assertTrue(line.has(key), key + " in " + outcome.out());
        }
        assertEquals("minilm-l6", line.get("model").asText());
        assertEquals("infer", line.get("mode").asText());
    }

    @Test
    @Tag("slow")
    void anotherProgramIsTimedInTurn() {
        Outcome outcome = small("--rounds", "2", "--vs", "echo '{\"ms_median\": 1000000, \"ms_min\": 1000000}'");
        assertEquals(0, outcome.code(), outcome::err);
        assertEquals(
                4, outcome.err().lines().filter(line -> line.startsWith("{")).count(), outcome::err);
        assertTrue(outcome.out().startsWith("round "), outcome::out);
        assertEquals(5, outcome.out().lines().count(), outcome::out);
    }

    @Test
    void aLibraryThatWasNotLoadedIsRefused() {
        String other = System.getProperty("lora4j.blas", "openblas").equals("mkl") ? "openblas" : "mkl";
        Outcome outcome = small("--blas", other);
        assertEquals(2, outcome.code());
        assertTrue(outcome.err().contains(" was asked for, but matrix products are computed by "), outcome::err);
        assertEquals(1, outcome.err().lines().count(), outcome::err);
        outcome = small("--blas", "atlas");
        assertEquals(2, outcome.code());
        assertTrue(outcome.err().contains("--blas is \"atlas\", not openblas or mkl"), outcome::err);
    }

    @Test
    void theVariableSaysItToo() {
        assertDoesNotThrow(() -> BlasOption.require(null, null));
        assertDoesNotThrow(() -> BlasOption.require(null, ""));
        assertDoesNotThrow(() -> BlasOption.require(System.getProperty("lora4j.blas", "openblas"), "atlas"));
        String message = assertThrows(UserException.class, () -> BlasOption.require(null, "atlas"))
                .getMessage();
        assertEquals("LORA4J_BLAS is \"atlas\", not openblas or mkl", message);
    }

    @Test
    void aMistakeIsCode2() {
        Outcome outcome = Cli.lora4j("bench", "--rank", "0");
        assertEquals(2, outcome.code());
        assertTrue(outcome.err().contains("--rank is 0, it must be 1 to 384"), outcome::err);
        outcome = Cli.lora4j("bench", "--model", "bert");
        assertEquals(2, outcome.code());
        assertTrue(outcome.err().contains("minilm-l6, bert-base"), outcome::err);
    }

    @Test
    void whatIsForRealDataNeedsATask() {
        Outcome outcome = Cli.lora4j("bench", "train.tokens=512");
        assertEquals(2, outcome.code());
        assertTrue(outcome.err().contains("add --data TASK"), outcome::err);
        outcome = Cli.lora4j("bench", "--data", "nli");
        assertEquals(2, outcome.code());
        assertTrue(outcome.err().contains("unknown task"), outcome::err);
    }
}
