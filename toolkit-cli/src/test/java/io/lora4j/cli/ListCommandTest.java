package io.lora4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lora4j.cli.Cli.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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

    private static JsonNode json(String... words) throws Exception {
        Outcome outcome = Cli.lora4j(words);
        assertEquals(0, outcome.code(), outcome::err);
        assertEquals(1, outcome.out().lines().count());
        return new JsonMapper().readTree(outcome.out());
    }

    @Test
    void programsReadJson() throws Exception {
        JsonNode all = json("ls", "--json");
        assertEquals(
                List.of("recipes", "models", "tasks", "methods"),
                List.copyOf(all.properties().stream().map(Map.Entry::getKey).toList()));
        assertEquals(
                new ShippedRecipes(Cli.RECIPES).list().size(),
                all.get("recipes").size());
        assertTrue(Files.isRegularFile(
                Path.of(all.get("recipes").get(0).get("file").asText())));
        JsonNode loraGa = find(json("ls", "methods", "--json"), "name", "lora-ga");
        assertTrue(loraGa.get("source").asText().contains("2407.05000"));
        assertTrue(loraGa.get("keys").toString().contains("\"gamma\""), loraGa::toString);
        JsonNode cola = find(json("ls", "tasks", "--json"), "name", "CoLA");
        assertEquals("[\"matthews\"]", cola.get("metrics").toString());
        JsonNode schedule = find(json("ls", "keys", "--json"), "key", "train.schedule");
        assertEquals("linear", schedule.get("default").asText());
        assertEquals(3, schedule.get("choices").size());
    }

    private static JsonNode find(JsonNode list, String key, String value) {
        for (JsonNode item : list) {
            if (item.get(key).asText().equals(value)) {
                return item;
            }
        }
        throw new AssertionError("no " + value + " in " + list);
    }

    @Test
    void theSchemaAndTheReferencePageArePrinted() throws Exception {
        Path docs = Path.of("..", "docs");
        assertEquals(
                Files.readString(docs.resolve("recipe.schema.json")),
                Cli.lora4j("ls", "schema").out());
        assertEquals(
                Files.readString(docs.resolve("RECIPES.md")),
                Cli.lora4j("ls", "keys", "--markdown").out());
        assertEquals(2, Cli.lora4j("ls", "methods", "--markdown").code());
    }
}
