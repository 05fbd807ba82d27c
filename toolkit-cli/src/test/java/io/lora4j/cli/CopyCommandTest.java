package io.lora4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.cli.Cli.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CopyCommandTest {
    private static final String TEXT = "# Quickstart: everything once\nmodel: all-minilm-l6-v2\n";

    @TempDir
    Path folder;

    private ShippedRecipes recipes;

    @BeforeEach
    void shipSomeRecipes() throws IOException {
        Path shipped = Files.createDirectories(folder.resolve("recipes/glue")).getParent();
        Files.writeString(shipped.resolve("quickstart.yaml"), TEXT);
        Files.writeString(shipped.resolve("glue/cola.yaml"), "# CoLA\n");
        recipes = new ShippedRecipes(shipped);
    }

    @Test
    void copiesToAFile() throws IOException {
        Path mine = folder.resolve("mine.yaml");
        Outcome outcome = Cli.lora4j(recipes, "cp", "quickstart", mine.toString());
        assertEquals(0, outcome.code(), outcome::err);
        assertEquals(TEXT, Files.readString(mine));
        assertTrue(outcome.out().contains("lora4j run " + mine), outcome::out);
    }

    @Test
    void copiesIntoAFolder() throws IOException {
        Path mine = Files.createDirectory(folder.resolve("mine"));
        assertEquals(
                0,
                Cli.lora4j(recipes, "cp", "recipes/glue/cola.yaml", mine.toString())
                        .code());
        assertEquals("# CoLA\n", Files.readString(mine.resolve("cola.yaml")));
    }

    @Test
    void neverOverwrites() throws IOException {
        Path mine = Files.writeString(folder.resolve("mine.yaml"), "mine");
        Outcome outcome = Cli.lora4j(recipes, "cp", "quickstart", mine.toString());
        assertEquals(2, outcome.code());
        assertEquals("lora4j: " + mine + ": exists already and is not overwritten; name another file\n", outcome.err());
        assertEquals("mine", Files.readString(mine));
    }

    @Test
    void anUnknownRecipeNamesTheKnownOnes() {
        Outcome outcome =
                Cli.lora4j(recipes, "cp", "quickstrat", folder.resolve("x.yaml").toString());
        assertEquals(2, outcome.code());
        assertTrue(outcome.err().contains("quickstart"), outcome::err);
        assertFalse(Files.exists(folder.resolve("x.yaml")));
    }

    @Test
    void aFolderThatDoesNotExistIsCode2() {
        Path nowhere = folder.resolve("no/such/folder/x.yaml");
        Outcome outcome = Cli.lora4j(recipes, "cp", "quickstart", nowhere.toString());
        assertEquals(2, outcome.code());
        assertTrue(outcome.err().contains("there is no such file or folder"), outcome::err);
    }
}
