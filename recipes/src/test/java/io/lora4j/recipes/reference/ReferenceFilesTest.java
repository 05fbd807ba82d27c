package io.lora4j.recipes.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.recipes.method.MethodType;
import io.lora4j.recipes.method.Methods;
import io.lora4j.recipes.schema.Key;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The committed files are what the schema gives. After a change of the schema {@code -Dupdate} writes them anew. */
class ReferenceFilesTest {
    private static final Path DOCS = Path.of("..", "docs");

    private static void assertUpToDate(String name, String text) throws IOException {
        Path file = DOCS.resolve(name);
        if (Boolean.getBoolean("update")) {
            Files.writeString(file, text);
        }
        assertEquals(
                Files.readString(file),
                text,
                "write it anew: mvn test -pl recipes -am -Dtest=ReferenceFilesTest -Dupdate");
    }

    @Test
    void theJsonSchema() throws IOException {
        assertUpToDate("recipe.schema.json", RecipeJsonSchema.text());
    }

    @Test
    void thePage() throws IOException {
        assertUpToDate("RECIPES.md", RecipePage.markdown());
    }

    @Test
    void thePageHasEveryMethodAndItsKeys() {
        String page = RecipePage.markdown();
        for (MethodType method : Methods.ALL) {
            int begin = page.indexOf("### " + method.name() + "\n");
            assertTrue(begin > 0, method.name());
            int end = page.indexOf("\n### ", begin + 1);
            String part = page.substring(begin, end < 0 ? page.length() : end);
            assertTrue(part.contains(method.source()), method.name());
            for (Key<?> key : method.keys()) {
                boolean shared = Methods.ADAPTER_KEYS.contains(key);
                assertEquals(!shared, part.contains("| `" + key.name() + "` |"), method.name() + "." + key.name());
            }
        }
    }

    /** A key of a type that does not say its shape could be neither checked nor completed by an editor. */
    @Test
    void everyKeyHasAShape() {
        List<RecipeKeys.Entry> keys = RecipeKeys.all();
        assertTrue(keys.size() > 60, () -> "keys: " + keys.size());
        for (RecipeKeys.Entry key : keys) {
            assertTrue(!key.type().contains("anything"), key.key());
            assertTrue(!key.doc().isBlank(), key.key());
        }
    }

    @Test
    void keysHaveTypesDefaultsAndChoices() {
        RecipeKeys.Entry schedule = find("train.schedule");
        assertEquals(
                new RecipeKeys.Entry(
                        "train.schedule",
                        "linear, cosine or constant",
                        "linear",
                        false,
                        "how the rate goes on after warm-up",
                        List.of("linear", "cosine", "constant")),
                schedule);
        assertEquals(
                "a number greater than 0, or a list of such",
                find("train.learning_rate").type());
        assertEquals(List.of("true", "false"), find("gradient.dropout").choices());
        assertEquals("a whole number from 1 to 4096", find("adapter.rank").type());
        assertEquals("8", find("adapter.rank").fallback());
        assertEquals("16", find("methods.lora-ga.gamma").fallback());
        assertTrue(find("methods.METHOD.optimizer").choices().contains("sgd"));
        assertTrue(find("model.name").required());
        assertTrue(!find("name").required(), "a recipe is named after its file");
        assertTrue(find("task").choices().containsAll(List.of("cola", "SST-2", "sentiment")));
    }

    private static RecipeKeys.Entry find(String name) {
        return RecipeKeys.all().stream()
                .filter(entry -> entry.key().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no key " + name));
    }
}
