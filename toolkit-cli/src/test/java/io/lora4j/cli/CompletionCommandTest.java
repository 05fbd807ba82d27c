package io.lora4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.cli.Cli.Outcome;
import io.lora4j.recipes.reference.RecipeKeys;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The script in a real bash, called as bash calls it when somebody presses the tab key. */
@DisabledOnOs(OS.WINDOWS)
class CompletionCommandTest {
    private static final String CALL = """
            . "$1" || exit 3
            shift
            COMP_WORDS=("$@")
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            COMP_LINE="$*"
            COMP_POINT=${#COMP_LINE}
            COMPREPLY=()
            _lora4j 2>/dev/null
            printf '%s\\n' "${COMPREPLY[@]}"
            """;

    @TempDir
    Path folder;

    private Path script;

    @BeforeEach
    void writeTheScript() throws Exception {
        Outcome outcome = Cli.lora4j("completion", "bash");
        assertEquals(0, outcome.code(), outcome::err);
        script = Files.writeString(folder.resolve("lora4j-completion"), outcome.out());
    }

    private String bash(String... words) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
        builder.directory(Files.createDirectories(folder.resolve("empty")).toFile());
        Process process = builder.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(20, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), out);
        return out;
    }

    /** What bash would offer for the last word. */
    private List<String> offered(String... words) throws Exception {
        String[] call = new String[words.length + 5];
        call[0] = "bash";
        call[1] = "-c";
        call[2] = CALL;
        call[3] = "bash";
        call[4] = script.toString();
        System.arraycopy(words, 0, call, 5, words.length);
        return bash(call)
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .toList();
    }

    @Test
    void theScriptIsBash() throws Exception {
        assertEquals("", bash("bash", "-n", script.toString()));
    }

    @Test
    void verbsAndTheirVerbs() throws Exception {
        assertEquals(List.of("validate"), offered("lora4j", "va"));
        assertTrue(offered("lora4j", "").containsAll(List.of("run", "ls", "cp", "predict", "completion")));
        assertEquals(List.of("pull"), offered("lora4j", "models", "pu"));
        assertEquals(List.of("zsh"), offered("lora4j", "completion", "z"));
        assertEquals(List.of("methods", "models").stream().sorted().toList(), sorted(offered("lora4j", "ls", "m")));
    }

    private static List<String> sorted(List<String> words) {
        return words.stream().sorted().toList();
    }

    @Test
    void options() throws Exception {
        assertEquals(List.of("--output"), offered("lora4j", "run", "--ou"));
        assertEquals(List.of("--json"), offered("lora4j", "validate", "quickstart", "--js"));
    }

    @Test
    void recipesByName() throws Exception {
        assertEquals(List.of("quickstart"), offered("lora4j", "run", "quick"));
        assertEquals(List.of("glue/cola"), offered("lora4j", "cp", "glue/co"));
        assertEquals(List.of("glue/cola"), offered("lora4j", "run", "--output", "out", "glue/co"));
    }

    @Test
    void keysOfRecipesAndTheirValues() throws Exception {
        assertEquals(List.of("train.epochs="), offered("lora4j", "run", "quickstart", "train.ep"));
        assertEquals(List.of("methods.lora-one.gamma="), offered("lora4j", "run", "quickstart", "methods.lora-one.ga"));
        assertEquals(List.of("cosine"), offered("lora4j", "validate", "quickstart", "train.schedule", "=", "cos"));
        assertEquals(List.of("epoch", "end"), offered("lora4j", "run", "quickstart", "eval.each", "="));
        assertEquals(List.of("sentiment"), offered("lora4j", "run", "quickstart", "task", "=", "sent"));
        assertEquals(List.of("train.schedule=cosine"), offered("lora4j", "run", "quickstart", "train.schedule=cos"));
        for (String key : RecipeKeys.overrides().keySet()) {
            assertTrue(key.matches("[a-z_]+(\\.[a-z_-]+)*(\\.[a-z_]+)*"), key);
        }
    }

    @Test
    void tasksAndModels() throws Exception {
        assertEquals(List.of("sentiment"), offered("lora4j", "eval", "ADAPTER", "senti"));
        assertEquals(List.of("STS-B"), offered("lora4j", "data", "show", "ST"));
        assertEquals(List.of("bert-base-uncased"), offered("lora4j", "models", "show", "bert"));
        assertEquals(List.of("bge-small-en-v1.5"), offered("lora4j", "predict", "ADAPTER", "--model", "bge"));
    }

    /** The same script: it finds out where it runs. */
    @Test
    void zshLoadsItsBashCompletion() {
        Outcome outcome = Cli.lora4j("completion", "zsh");
        assertTrue(outcome.out().contains("bashcompinit"), outcome::out);
        assertEquals(2, Cli.lora4j("completion", "fish").code());
        assertEquals(2, Cli.lora4j("completion").code());
    }
}
