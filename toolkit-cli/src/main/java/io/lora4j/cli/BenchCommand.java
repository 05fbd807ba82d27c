package io.lora4j.cli;

import io.lora4j.models.ModelStore;
import io.lora4j.recipes.bench.BenchConfig;
import io.lora4j.recipes.bench.BenchMode;
import io.lora4j.recipes.bench.BenchModel;
import io.lora4j.recipes.bench.BenchResult;
import io.lora4j.recipes.bench.BenchTargets;
import io.lora4j.recipes.bench.DataBenchConfig;
import io.lora4j.recipes.bench.EpochBench;
import io.lora4j.recipes.bench.InferenceBench;
import io.lora4j.recipes.bench.Measure;
import io.lora4j.recipes.bench.PairedRounds;
import io.lora4j.recipes.bench.RoundTable;
import io.lora4j.recipes.bench.StepBench;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code lora4j bench}: times one configuration, alone or in turn with another program. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        header = "Times training steps, real epochs or inference of one configuration.",
        description = {
            "Prints one JSON line. The encoder has random weights, so nothing is fetched. Rows are half to completely"
                    + " filled; what would be padding is not computed, but counts in the GFLOP.",
            "With --data real epochs of a task are timed instead, by the path that `lora4j run` takes: a line per epoch, then a closing"
                    + " one. --steps, --seq and --full-rows have no meaning then.",
            "With --vs another program that prints such a line is timed in turn, and both are laid side by side.",
        },
        footer = {
            "",
            "Examples:",
            "  lora4j bench --model minilm-l6 --mode lora --targets qv",
            "  lora4j bench --targets all --rounds 5 --vs 'python bench_torch.py --targets all'",
            "  lora4j bench --data CoLA --data-dir DIR --bucket 1",
            "  lora4j bench --data SST-2 --data-dir DIR --mode infer",
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class BenchCommand implements Callable<Integer> {
    private static final String POOL_THREADS = "java.util.concurrent.ForkJoinPool.common.parallelism";

    @Spec
    private CommandSpec spec;

    @Option(names = "--model", paramLabel = "NAME", description = "minilm-l6 (the default) or bert-base.")
    private BenchModel model = BenchModel.MINILM_L6;

    @Option(
            names = "--mode",
            paramLabel = "MODE",
            description = "lora (the default): forward, backward, AdamW on the adapters; full: on everything;"
                    + " grad: all linear weights' gradients, no optimizer; infer: forward only.")
    private BenchMode mode = BenchMode.LORA;

    @Option(names = "--targets", paramLabel = "WHICH", description = "qv (the default) or all: what has adapters.")
    private BenchTargets targets = BenchTargets.QV;

    @Option(names = "--rank", paramLabel = "R", description = "Rank of the adapters, by default ${DEFAULT-VALUE}.")
    private int rank = 8;

    @Option(names = "--alpha", paramLabel = "X", description = "Their alpha, by default ${DEFAULT-VALUE}.")
    private double alpha = 16;

    @Option(names = "--batch", paramLabel = "N", description = "Examples of a step, by default ${DEFAULT-VALUE}.")
    private int batch = 32;

    @Option(names = "--seq", paramLabel = "N", description = "Tokens of the longest row, by default ${DEFAULT-VALUE}.")
    private int seq = 64;

    @Option(names = "--full-rows", description = "All rows are as long as the longest.")
    private boolean fullRows;

    @Option(names = "--dropout", paramLabel = "P", description = "The encoder's, by default 0; with --data its own.")
    private @Nullable Double dropout;

    @Option(names = "--threads", paramLabel = "N", description = "Threads, by default one per processor.")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(names = "--steps", paramLabel = "N", description = "Timed steps, by default ${DEFAULT-VALUE}.")
    private int steps = 20;

    @Option(
            names = "--warmup",
            paramLabel = "N",
            description =
                    "Steps before them, by default 20: the JVM compiles while it computes; with --data and --mode infer"
                            + " passes, by default 2.")
    private @Nullable Integer warmup;

    @Option(
            names = "--max-seconds",
            paramLabel = "S",
            description = "No further timed step after this time, by default ${DEFAULT-VALUE}.")
    private double maxSeconds = 100;

    @Option(names = "--seed", paramLabel = "N", description = "By default ${DEFAULT-VALUE}.")
    private long seed = 7;

    @Option(
            names = "--vs",
            paramLabel = "COMMAND",
            description = "Another program, run by sh, that prints a JSON line with these keys.")
    private @Nullable String versus;

    @Mixin
    private DataOptions data;

    @Option(names = "--rounds", paramLabel = "N", description = "Rounds of both, by default ${DEFAULT-VALUE}.")
    private int rounds = 5;

    @Mixin
    private BlasOption blas;

    /** The verb with its options, whose names are read as they are printed. */
    static CommandLine commandLine() {
        return new CommandLine(new BenchCommand())
                .registerConverter(BenchModel.class, text -> named(text, BenchModel.values()))
                .registerConverter(BenchMode.class, text -> named(text, BenchMode.values()))
                .registerConverter(BenchTargets.class, text -> named(text, BenchTargets.values()));
    }

    private static <E extends Enum<E>> E named(String text, E[] values) {
        for (E value : values) {
            if (value.toString().equals(text)) {
                return value;
            }
        }
        String known = Stream.of(values).map(Enum::toString).collect(Collectors.joining(", "));
        throw new TypeConversionException("'" + text + "' is none of " + known);
    }

    @Override
    public Integer call() {
        // The calling thread computes too; read once, at the pool's first use.
        System.setProperty(POOL_THREADS, Integer.toString(Math.max(1, threads - 1)));
        blas.require();
        String task = data.task();
        if (task == null) {
            StepBench bench = StepBench.of(step());
            return time(Measure.STEP, bench::run);
        }
        DataBenchConfig config = real(task);
        if (mode == BenchMode.INFER) {
            try (InferenceBench bench = new InferenceBench(config, ModelStore.defaultHome())) {
                return time(Measure.PASS, bench::run);
            }
        }
        EpochBench bench = new EpochBench(config, ModelStore.defaultHome());
        PrintWriter epochs = versus == null
                ? spec.commandLine().getOut()
                : spec.commandLine().getErr();
        return time(Measure.EPOCH, () -> bench.run(each -> print(epochs, each)));
    }

    private Integer time(Measure measure, Supplier<BenchResult> ours) {
        PrintWriter out = spec.commandLine().getOut();
        if (versus == null) {
            print(out, ours.get());
            return ExitCodes.OK;
        }
        PrintWriter err = spec.commandLine().getErr();
        List<PairedRounds.Round> done = new PairedRounds(versus, measure).run(ours, rounds, each -> print(err, each));
        out.print(RoundTable.of(done));
        out.flush();
        return ExitCodes.OK;
    }

    private BenchConfig step() {
        data.refuseWithoutTask();
        return new BenchConfig(
                model,
                mode,
                targets,
                rank,
                alpha,
                batch,
                seq,
                fullRows,
                dropout == null ? 0 : dropout,
                threads,
                steps,
                warmup == null ? 20 : warmup,
                maxSeconds,
                seed);
    }

    private DataBenchConfig real(String task) {
        return new DataBenchConfig(
                task,
                data.dir(),
                mode,
                model,
                targets,
                rank,
                alpha,
                batch,
                dropout,
                data.epochs(mode),
                warmup == null ? 2 : warmup,
                data.bucket(),
                data.limit(),
                threads,
                seed,
                data.overrides());
    }

    private static void print(PrintWriter to, BenchResult result) {
        to.println(result.line());
        to.flush();
    }
}
