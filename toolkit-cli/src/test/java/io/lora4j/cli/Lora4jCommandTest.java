package io.lora4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.cli.Cli.Outcome;
import org.junit.jupiter.api.Test;

class Lora4jCommandTest {
    @Test
    void helpShowsExamplesAndExitCodes() {
        Outcome outcome = Cli.lora4j("--help");
        assertEquals(0, outcome.code());
        assertTrue(outcome.out().contains("lora4j run quickstart"), outcome::out);
        assertTrue(outcome.out().contains("3 training diverged"), outcome::out);
        assertEquals("", outcome.err());
    }

    @Test
    void versionNamesWhatDecidesTheNumbers() {
        Outcome outcome = Cli.lora4j("--version");
        assertEquals(0, outcome.code());
        assertTrue(
                outcome.out().matches("(?s)lora4j \\d.*\nDeeplearning4j 1\\.0\\.0-M2\\.1\nJava \\d.*"), outcome::out);
    }

    @Test
    void noVerbIsAMistakeOfUsage() {
        Outcome outcome = Cli.lora4j();
        assertEquals(2, outcome.code());
        assertEquals("lora4j: a command is missing\nTry 'lora4j --help'.\n", outcome.err());
    }

    @Test
    void aMisspeltVerbIsCode2WithASuggestion() {
        Outcome outcome = Cli.lora4j("cpp", "quickstart", "x.yaml");
        assertEquals(2, outcome.code());
        assertTrue(outcome.err().contains("Did you mean: lora4j cp"), outcome::err);
        assertEquals("", outcome.out());
    }

    @Test
    void anUnknownOptionIsCode2() {
        Outcome outcome = Cli.lora4j("cp", "--forse", "quickstart", "x.yaml");
        assertEquals(2, outcome.code());
        assertTrue(outcome.err().contains("--forse"), outcome::err);
        assertTrue(outcome.err().contains("Try 'lora4j cp --help'."), outcome::err);
    }
}
