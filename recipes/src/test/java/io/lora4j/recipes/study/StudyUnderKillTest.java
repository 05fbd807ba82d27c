package io.lora4j.recipes.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.recipes.run.RunListener;
import io.lora4j.recipes.run.TrialResult;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A sweep with searches is killed (SIGKILL where there is one) three times at random moments and resumed: it comes to the tables of an undisturbed
 * one, and no trial that had ended is begun again.
 */
@Tag("slow")
class StudyUnderKillTest {
    private static final int KILLS = 3;

    @TempDir
    private Path folder = Path.of("");

    private static List<String> journal(Path folder) throws IOException {
        Path file = folder.resolve("journal");
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    @Test
    void killedThreeTimesItComesToTheSame() throws Exception {
        Path calm = Files.createDirectories(folder.resolve("calm"));
        TinyStudy.write(calm);
        StudyResult expected = StudyRunner.run(
                TinyStudy.read(calm),
                TinyStudy.options(calm, "out", () -> false),
                StudyListener.NONE,
                RunListener.NONE);
        long trials = expected.study().trials();

        Path rough = Files.createDirectories(folder.resolve("rough"));
        TinyStudy.write(rough);
        Path out = rough.resolve("out");
        Random random = new Random(System.nanoTime());
        for (int kill = 1; kill <= KILLS; kill++) {
            // Somewhere in the next part of the study: behind so many trials' beginnings, and up to the length of one
            // later.
            int begun = journal(rough).size() + 1 + random.nextInt((int) (2 * trials / (KILLS + 1)));
            kill(rough, out, begun, random.nextInt(150));
        }
        StudyChild.Journal journal = new StudyChild.Journal(rough.resolve("journal"));
        StudyResult actual =
                StudyRunner.resume(out, List.of(), TinyStudy.options(rough, "unused", () -> false), journal, journal);

        assertEquals(expected.parts().size(), actual.parts().size());
        for (int i = 0; i < expected.parts().size(); i++) {
            StudyResult.Part calmly = expected.parts().get(i);
            StudyResult.Part roughly = actual.parts().get(i);
            assertEquals(calmly.choice(), roughly.choice());
            assertEquals(scores(calmly), scores(roughly));
            assertEquals(
                    calmly.table().rows().stream()
                            .map(row -> List.of(row.method(), row.cells()))
                            .toList(),
                    roughly.table().rows().stream()
                            .map(row -> List.of(row.method(), row.cells()))
                            .toList());
        }
        assertNoTrialTwice(journal(rough));
    }

    private static Map<String, Object> scores(StudyResult.Part part) {
        Map<String, Object> scores = new HashMap<>();
        for (TrialResult trial : part.result().trials()) {
            scores.put(trial.key().folderName(), List.of(trial.dev(), trial.steps()));
        }
        return scores;
    }

    private static void assertNoTrialTwice(List<String> journal) {
        Set<String> ended = new HashSet<>();
        Map<String, Integer> begun = new HashMap<>();
        for (String line : journal) {
            String trial = line.substring(line.indexOf(' ') + 1);
            if (line.startsWith("end ")) {
                assertTrue(ended.add(trial), () -> trial + " ended twice:\n" + String.join("\n", journal));
            } else {
                assertTrue(!ended.contains(trial), () -> trial + " had ended:\n" + String.join("\n", journal));
                begun.merge(trial, 1, Integer::sum);
            }
        }
        int again = begun.values().stream().mapToInt(count -> count - 1).sum();
        assertTrue(again <= KILLS, () -> "only the trial that a kill hits begins again: " + begun);
        assertTrue(ended.size() >= 3, () -> "the kills came too early: " + journal);
    }

    /** Runs the study, or goes on with it, and kills the process some time after its so-manieth line; a process that ends before may. */
    private static void kill(Path folder, Path out, int lines, int milliseconds) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // The same kernels as here: the numbers are compared.
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> !argument.startsWith("-javaagent") && !argument.startsWith("-agent"))
                .forEach(command::add);
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                StudyChild.class.getName(),
                folder.toString(),
                out.toString()));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("OMP_NUM_THREADS", "1");
        File log = folder.resolve("log").toFile();
        Process process = builder.redirectErrorStream(true).redirectOutput(log).start();
        try {
            long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
            while (process.isAlive() && journal(folder).size() < lines) {
                assertTrue(System.nanoTime() < deadline, () -> read(log));
                Thread.sleep(2);
            }
            Thread.sleep(milliseconds);
            assertTrue(process.isAlive() || process.exitValue() == 0, () -> read(log));
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private static String read(File log) {
        try {
            return Files.readString(log.toPath());
        } catch (IOException e) {
            return e.toString();
        }
    }
}
