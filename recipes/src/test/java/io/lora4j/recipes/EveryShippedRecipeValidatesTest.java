package io.lora4j.recipes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Walks the whole folder: a recipe that nobody looks at goes wrong unnoticed. */
class EveryShippedRecipeValidatesTest {
    private static final Path FOLDER = Path.of("").toAbsolutePath();

    static List<Path> recipes() throws IOException {
        try (Stream<Path> files = Files.walk(FOLDER)) {
            return files.filter(file -> file.toString().matches(".*\\.ya?ml"))
                    .map(FOLDER::relativize)
                    .filter(file -> !file.startsWith("src") && !file.startsWith("target"))
                    .sorted()
                    .toList();
        }
    }

    /** Change the number when recipes come or go. */
    @Test
    void findsAllOfThem() throws IOException {
        assertEquals(17, recipes().size());
    }

    @ParameterizedTest
    @MethodSource("recipes")
    void validates(Path file) throws IOException {
        Study study = StudyReader.read(FOLDER.resolve(file), List.of());
        Recipe recipe = study.combinations().get(0).recipe();
        assertTrue(recipe.methods().size() >= 3, "head-only and two methods");
        assertTrue(recipe.train().totalSteps(10) >= 10, "at least one full epoch per method");
    }

    @ParameterizedTest
    @MethodSource("recipes")
    void beginsWithItsCommandsAndSaysWhereItsValuesComeFrom(Path file) throws IOException {
        List<String> lines = Files.readAllLines(FOLDER.resolve(file));
        List<String> header =
                lines.stream().takeWhile(line -> line.startsWith("#")).toList();
        String text = String.join("\n", header);
        assertTrue(header.get(0).length() > 10, "a title");
        assertTrue(text.contains("./lora4j run recipes/" + file), "the command that runs it: " + text);
        assertTrue(text.contains("How the values were found"), "where its values come from: " + text);
    }
}
