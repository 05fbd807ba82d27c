package io.lora4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tutorial from its first command to its last, in an empty folder, as its reader goes through it; training is made short. */
@Tag("slow")
class TutorialTest {
    private static final Path TUTORIAL = Path.of("..", "docs", "TUTORIAL.md");
    private static final int MOST_SECONDS = 300;

    @TempDir
    Path folder;

    private record Done(int code, String printed) {}

    private Done lora4j(List<String> words) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-Dlora4j.recipes=" + Cli.RECIPES,
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(words);
        Path printed = Files.createTempFile(folder, "printed", ".txt");
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(printed.toFile())
                .start();
        try {
            assertTrue(process.waitFor(MOST_SECONDS, TimeUnit.SECONDS), words::toString);
        } finally {
            process.destroyForcibly();
        }
        return new Done(process.exitValue(), Files.readString(printed, StandardCharsets.UTF_8));
    }

    /** Two steps in the place of epochs, and a few examples where there are many. */
    private static List<String> shortened(List<String> words) {
        List<String> shorter = new ArrayList<>(words);
        if (words.get(0).equals("run") && !words.contains("--resume")) {
            shorter.removeIf(word -> word.startsWith("train.epochs="));
            shorter.addAll(List.of("train.steps=2", "train.seeds=[1]"));
            if (!words.get(1).startsWith("reviews/")) {
                shorter.addAll(
                        List.of("data.max_train_samples=64", "data.max_eval_samples=32", "gradient.examples=16"));
            }
        }
        return shorter;
    }

    @Test
    void everyCommandWorksInOrder() throws Exception {
        int commands = 0;
        Done last = new Done(0, "");
        for (DocumentBlock block : DocumentBlock.of(TUTORIAL)) {
            if (block.isFile()) {
                Path file = folder.resolve(block.fileName());
                Files.createDirectories(file.getParent());
                Files.writeString(file, block.text());
            } else if (block.kind().equals("output")) {
                assertEquals(block.text(), last.printed(), block::toString);
                last = new Done(0, last.printed());
            } else if (block.language().equals("sh")) {
                for (String line : block.commands()) {
                    assertEquals(0, last.code(), "before " + block + ": " + last.printed());
                    List<String> words = ShellWords.of(line);
                    last = lora4j(shortened(words.subList(1, words.size())));
                    commands++;
                }
            }
        }
        assertEquals(0, last.code(), last.printed());
        Done scores = lora4j(List.of("eval", "runs/first/trials/lora-lr1e-3-seed1/adapter", "sentiment", "--json"));
        assertEquals(0, scores.code(), scores.printed());
        String line = scores.printed()
                .lines()
                .filter(each -> each.startsWith("{"))
                .findFirst()
                .orElseThrow();
        JsonNode dev = new JsonMapper().readTree(line).get("dev");
        assertEquals(400, dev.get("examples").asInt(), line);
        assertTrue(dev.get("accuracy").asDouble() > 0 && dev.get("loss").asDouble() > 0, line);
        assertTrue(commands >= 15, "commands: " + commands);
        for (String file : List.of(
                "runs/first/table.md",
                "runs/first/trials/lora-lr1e-3-seed1/adapter/adapter_config.json",
                "runs/reviews/result.json",
                "for-peft/adapter_config.json",
                "report.html",
                "merged/model.safetensors",
                "model.onnx",
                "model.zip")) {
            assertTrue(Files.isRegularFile(folder.resolve(file)), file);
        }
    }
}
