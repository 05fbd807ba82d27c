package io.lora4j.recipes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.recipes.schema.Problem;
import io.lora4j.recipes.schema.RecipeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every file in {@code wrong} gives exactly the message in {@code wrong/expected}: all of its problems, with lines and suggestions. After a
 * change of words {@code -Dupdate} writes the expected messages anew; read the difference.
 */
class WrongRecipesTest {
    private static final Path FOLDER = Path.of("src/test/resources/wrong");

    static List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".yaml"))
                    .map(name -> name.substring(0, name.length() - ".yaml".length()))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void thereAreManyWaysToBeWrong() throws IOException {
        assertTrue(names().size() >= 64, () -> "wrong recipes got lost");
    }

    @ParameterizedTest
    @MethodSource("names")
    void tellsAllProblemsAtOnce(String name) throws IOException {
        RecipeException e =
                assertThrows(RecipeException.class, () -> RecipeReader.read(FOLDER.resolve(name + ".yaml"), List.of()));
        String message =
                e.getMessage().replace(FOLDER.toAbsolutePath() + "/", "").replace(FOLDER + "/", "");
        Path expected = FOLDER.resolve("expected/" + name + ".txt");
        if (Boolean.getBoolean("update")) {
            Files.writeString(expected, message + "\n");
        }
        assertEquals(Files.readString(expected).strip(), message);
        assertEquals(e.problems().size(), message.lines().count() - 1);
    }

    @Test
    void namesAMissingFile() {
        RecipeException e = assertThrows(
                RecipeException.class, () -> RecipeReader.read(Path.of("no/such.yaml"), List.of("train.batch=8")));
        assertEquals(
                "no/such.yaml has a problem:\n  no/such.yaml: there is no such file;"
                        + " \"lora4j ls\" lists the recipes that come with LoRA4J",
                e.getMessage());
    }

    /** A line is what an editor jumps to. */
    @ParameterizedTest
    @MethodSource("names")
    void everyProblemButThatOfAnEmptyFileHasItsLine(String name) {
        RecipeException e =
                assertThrows(RecipeException.class, () -> RecipeReader.read(FOLDER.resolve(name + ".yaml"), List.of()));
        for (Problem problem : e.problems()) {
            assertTrue(name.equals("empty") || problem.where().matches(".*\\.yaml:[1-9][0-9]*"), problem::toString);
        }
    }
}
