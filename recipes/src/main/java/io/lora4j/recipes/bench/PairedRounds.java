package io.lora4j.recipes.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lora4j.error.UserException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Two programs timed in turn, A B A B: on a machine whose speed changes, only neighbouring runs can be compared. This program runs in this
 * process and stays warm; the other one is started anew every round, by {@code sh -c}, and must print a JSON line with the same keys.
 */
public final class PairedRounds {
    private static final JsonMapper MAPPER = new JsonMapper();

    /** What must be equal for a comparison, if both lines have it. */
    private static final List<String> SAME = List.of("model", "mode", "targets", "rank", "batch", "seq", "dropout");

    private final String command;

    /**
     * @param command the other program's command line
     */
    public PairedRounds(String command) {
        this.command = command;
    }

    /**
     * One round.
     *
     * @param ours this program's figures
     * @param other the other program's
     */
    public record Round(BenchResult ours, BenchResult other) {
        /**
         * How many times as fast this program was in this round.
         *
         * @return the other's median time over ours
         */
        public double ratio() {
            return other.number(BenchResult.MEDIAN) / ours.number(BenchResult.MEDIAN);
        }
    }

    /**
     * Runs the rounds.
     *
     * @param ours times this program once
     * @param rounds how many, at least 1
     * @param heard gets every line as soon as it is there
     * @return the rounds in order
     * @throws UserException if the other program fails, prints no such line, or times something else
     */
    public List<Round> run(Supplier<BenchResult> ours, int rounds, Consumer<BenchResult> heard) {
        if (rounds < 1) {
            throw new UserException("--rounds is " + rounds + ", it must be at least 1");
        }
        List<Round> done = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            BenchResult here = ours.get();
            heard.accept(here);
            BenchResult there = other();
            heard.accept(there);
            requireSame(here, there);
            done.add(new Round(here, there));
        }
        return done;
    }

    private static void requireSame(BenchResult ours, BenchResult other) {
        for (String key : SAME) {
            Object here = ours.values().get(key);
            Object there = other.values().get(key);
            if (other.values().containsKey(key) && !equal(here, there)) {
                throw new UserException("the command of --vs has " + key + " " + there + ", this program " + here
                        + ": give both the same options");
            }
        }
    }

    private static boolean equal(@Nullable Object a, @Nullable Object b) {
        if (a instanceof Number x && b instanceof Number y) {
            return x.doubleValue() == y.doubleValue();
        }
        return Objects.equals(a, b);
    }

    private BenchResult other() {
        Process process = null;
        try {
            process = new ProcessBuilder("sh", "-c", command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int code = process.waitFor();
            if (code != 0) {
                throw new UserException("the command of --vs ended with code " + code + ": " + command);
            }
            return parse(output);
        } catch (IOException e) {
            throw new UserException("the command of --vs cannot be run: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the command of --vs ran", e);
        } finally {
            if (process != null) {
                process.destroy();
            }
        }
    }

    /** The last line that is a JSON object with a median. */
    private BenchResult parse(String output) {
        List<String> lines = output.lines().toList();
        for (int i = lines.size() - 1; i >= 0; i--) {
            String line = lines.get(i).trim();
            if (line.startsWith("{")) {
                BenchResult found = read(line);
                if (found != null) {
                    return found;
                }
            }
        }
        throw new UserException("the command of --vs printed no JSON line with the numbers " + BenchResult.MEDIAN
                + " and " + BenchResult.BEST + ": " + command);
    }

    private static @Nullable BenchResult read(String line) {
        try {
            Map<String, @Nullable Object> values =
                    MAPPER.readValue(line, new TypeReference<Map<String, @Nullable Object>>() {});
            boolean timed =
                    values.get(BenchResult.MEDIAN) instanceof Number && values.get(BenchResult.BEST) instanceof Number;
            return timed ? new BenchResult(values) : null;
        } catch (JsonProcessingException e) {
            return null; // a line of something else that begins like an object
        }
    }
}
