package io.lora4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lora4j.cli.Cli.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ValidateCommandTest {
    @TempDir
    Path folder;

    @Test
    void everyShippedRecipeIsValidByName() {
        List<ShippedRecipes.Shipped> shipped = new ShippedRecipes(Cli.RECIPES).list();
        assertTrue(shipped.size() >= 7, () -> "shipped recipes found: " + shipped);
        for (ShippedRecipes.Shipped recipe : shipped) {
            Outcome outcome = Cli.lora4j("validate", recipe.name());
            assertEquals(0, outcome.code(), outcome::err);
            assertTrue(outcome.out().startsWith(recipe.file() + ": valid; "), outcome::out);
        }
    }

    @Test
    void overridesCount() {
        Outcome outcome = Cli.lora4j("validate", "quickstart", "train.seeds=[1, 2, 3]");
        assertTrue(outcome.out().endsWith(", 3 seeds\n"), outcome::out);
    }

    @Test
    void allMistakesAreToldAtOnceWithSuggestionsAndCode2() throws Exception {
        Path mine = folder.resolve("mine.yaml");
        assertEquals(0, Cli.lora4j("cp", "quickstart", mine.toString()).code());
        Files.writeString(mine, Files.readString(mine) + "evaluaton: {}\n");
        Outcome outcome = Cli.lora4j("validate", mine.toString(), "adapter.rnk=4", "task=paraphrse");
        assertEquals(2, outcome.code());
        long lines = Files.readAllLines(mine).size();
        assertTrue(outcome.err().startsWith("lora4j: " + mine + " has 3 problems:\n"), outcome::err);
        assertTrue(outcome.err().contains(mine + ":" + lines + ": "), outcome::err);
        assertTrue(outcome.err().contains("did you mean \"rank\"?"), outcome::err);
        assertTrue(outcome.err().contains("did you mean \"paraphrase\"?"), outcome::err);
        assertEquals("", outcome.out());
    }

    @Test
    void anUnknownRecipeIsCode2WithTheNearestName() {
        Outcome outcome = Cli.lora4j("validate", "quikstart");
        assertEquals(2, outcome.code());
        assertTrue(outcome.err().contains("did you mean \"quickstart\"?"), outcome::err);
        assertTrue(outcome.err().contains("lora4j ls recipes"), outcome::err);
    }

    @Test
    void aFolderIsNoRecipe() {
        Outcome outcome = Cli.lora4j("validate", folder.toString());
        assertEquals(2, outcome.code());
    }

    @Test
    void programsReadTheResolvedRecipeOrItsProblems() throws Exception {
        Outcome valid = Cli.lora4j("validate", "quickstart", "train.batch=8", "--json");
        assertEquals(0, valid.code(), valid::err);
        JsonNode resolved = new JsonMapper().readTree(valid.out());
        assertTrue(resolved.get("valid").asBoolean());
        assertEquals(8, resolved.at("/recipe/train/batch").asInt());
        assertEquals("linear", resolved.at("/recipe/train/schedule").asText());

        Path mine =
                Files.writeString(folder.resolve("mine.yaml"), "model: all-minilm-l6-v2\ntsk: cola\nmethods: [lora]\n");
        Outcome wrong = Cli.lora4j("validate", mine.toString(), "train.epoch=3", "--json");
        assertEquals(2, wrong.code());
        assertEquals("", wrong.err());
        JsonNode told = new JsonMapper().readTree(wrong.out());
        assertEquals(mine.toString(), told.get("file").asText());
        assertFalse(told.get("valid").asBoolean());
        assertEquals(mine + ":2", told.at("/problems/1/where").asText());
        assertEquals(
                "unknown key \"tsk\"; did you mean \"task\"?",
                told.at("/problems/1/what").asText());
        assertEquals("command line: train.epoch=3", told.at("/problems/2/where").asText());
    }
}
