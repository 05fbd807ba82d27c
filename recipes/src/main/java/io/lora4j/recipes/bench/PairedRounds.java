package io.lora4j.recipes.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lora4j.error.UserException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Two programs timed in turn, A B A B: on a machine whose speed changes, only neighbouring runs can be compared. This program runs in this
 * process and stays warm; the other one is started anew every round, by {@code sh -c}, and must print JSON lines with the same keys. It gets the
 * user's environment, without the variables that the launcher has set for this program's own threads and memory.
 */
public final class PairedRounds {
    private static final JsonMapper MAPPER = new JsonMapper();

    /** System property: the variables that the launcher has set, with commas between them. */
    private static final String OWN_ENVIRONMENT = "lora4j.environment";

    private final String command;
    private final Measure measure;

    /**
     * @param command the other program's command line
     * @param measure what is compared
     */
    public PairedRounds(String command, Measure measure) {
        this.command = command;
        this.measure = measure;
    }

    /**
     * One round.
     *
     * @param ours this program's figures
     * @param other the other program's
     * @param measure what is compared
     */
    public record Round(BenchResult ours, BenchResult other, Measure measure) {
        /**
         * How many times as fast this program was in this round.
         *
         * @return the other's median time over ours
         */
        public double ratio() {
            return other.number(measure.median) / ours.number(measure.median);
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
            done.add(new Round(here, there, measure));
        }
        return done;
    }

    private void requireSame(BenchResult ours, BenchResult other) {
        for (String key : measure.same) {
            Object here = ours.values().get(key);
            Object there = other.values().get(key);
            if (other.values().containsKey(key) && !equal(here, there)) {
                throw new UserException("the command of --vs has " + key + " " + there + ", this program " + here
                        + ": give both the same options");
            }
        }
    }

    private static boolean equal(@Nullable Object a, @Nullable Object b) {
        if (a instanceof String x && b instanceof String y) {
            return plain(x).equals(plain(y));
        }
        if (a instanceof Number x && b instanceof Number y) {
            return x.doubleValue() == y.doubleValue();
        }
        return Objects.equals(a, b);
    }

    /** Tasks have a published spelling (SST-2) and that of recipes (sst2). */
    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replace("-", "");
    }

    private BenchResult other() {
        Process process = null;
        try {
            ProcessBuilder builder =
                    new ProcessBuilder("sh", "-c", command).redirectError(ProcessBuilder.Redirect.INHERIT);
            for (String name : System.getProperty(OWN_ENVIRONMENT, "").split(",", -1)) {
                builder.environment().remove(name);
            }
            process = builder.start();
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

    /** All lines that are JSON objects laid over each other: a program may print a line per epoch and a closing one. */
    private BenchResult parse(String output) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        output.lines()
                .map(String::trim)
                .filter(line -> line.startsWith("{"))
                .forEach(line -> values.putAll(read(line)));
        if (values.get(measure.median) instanceof Number && values.get(measure.best) instanceof Number) {
            return new BenchResult(values);
        }
        String keys = measure.median.equals(measure.best)
                ? "the number " + measure.median
                : "the numbers " + measure.median + " and " + measure.best;
        throw new UserException("the command of --vs printed no JSON line with " + keys + ": " + command);
    }

    private static Map<String, @Nullable Object> read(String line) {
        try {
            return MAPPER.readValue(line, new TypeReference<Map<String, @Nullable Object>>() {});
        } catch (JsonProcessingException e) {
            return Map.of(); // a line of something else that begins like an object
        }
    }
}
