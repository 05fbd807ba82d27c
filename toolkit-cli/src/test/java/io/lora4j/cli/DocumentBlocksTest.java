package io.lora4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.cli.Cli.Outcome;
import io.lora4j.recipes.StudyReader;
import io.lora4j.recipes.schema.RecipeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/**
 * Every block of the documents is what the program does: code is that of compiled classes, recipes are valid, commands are taken, cheap ones are
 * run and print what is shown. {@link TutorialTest} runs the dear ones.
 */
class DocumentBlocksTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final List<String> MODULES =
            List.of("toolkit-core", "toolkit-models", "datasets", "recipes", "toolkit-cli");
    private static final Set<String> PROGRAMS = Set.of("./lora4j", "mvn", "git", "cd");

    @TempDir
    Path folder;

    static List<Path> documents() {
        return Stream.of("README.md", "CONTRIBUTING.md", "docs/TUTORIAL.md", "docs/EXTENDING.md", "docs/RECIPES.md")
                .map(ROOT::resolve)
                .toList();
    }

    private static List<DocumentBlock> blocks(Path document, String language) throws IOException {
        return DocumentBlock.of(document).stream()
                .filter(block -> block.language().equals(language))
                .toList();
    }

    @Test
    void noBlockEscapes() throws IOException {
        Map<String, Integer> found = new LinkedHashMap<>();
        for (Path document : documents()) {
            for (DocumentBlock block : DocumentBlock.of(document)) {
                found.merge(block.language(), 1, Integer::sum);
                switch (block.language()) {
                    case "sh", "yaml" -> {}
                    case "java" -> assertEquals("example", block.kind(), block::toString);
                    case "csv" -> assertTrue(block.isFile(), block::toString);
                    case "text" -> assertEquals("output", block.kind(), block::toString);
                    default -> throw new AssertionError(block + ": a block of another kind, " + block.language());
                }
            }
        }
        assertEquals(Set.of("sh", "yaml", "java", "csv", "text"), found.keySet());
        assertTrue(found.get("sh") >= 15 && found.get("yaml") >= 8 && found.get("java") >= 7, found::toString);
    }

    @ParameterizedTest
    @MethodSource("documents")
    void codeIsThatOfACompiledClass(Path document) throws IOException {
        for (DocumentBlock block : blocks(document, "java")) {
            String source = plain(Files.readString(source(block.name())));
            assertTrue(source.contains(plain(block.text())), block + " is not in " + block.name());
        }
    }

    /** Lines without their indentation: an excerpt stands further left. */
    private static String plain(String code) {
        StringBuilder plain = new StringBuilder("\n");
        code.lines().map(String::strip).forEach(line -> plain.append(line).append('\n'));
        return plain.toString();
    }

    private static Path source(String className) throws IOException {
        List<Path> found = new ArrayList<>();
        for (String module : MODULES) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src"))) {
                files.filter(file -> file.endsWith(className + ".java")).forEach(found::add);
            }
        }
        assertEquals(1, found.size(), className);
        return found.get(0);
    }

    @ParameterizedTest
    @MethodSource("documents")
    void recipesAreValidUnlessTheyAreWrongOnPurpose(Path document) throws IOException {
        for (DocumentBlock block : blocks(document, "yaml")) {
            Path file = Files.writeString(folder.resolve("recipe.yaml"), completed(block.text()));
            if (block.hasMistakes()) {
                assertThrows(RecipeException.class, () -> StudyReader.read(file, List.of()), block::toString);
            } else {
                assertTrue(
                        StudyReader.read(file, List.of())
                                        .combinations()
                                        .get(0)
                                        .recipe()
                                        .methods()
                                        .size()
                                >= 2,
                        block::toString);
            }
        }
    }

    /** A part of a recipe with the rest that it needs. */
    private static String completed(String recipe) {
        StringBuilder whole = new StringBuilder(recipe);
        Map<String, String> needed = new LinkedHashMap<>();
        needed.put("model", "all-MiniLM-L6-v2");
        needed.put("task", "sentiment");
        needed.put("methods", "[lora]");
        if (!recipe.contains("search:")) {
            needed.put("train", "{learning_rate: 1e-3}");
        }
        needed.forEach((key, value) -> {
            if (!Pattern.compile("(?m)^" + key + ":").matcher(recipe).find()) {
                whole.append(key).append(": ").append(value).append('\n');
            }
        });
        return whole.toString();
    }

    @ParameterizedTest
    @MethodSource("documents")
    void everyCommandIsTakenAndItsRecipeValid(Path document) throws IOException {
        Map<String, DocumentBlock> files = writeFiles(document);
        for (DocumentBlock block : blocks(document, "sh")) {
            for (String line : block.commands()) {
                List<String> words = ShellWords.of(line);
                assertTrue(PROGRAMS.contains(words.get(0)), () -> block + ": unknown program in " + line);
                if (words.get(0).equals("./lora4j")) {
                    ParseResult parsed =
                            root().parseArgs(words.subList(1, words.size()).toArray(String[]::new));
                    checkRecipe(parsed, files, block + ": " + line);
                }
            }
        }
    }

    private static CommandLine root() {
        return Lora4jCommand.commandLine(new ShippedRecipes(Cli.RECIPES), Terminal.NONE);
    }

    private void checkRecipe(ParseResult parsed, Map<String, DocumentBlock> files, String where) {
        ParseResult verb = parsed.subcommand();
        if (verb == null
                || !Set.of("run", "validate").contains(verb.commandSpec().name())) {
            return;
        }
        String recipe = verb.matchedPositionalValue(0, "");
        DocumentBlock written = files.get(recipe);
        if (recipe.isEmpty() || (written != null && written.hasMistakes())) {
            return;
        }
        List<String> overrides = verb.matchedPositionalValue(1, List.of());
        // what the reader copied is a shipped recipe still
        String source = recipe.equals("mine.yaml") ? "quickstart" : recipe;
        Path file = written != null
                ? folder.resolve(recipe)
                : new ShippedRecipes(Cli.RECIPES).shipped(source).file();
        assertTrue(
                StudyReader.read(file, overrides)
                                .combinations()
                                .get(0)
                                .recipe()
                                .methods()
                                .size()
                        >= 2,
                where);
    }

    /** The files that a reader of the document has written, in this test's folder. */
    private Map<String, DocumentBlock> writeFiles(Path document) throws IOException {
        Map<String, DocumentBlock> files = new LinkedHashMap<>();
        for (DocumentBlock block : DocumentBlock.of(document)) {
            if (block.isFile()) {
                Path file = folder.resolve(block.fileName());
                Files.createDirectories(file.getParent());
                Files.writeString(file, block.text());
                files.put(block.fileName(), block);
            }
        }
        return files;
    }

    @ParameterizedTest
    @MethodSource("documents")
    void cheapCommandsPrintWhatIsShown(Path document) throws IOException {
        writeFiles(document);
        String printed = "";
        int code = 0;
        for (DocumentBlock block : DocumentBlock.of(document)) {
            if (block.language().equals("sh")) {
                for (String line : block.commands()) {
                    assertEquals(0, code, "before " + block + ": " + printed);
                    if (isCheap(line)) {
                        Outcome outcome = Cli.lora4j(here(ShellWords.of(line)));
                        code = outcome.code();
                        printed = (outcome.out() + outcome.err())
                                .replace(folder + "/", "")
                                .replace(ROOT + "/", "");
                    }
                }
            } else if (block.kind().equals("output")) {
                assertEquals(block.text(), printed, block::toString);
                assertEquals(block.text().startsWith("lora4j: ") ? 2 : 0, code, block::toString);
                code = 0;
            }
        }
        assertEquals(0, code, printed);
    }

    /** Answers without a model and without files that are not there. */
    private static boolean isCheap(String line) {
        return line.startsWith("./lora4j ")
                && (line.matches("./lora4j (ls|validate|cp|completion|models ls|data ls|data show)\\b.*")
                        || line.endsWith("--help"))
                && !line.contains("--data-dir")
                && !line.contains("DIR");
    }

    /** The words without the program, and with files where this test has them. */
    private String[] here(List<String> words) {
        List<String> mapped = new ArrayList<>();
        for (int i = 1; i < words.size(); i++) {
            String word = words.get(i);
            boolean destination = i == 3 && words.get(1).equals("cp");
            boolean shipped = word.startsWith("recipes/") && Files.exists(ROOT.resolve(word));
            boolean mine = destination || (word.matches("[\\w./-]+") && Files.exists(folder.resolve(word)));
            mapped.add(
                    shipped
                            ? ROOT.resolve(word).toString()
                            : mine ? folder.resolve(word).toString() : word);
        }
        return mapped.toArray(String[]::new);
    }

    @Test
    void aBlockIsFoundWithItsComment() throws IOException {
        Path document = Files.writeString(
                folder.resolve("d.md"),
                "text\n\n<!-- file: a.yaml, with mistakes -->\n```yaml\na: 1\n```\n\n```sh\nls # all\ncd x && ls\n```\n");
        List<DocumentBlock> blocks = DocumentBlock.of(document);
        assertEquals(2, blocks.size());
        assertEquals("a.yaml", blocks.get(0).fileName());
        assertTrue(blocks.get(0).hasMistakes());
        assertEquals("a: 1\n", blocks.get(0).text());
        assertFalse(blocks.get(1).isFile());
        assertEquals(List.of("ls", "cd x", "ls"), blocks.get(1).commands());
    }
}
