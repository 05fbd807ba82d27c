package io.lora4j.recipes.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/** An independent validator over the schema file, with recipes read as an editor reads them: YAML 1.2's core schema. */
class RecipeJsonSchemaTest {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final Path RECIPES = Path.of("").toAbsolutePath();
    private static final Path WRONG = Path.of("src/test/resources/wrong");

    private static JsonSchema schema() throws IOException {
        JsonSchemaFactory factory = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012);
        return factory.getSchema(MAPPER.readTree(RecipeJsonSchema.text()));
    }

    private static Set<ValidationMessage> complaints(String yaml) throws IOException {
        LoadSettings core = LoadSettings.builder().setSchema(new CoreSchema()).build();
        JsonNode recipe = MAPPER.valueToTree(new Load(core).loadFromString(yaml));
        return schema().validate(recipe);
    }

    static List<Path> shipped() throws IOException {
        try (Stream<Path> files = Files.walk(RECIPES)) {
            return files.filter(file -> file.toString().endsWith(".yaml"))
                    .map(RECIPES::relativize)
                    .filter(file -> !file.startsWith("src") && !file.startsWith("target"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void theSchemaIsValidItself() throws IOException {
        JsonSchema meta = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                .getSchema(SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"));
        assertEquals(Set.of(), meta.validate(MAPPER.readTree(RecipeJsonSchema.text())));
    }

    @Test
    void findsTheShippedRecipes() throws IOException {
        assertTrue(shipped().size() >= 8, () -> "recipes found");
    }

    @ParameterizedTest
    @MethodSource("shipped")
    void takesEveryShippedRecipe(Path recipe) throws IOException {
        assertEquals(Set.of(), complaints(Files.readString(RECIPES.resolve(recipe))));
    }

    @Test
    void takesEveryFormOfAValue() throws IOException {
        assertEquals(Set.of(), complaints("""
                model: {name: ./my-model, max_length: 64}
                task: {format: csv, train: a.csv, dev: b.csv, text: [0, second], label: 1, labels: [0, "1", yes]}
                methods:
                  - lora
                  - {name: lora-one, label: 1, variant: talk, gamma: 16, learning_rate: [.001, 2e-3]}
                  - {name: one-step, scope: rank}
                adapter: {targets: [query, value], alpha: 16}
                gradient: {dropout: False}
                train: {learning_rate: 1e-3, steps: 10, seeds: [-1, 2]}
                eval: {each: end}
                """));
        assertEquals(Set.of(), complaints("{model: x, task: SST-2, methods: full, train: {learning_rate: 1}}"));
    }

    /** What lies in one key. Mistakes between keys are the reader's alone. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "misspelt-keys-everywhere",
                "misspelt-values-everywhere",
                "misplaced-everywhere",
                "names-of-other-programs",
                "out-of-range",
                "wrong-types",
                "settings-of-another-method",
                "unknown-method",
                "unknown-task",
                "list-for-a-block",
                "block-for-a-value",
                "everything-missing",
                "own-files-incomplete",
                "duplicate-seeds"
            })
    void refusesWrongRecipes(String name) throws IOException {
        assertFalse(complaints(Files.readString(WRONG.resolve(name + ".yaml"))).isEmpty());
    }

    @Test
    void saysWhereTheMistakeIs() throws IOException {
        Set<String> places = complaints("""
                        model: all-MiniLM-L6-v2
                        task: cola
                        methods: [lora, {name: lora-ga, gama: 16, scale: stabel}]
                        train: {learning_rate: 0, epoch: 3}
                        """).stream()
                .map(message -> message.getInstanceLocation() + " " + message.getMessage())
                .collect(Collectors.toSet());
        for (String expected :
                List.of("$.methods[1]", "'gama'", "$.methods[1].scale", "$.train.learning_rate", "'epoch'")) {
            assertTrue(places.stream().anyMatch(place -> place.contains(expected)), expected + " in " + places);
        }
    }
}
