package io.lora4j.cli;

import io.lora4j.error.UserException;
import io.lora4j.recipes.run.Helpers;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code --jobs N}: N processes of this program with the same flags, each with its share of the processors, that take trials of a comparison until
 * none is left. They are silent; what goes wrong in them the comparison's own process meets again when it does what they have left.
 *
 * @param jobs how many, at least 2
 * @param options more words for their command line, e.g. where the data is
 * @param stop asked while they are at work; once true they are told to stop, and write their checkpoints
 */
record Workers(int jobs, List<String> options, BooleanSupplier stop) implements Helpers {
    private static final Logger LOG = LoggerFactory.getLogger(Workers.class);
    private static final long POLL_MILLIS = 200;

    Workers {
        options = List.copyOf(options);
    }

    @Override
    public void work(Path runDirectory) {
        List<Process> processes = new ArrayList<>();
        try {
            for (int i = 0; i < jobs; i++) {
                processes.add(start(runDirectory));
            }
            boolean told = false;
            while (processes.stream().anyMatch(Process::isAlive)) {
                if (!told && stop.getAsBoolean()) {
                    processes.forEach(Process::destroy);
                    told = true;
                }
                TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            }
        } catch (InterruptedException e) {
            processes.forEach(Process::destroy);
            Thread.currentThread().interrupt();
        }
        for (Process process : processes) {
            if (!process.isAlive() && process.exitValue() != ExitCodes.OK) {
                LOG.warn("a job of {} ended with code {}", runDirectory, process.exitValue());
            }
        }
    }

    private Process start(Path runDirectory) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> !flag.startsWith("-javaagent") && !flag.startsWith("-agent"))
                .forEach(command::add);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(List.of("run", "--job", runDirectory.toString()));
        command.addAll(options);
        ProcessBuilder builder = new ProcessBuilder(command);
        int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / jobs);
        builder.environment().put("OMP_NUM_THREADS", String.valueOf(threads));
        builder.redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(ProcessBuilder.Redirect.DISCARD);
        try {
            return builder.start();
        } catch (IOException e) {
            throw new UserException("cannot start a job: " + e.getMessage(), e);
        }
    }
}
