package io.lora4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.recipes.method.MethodType;
import io.lora4j.recipes.method.Methods;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The documents say what is there. */
class DocumentsTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Path DECISIONS = ROOT.resolve("docs/adr");
    private static final Pattern DECISION = Pattern.compile("(\\d{4})-[a-z0-9.-]+\\.md");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#]+)(#[^)]*)?\\)");

    private static List<String> decisionFiles() throws IOException {
        try (Stream<Path> files = Files.list(DECISIONS)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.equals("README.md"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void decisionsAreNumberedFrom1WithoutGapOrRepeat() throws IOException {
        List<String> names = decisionFiles();
        assertTrue(names.size() >= 8, names::toString);
        for (int i = 0; i < names.size(); i++) {
            Matcher name = DECISION.matcher(names.get(i));
            assertTrue(name.matches(), names.get(i));
            assertEquals(i + 1, Integer.parseInt(name.group(1)), names.get(i));
        }
    }

    @Test
    void everyDecisionHasItsPartsFitsAPageAndIsListed() throws IOException {
        String index = Files.readString(DECISIONS.resolve("README.md"));
        for (String name : decisionFiles()) {
            List<String> lines = Files.readAllLines(DECISIONS.resolve(name));
            assertTrue(lines.get(0).startsWith("# " + name.substring(0, 4) + ". "), name);
            assertTrue(lines.containsAll(List.of("## Context", "## Decision", "## Consequences")), name);
            assertTrue(lines.size() <= 60, name);
            assertTrue(index.contains("](" + name + ")"), name);
        }
    }

    @Test
    void linksBetweenDocumentsLeadSomewhere() throws IOException {
        List<String> broken = new ArrayList<>();
        int links = 0;
        for (Path document : documents()) {
            Matcher link = LINK.matcher(Files.readString(document));
            while (link.find()) {
                String target = link.group(1);
                if (!target.contains("://")) {
                    links++;
                    if (!Files.exists(document.resolveSibling(target))) {
                        broken.add(ROOT.relativize(document) + " -> " + target);
                    }
                }
            }
        }
        assertEquals(List.of(), broken);
        assertTrue(links >= 8, "links found: " + links);
    }

    private static List<Path> documents() throws IOException {
        List<Path> documents = new ArrayList<>();
        for (String folder : List.of("", "docs", "docs/adr")) {
            try (Stream<Path> files = Files.list(ROOT.resolve(folder))) {
                files.filter(file -> file.toString().endsWith(".md")).forEach(documents::add);
            }
        }
        return documents;
    }

    /** Every line of a shell block in the README begins with a program or file that exists, and lora4j's verbs are real ones. */
    @Test
    void theReadmesCommandsExist() throws IOException {
        List<String> commands = shellLines(Files.readString(ROOT.resolve("README.md")));
        assertTrue(commands.contains("mvn -B verify"), commands::toString);
        assertTrue(commands.contains("./lora4j run recipes/quickstart.yaml"), commands::toString);
        List<String> verbs = new ArrayList<>(Lora4jCommand.commandLine(new ShippedRecipes(Cli.RECIPES), Terminal.NONE)
                .getSubcommands()
                .keySet());
        verbs.add("--help");
        for (String command : commands) {
            List<String> words = List.of(command.split(" +"));
            switch (words.get(0)) {
                case "mvn", "git", "cd", "LORA4J_BUILD_OPTS=-Pcuda" -> assertFalse(words.size() < 2, command);
                case "./lora4j" -> {
                    assertTrue(Files.isExecutable(ROOT.resolve("lora4j")), command);
                    assertTrue(verbs.contains(words.get(1)), command);
                    if (words.size() > 2 && words.get(2).startsWith("recipes/")) {
                        assertTrue(Files.isRegularFile(ROOT.resolve(words.get(2))), command);
                    }
                }
                default -> throw new AssertionError("unknown program in the README: " + command);
            }
        }
    }

    @Test
    void theReadmesTableHasEveryMethod() throws IOException {
        String readme = Files.readString(ROOT.resolve("README.md"));
        for (MethodType method : Methods.ALL) {
            assertTrue(readme.contains("| `" + method.name() + "` |"), method.name());
        }
    }

    private static List<String> shellLines(String markdown) {
        List<String> lines = new ArrayList<>();
        Matcher block =
                Pattern.compile("```(?:sh|bash)\n(.*?)```", Pattern.DOTALL).matcher(markdown);
        while (block.find()) {
            block.group(1)
                    .lines()
                    .map(line -> line.replaceFirst("\\s+#.*", "").strip())
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .forEach(lines::add);
        }
        return lines;
    }
}
