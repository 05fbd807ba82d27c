package io.lora4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** Every command's help has examples, and every example is one that the command takes. */
class HelpTest {
    private static CommandLine root() {
        return Lora4jCommand.commandLine(new ShippedRecipes(Cli.RECIPES), Terminal.NONE);
    }

    /** The words of every command but help, e.g. {@code models show}; the program itself is the empty one. */
    static List<String> commands() {
        List<String> found = new ArrayList<>();
        collect(root(), "", found);
        return found;
    }

    private static void collect(CommandLine command, String words, List<String> found) {
        found.add(words);
        command.getSubcommands().forEach((name, below) -> {
            if (!name.equals("help")) {
                collect(below, (words + " " + name).strip(), found);
            }
        });
    }

    private static List<String> examples(String words) {
        String[] call = Stream.concat(Stream.of(words.split(" ", -1)), Stream.of("--help"))
                .filter(word -> !word.isEmpty())
                .toArray(String[]::new);
        StringWriter out = new StringWriter();
        // wide enough that no example is broken into two lines
        CommandLine wide = Lora4jCommand.commandLine(
                        new ShippedRecipes(Cli.RECIPES), new Terminal(false, false, false, 120))
                .setOut(new PrintWriter(out));
        assertEquals(0, wide.execute(call), words);
        String help = out.toString();
        int begin = help.indexOf("\nExamples:\n");
        assertTrue(begin >= 0, () -> "no examples in " + words + ":\n" + help);
        return help.substring(begin)
                .lines()
                .filter(line -> line.startsWith("  lora4j "))
                // behind several spaces stands a remark
                .map(line -> line.strip().replaceFirst("\\s{3,}.*", ""))
                .toList();
    }

    @Test
    void findsTheCommands() {
        assertTrue(
                commands().containsAll(List.of("", "run", "models", "models pull", "data fetch")),
                commands()::toString);
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyExampleIsTaken(String words) {
        List<String> examples = examples(words);
        assertTrue(!examples.isEmpty(), words);
        for (String example : examples) {
            assertTrue(example.startsWith(("lora4j " + words).strip()), example);
            List<String> call = ShellWords.of(example);
            assertEquals("lora4j", call.get(0));
            CommandLine command = root();
            assertNotNull(command.parseArgs(call.subList(1, call.size()).toArray(String[]::new)));
        }
    }
}
