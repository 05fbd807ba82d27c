package io.lora4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The launcher script, in a folder that looks like a checkout, with programs named {@code java} and {@code mvn} that only write down
 * how they were called: what the launcher decides is under test, not what Maven builds.
 */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {
    private static final String MVN = """
            #!/bin/sh
            echo "$PWD $*" >>"$CALLS/mvn"
            sleep 0.2
            [ -z "$MVN_FAILS" ] || { echo "[ERROR] cannot find symbol"; exit 1; }
            case $* in *@mkl*) mkdir "${*##*mkl.folder=}"; exit;; esac
            mkdir -p toolkit-cli/target && echo jar >toolkit-cli/target/toolkit-cli.jar
            """;

    private static final String JAVA = """
            #!/bin/sh
            if [ "$1" = -version ]; then echo "openjdk version \\"${JAVA_IS:-17.0.15}\\" 2025-04-15" >&2; exit 0; fi
            if [ "$1" = --list-modules ]; then echo "$JAVA_MODULES"; exit 0; fi
            echo "$PWD" >>"$CALLS/java"
            for word in "$@"; do echo "$word" >>"$CALLS/java"; done
            exit "${JAVA_EXITS:-0}"
            """;

    @TempDir
    Path folder;

    private Path checkout;
    private Path calls;
    private Path bin;

    private record Outcome(int code, String err) {}

    @BeforeEach
    void makeACheckout() throws IOException {
        folder = folder.toRealPath();
        checkout = Files.createDirectories(folder.resolve("a checkout"));
        calls = Files.createDirectories(folder.resolve("calls"));
        bin = Files.createDirectories(folder.resolve("bin"));
        Files.copy(Path.of("..", "lora4j"), checkout.resolve("lora4j"));
        executable(checkout.resolve("lora4j"));
        source("pom.xml");
        source("toolkit-core/pom.xml");
        source("toolkit-core/src/main/java/A.java");
        executable(Files.writeString(bin.resolve("mvn"), MVN));
        executable(Files.writeString(bin.resolve("java"), JAVA));
    }

    private static void executable(Path file) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** A source file that is older than any build of this test. */
    private Path source(String name) throws IOException {
        Path file = checkout.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "");
        FileTime longAgo = FileTime.from(Instant.now().minusSeconds(3600));
        for (Path path = file; !path.equals(checkout); path = path.getParent()) {
            Files.setLastModifiedTime(path, longAgo);
        }
        return file;
    }

    private Process start(Path script, Path workingDirectory, List<String> words, String... environment)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(script.toString()));
        command.addAll(words);
        ProcessBuilder builder = new ProcessBuilder(command).directory(workingDirectory.toFile());
        builder.environment()
                .keySet()
                .removeIf(name -> name.startsWith("LORA4J_")
                        || name.startsWith("OPENBLAS_")
                        || name.startsWith("OMP_")
                        || name.startsWith("MALLOC_")
                        || name.equals("JAVA_HOME"));
        builder.environment().put("PATH", bin + ":/usr/bin:/bin");
        builder.environment().put("CALLS", calls.toString());
        for (int i = 0; i < environment.length; i += 2) {
            builder.environment().put(environment[i], environment[i + 1]);
        }
        return builder.start();
    }

    private static Outcome finish(Process process) throws IOException, InterruptedException {
        process.getOutputStream().close();
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the launcher hangs");
        return new Outcome(process.exitValue(), err);
    }

    private Outcome launch(List<String> words, String... environment) throws IOException, InterruptedException {
        return finish(start(checkout.resolve("lora4j"), folder, words, environment));
    }

    private List<String> called(String program) throws IOException {
        Path file = calls.resolve(program);
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    @Test
    void buildsOnFirstUseThenStartsInTheCallersFolder() throws Exception {
        Outcome outcome = launch(List.of("run", "my recipe.yaml", "seeds=[1, 2]"));
        assertEquals(0, outcome.code(), outcome::err);
        assertTrue(outcome.err().matches("lora4j: building[^\n]*lora4j-build\\.log\\)\n"), outcome::err);
        assertEquals(List.of(checkout + " -B -q -Dquick -DskipTests package"), called("mvn"));
        List<String> java = called("java");
        assertEquals(folder.toString(), java.get(0));
        assertEquals(
                List.of(
                        "-Dlora4j.recipes=" + checkout.resolve("recipes"),
                        "-jar",
                        checkout.resolve("toolkit-cli/target/lora4j.jar").toString(),
                        "run",
                        "my recipe.yaml",
                        "seeds=[1, 2]"),
                java.subList(java.size() - 6, java.size()));
        assertFalse(java.contains("-Dlora4j.terminal.err=true"), "a pipe is no terminal");
    }

    @Test
    void buildsAgainOnlyWhenASourceIsNewer() throws Exception {
        launch(List.of());
        assertEquals("", launch(List.of()).err());
        assertEquals(1, called("mvn").size());
        Files.setLastModifiedTime(
                checkout.resolve("toolkit-core/src/main/java/A.java"),
                FileTime.from(Instant.now().plusSeconds(1)));
        launch(List.of());
        assertEquals(2, called("mvn").size());
    }

    @Test
    void aDeletedSourceAndOtherBuildOptionsBuildAgain() throws Exception {
        launch(List.of());
        Files.delete(checkout.resolve("toolkit-core/src/main/java/A.java"));
        launch(List.of());
        assertEquals(2, called("mvn").size());
        launch(List.of(), "LORA4J_BUILD_OPTS", "-Pcuda -o");
        launch(List.of(), "LORA4J_BUILD_OPTS", "-Pcuda -o");
        assertEquals(3, called("mvn").size());
        assertTrue(called("mvn").get(2).contains("-Pcuda -o package"));
    }

    @Test
    void worksThroughSymbolicLinks() throws Exception {
        Path first = Files.createSymbolicLink(checkout.resolve("link"), Path.of("lora4j"));
        Path second = Files.createSymbolicLink(bin.resolve("lora4j"), first);
        Outcome outcome = finish(start(second, calls, List.of("ls")));
        assertEquals(0, outcome.code(), outcome::err);
        assertEquals(calls.toString(), called("java").get(0));
        assertTrue(called("java").contains("-Dlora4j.recipes=" + checkout.resolve("recipes")));
    }

    @Test
    void theProgramsExitCodeIsTheLaunchers() throws Exception {
        assertEquals(3, launch(List.of("run", "x"), "JAVA_EXITS", "3").code());
    }

    @Test
    void newerJavaGetsTheFlagsItAsksForAndTheUsersComeLast() throws Exception {
        launch(List.of(), "JAVA_IS", "25", "LORA4J_JAVA_OPTS", "-Xmx6g -Dx=y");
        List<String> java = called("java");
        assertTrue(java.contains("--sun-misc-unsafe-memory-access=allow"), java::toString);
        assertTrue(java.indexOf("-Xmx6g") > java.indexOf("-Xmx2g"), java::toString);
        assertTrue(java.indexOf("-Dx=y") < java.indexOf("-jar"), java::toString);
    }

    @Test
    void tellsWhichVariablesItHasSet() throws Exception {
        launch(List.of("bench"), "MALLOC_ARENA_MAX", "7");
        assertTrue(called("java")
                .contains("-Dlora4j.environment=OMP_WAIT_POLICY,OPENBLAS_THREAD_TIMEOUT,MALLOC_MMAP_THRESHOLD_"));
    }

    @Test
    void whatComputesGetsTheVectorModuleWhereThereIsOne() throws Exception {
        for (String word : List.of("run", "predict", "ls")) {
            launch(List.of(word), "JAVA_MODULES", "java.base@17 jdk.incubator.vector@17");
            assertEquals(!word.equals("ls"), called("java").contains("jdk.incubator.vector"), word);
            Files.delete(calls.resolve("java"));
        }
        launch(List.of("run"), "JAVA_MODULES", "java.base@17");
        assertFalse(called("java").contains("--add-modules"));
    }

    private void machine(String answer) throws IOException {
        executable(Files.writeString(bin.resolve("uname"), "#!/bin/sh\necho " + answer + "\n"));
    }

    @Test
    void mklIsFetchedOnceWhereItIsAskedFor() throws Exception {
        machine("Linux x86_64");
        launch(List.of("ls"), "LORA4J_BLAS", "mkl");
        launch(List.of("run", "x", "--blas", "openblas"), "LORA4J_BLAS", "mkl");
        launch(List.of("run", "--blas", "mkl", "--help"), "LORA4J_BUILD_OPTS", "");
        assertEquals(2, called("mvn").size(), called("mvn")::toString); // the build, and the last line's MKL
        Path folder = checkout.resolve("toolkit-cli/target/mkl");
        assertEquals(
                checkout + " -B -q -N -Pmkl dependency:copy-dependencies@mkl -Dmkl.folder=" + folder + ".new",
                called("mvn").get(1));
        Files.delete(calls.resolve("java"));
        Outcome outcome = launch(List.of("bench", "--rank", "8", "--blas=mkl", "--vs", "x --blas openblas"));
        assertEquals("", outcome.err());
        assertEquals(2, called("mvn").size());
        List<String> java = called("java");
        assertTrue(java.contains("-Dorg.bytedeco.openblas.load=mkl_rt"), java::toString);
        assertTrue(java.stream().anyMatch(word -> word.matches("-Dorg.bytedeco.javacpp.cachedir=.*/cache-mkl")));
        int start = java.indexOf("-cp");
        assertEquals(
                List.of(checkout.resolve("toolkit-cli/target/lora4j.jar") + ":" + folder + "/*", "io.lora4j.cli.Main"),
                java.subList(start + 1, start + 3));
    }

    @Test
    void withoutTheWishThereIsNoMkl() throws Exception {
        launch(List.of("run", "x", "--output", "--blas=mkl.txt", "--", "--blas", "mkl"));
        assertEquals(1, called("mvn").size());
        assertFalse(called("java").contains("-Dorg.bytedeco.openblas.load=mkl_rt"));
    }

    @Test
    void mklIsRefusedOnOtherMachines() throws Exception {
        machine("Darwin arm64");
        Outcome outcome = launch(List.of("run", "x"), "LORA4J_BLAS", "mkl");
        assertEquals(2, outcome.code());
        assertEquals(
                "lora4j: Intel MKL is offered on Linux x86_64, this is Darwin arm64: leave out --blas mkl\n",
                outcome.err());
        assertEquals(List.of(), called("mvn"));
    }

    @Test
    void aFailedFetchIsTriedAgain() throws Exception {
        machine("Linux x86_64");
        launch(List.of("ls"));
        Outcome outcome = launch(List.of("run", "x", "--blas", "mkl"), "MVN_FAILS", "yes");
        assertEquals(1, outcome.code());
        assertTrue(outcome.err().contains("Intel MKL was not fetched"), outcome::err);
        assertEquals(0, launch(List.of("run", "x", "--blas", "mkl")).code());
        assertEquals(3, called("mvn").size());
    }

    @Test
    void whatOnlyAnswersStartsFast() throws Exception {
        String fast = "-XX:TieredStopAtLevel=1";
        for (String word : List.of("--help", "validate", "bench")) {
            launch(List.of(word));
            assertEquals(!word.equals("bench"), called("java").contains(fast), word);
            Files.delete(calls.resolve("java"));
        }
    }

    @Test
    void theUsersCollectorReplacesTheLaunchers() throws Exception {
        launch(List.of());
        assertTrue(called("java").contains("-XX:+UseSerialGC"));
        Files.delete(calls.resolve("java"));
        launch(List.of(), "LORA4J_JAVA_OPTS", "-XX:+UseParallelGC");
        assertFalse(called("java").contains("-XX:+UseSerialGC"), "the JVM refuses two collectors");
    }

    @Test
    void anOldJavaIsRefusedInOneLine() throws Exception {
        for (String version : List.of("11.0.2", "1.8.0_392")) {
            Outcome outcome = launch(List.of("ls"), "JAVA_IS", version);
            assertEquals(1, outcome.code());
            assertTrue(outcome.err().matches("lora4j: Java 17 or newer is needed, [^\n]*\n"), outcome::err);
        }
        assertEquals(List.of(), called("mvn"));
    }

    @Test
    void missingProgramsAreNamed() throws Exception {
        Outcome noHome =
                launch(List.of("ls"), "JAVA_HOME", folder.resolve("nowhere").toString());
        assertEquals(1, noHome.code());
        assertTrue(noHome.err().startsWith("lora4j: JAVA_HOME is "), noHome::err);
        Files.delete(bin.resolve("mvn"));
        Outcome noMaven = launch(List.of("ls"), "PATH", onlyTools());
        assertEquals(1, noMaven.code());
        assertTrue(noMaven.err().contains("install Maven"), noMaven::err);
    }

    /** A folder with java and the tools the script itself needs, for machines on which a real mvn is in /usr/bin. */
    private String onlyTools() throws IOException {
        Path tools = Files.createDirectories(folder.resolve("tools"));
        for (String tool :
                List.of("bash", "dirname", "find", "head", "cat", "flock", "readlink", "mkdir", "rm", "env")) {
            for (Path place : List.of(Path.of("/usr/bin"), Path.of("/bin"))) {
                if (Files.exists(place.resolve(tool)) && !Files.exists(tools.resolve(tool))) {
                    executable(Files.writeString(
                            tools.resolve(tool), "#!/bin/sh\nexec " + place.resolve(tool) + " \"$@\"\n"));
                }
            }
        }
        Files.copy(bin.resolve("java"), tools.resolve("java"));
        return tools.toString();
    }

    @Test
    void aFailedBuildShowsTheLogsEndAndIsTriedAgain() throws Exception {
        Outcome outcome = launch(List.of("ls"), "MVN_FAILS", "yes");
        assertEquals(1, outcome.code());
        assertTrue(outcome.err().contains("[ERROR] cannot find symbol"), outcome::err);
        assertTrue(outcome.err().endsWith("lora4j-build.log\n"), outcome::err);
        assertEquals(List.of(), called("java"));
        assertEquals(0, launch(List.of("ls")).code());
        assertEquals(2, called("mvn").size());
    }

    @Test
    void twoFirstUsesAtOnceBuildOnce() throws Exception {
        Process one = start(checkout.resolve("lora4j"), folder, List.of("ls"));
        Process two = start(checkout.resolve("lora4j"), folder, List.of("ls"));
        assertEquals(0, finish(one).code());
        assertEquals(0, finish(two).code());
        assertEquals(1, called("mvn").size());
        assertEquals(2, called("java").stream().filter("-jar"::equals).count());
    }
}
