package io.lora4j.models.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.models.checkpoint.AtomicFile;
import io.lora4j.models.classify.LoadedAdapter;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A process that exports without end is killed (SIGKILL where there is one) at random moments: under every final name is a whole model, byte
 * for byte, and the only half-made one has a hidden name that ends in {@code .part}.
 */
@Tag("slow")
class ExportUnderKillTest {
    private static final int KILLS = 10;

    @TempDir
    Path folder = Path.of("");

    @ParameterizedTest
    @EnumSource(
            value = ExportFormat.class,
            names = {"hf", "onnx"})
    void neverAHalfModelUnderTheFinalName(ExportFormat format) throws Exception {
        EndlessExport.makeModel(folder.resolve("model"));
        LoadedAdapter adapter = EndlessExport.adapter(folder.resolve("model"));
        Path reference = folder.resolve("reference");
        format.write(adapter, reference);
        Random random = new Random(format.name().hashCode());
        int inTheMiddle = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            Path run = Files.createDirectories(folder.resolve("run" + kill));
            killed(run, format, random.nextInt(100));
            List<Path> left = list(run.resolve("out"));
            List<Path> parts = left.stream()
                    .filter(f -> f.getFileName().toString().endsWith(AtomicFile.PART))
                    .toList();
            assertTrue(parts.size() <= 1, parts::toString);
            inTheMiddle += parts.size();
            left.removeAll(parts);
            for (Path whole : left) {
                assertEquals(content(reference).keySet(), content(whole).keySet(), whole.toString());
                content(reference).forEach((name, file) -> assertSame(file, whole, name));
            }
            FileUtils.deleteDirectory(run.toFile());
        }
        int hits = inTheMiddle;
        assertTrue(hits >= 3, () -> "only " + hits + " of " + KILLS + " kills came while something was being written");
    }

    /** Starts the program, waits until it writes and a little longer, and kills it. */
    private void killed(Path run, ExportFormat format, int milliseconds) throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        ProcessBuilder builder = new ProcessBuilder(
                java,
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                EndlessExport.class.getName(),
                run.toString(),
                format.name(),
                folder.resolve("model").toString());
        builder.environment().put("OMP_NUM_THREADS", "1");
        File log = run.resolve("log").toFile();
        Process process = builder.redirectErrorStream(true).redirectOutput(log).start();
        try {
            long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
            while (!isWriting(run.resolve("out"))) {
                assertTrue(process.isAlive() && System.nanoTime() < deadline, () -> read(log));
                Thread.sleep(1);
            }
            Thread.sleep(milliseconds);
            assertTrue(process.isAlive(), () -> read(log));
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private static boolean isWriting(Path out) throws IOException {
        return Files.isDirectory(out)
                && list(out).stream().anyMatch(f -> f.getFileName().toString().endsWith(AtomicFile.PART));
    }

    private static String read(File log) {
        try {
            return Files.readString(log.toPath());
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return new ArrayList<>(files.toList());
        }
    }

    /** A folder's files by name, or the one file. */
    private static Map<String, Path> content(Path target) {
        if (Files.isRegularFile(target)) {
            return Map.of("", target);
        }
        Map<String, Path> files = new TreeMap<>();
        try {
            list(target).forEach(file -> files.put(file.getFileName().toString(), file));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return files;
    }

    private static void assertSame(Path expected, Path target, String name) {
        try {
            Path actual = name.isEmpty() ? target : target.resolve(name);
            assertEquals(-1, Files.mismatch(expected, actual), actual.toString());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
