package io.lora4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.cli.Cli.Outcome;
import java.util.List;
import org.junit.jupiter.api.Test;

class ListCommandTest {
    @Test
    void listsEverythingARecipeCanName() {
        Outcome outcome = Cli.lora4j("ls");
        assertEquals(0, outcome.code(), outcome::err);
        List<String> lines = outcome.out().lines().toList();
        for (String expected : List.of("recipes:", "models:", "tasks:", "methods:")) {
            assertTrue(lines.contains(expected), expected + " in:\n" + outcome.out());
        }
        for (String expected :
                List.of("quickstart", "glue/cola", "all-MiniLM-L6-v2", "paraphrase", "SST-2", "lora-one")) {
            assertTrue(
                    lines.stream().anyMatch(line -> line.startsWith("  " + expected)),
                    expected + " in:\n" + outcome.out());
        }
    }

    @Test
    void oneKindIsListedWithoutHeading() {
        Outcome outcome = Cli.lora4j("ls", "methods");
        assertEquals(0, outcome.code(), outcome::err);
        assertTrue(outcome.out().startsWith("head-only  "), outcome::out);
    }

    @Test
    void keysHaveTheirFullNames() {
        Outcome outcome = Cli.lora4j("ls", "keys");
        for (String key : List.of("adapter.rank ", "train.seeds ", "gradient.examples ", "task ")) {
            assertTrue(outcome.out().lines().anyMatch(line -> line.startsWith(key)), key + " in:\n" + outcome.out());
        }
    }

    @Test
    void anUnknownKindIsCode2AndNamesTheKnownOnes() {
        Outcome outcome = Cli.lora4j("ls", "method");
        assertEquals(2, outcome.code());
        assertTrue(outcome.err().contains("methods"), outcome::err);
        assertEquals("", outcome.out());
    }
}
