package io.lora4j.cli;

import io.lora4j.eval.ClassificationMetrics;
import io.lora4j.eval.RegressionMetrics;
import io.lora4j.eval.TaskMetrics;
import io.lora4j.recipes.run.AdapterEvaluation;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lora4j eval}: a trained adapter on a task's dev set. */
@Command(
        name = "eval",
        mixinStandardHelpOptions = true,
        header = "Evaluates a trained adapter on the dev set of a task.",
        footer = {
            "",
            "Examples:",
            "  lora4j eval runs/mine/trials/lora-lr1e-3-seed1/adapter sentiment",
            "  lora4j eval ADAPTER mrpc --data DIR",
            "  lora4j eval ADAPTER sentiment --json",
            "  lora4j eval ADAPTER mnli --data DIR      matched, mismatched, and the diagnostics if their labels are there",
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class EvalCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private AdapterOptions adapter;

    @Parameters(index = "1", paramLabel = "TASK", description = "A task's name; `lora4j ls tasks` lists them.")
    private String task;

    @Option(
            names = {"-d", "--data"},
            paramLabel = "DIR",
            description = "The folder with the task's files; bundled tasks need none.")
    private @Nullable Path data;

    @Option(
            names = "--json",
            description = "One JSON object: for every set its examples, figures as fractions, and loss.")
    private boolean json;

    @Mixin
    private BlasOption blas;

    @Override
    public Integer call() {
        blas.require();
        Map<String, TaskMetrics> sets = AdapterEvaluation.of(adapter.load(), task, data);
        if (json) {
            spec.commandLine().getOut().println(JsonText.of(map(sets)));
            return ExitCodes.OK;
        }
        sets.forEach((set, metrics) -> spec.commandLine()
                .getOut()
                .printf(
                        Locale.ROOT,
                        "%s: %d examples, %s, loss %.4f%n",
                        set.equals(AdapterEvaluation.DEV) ? task : task + " " + set,
                        metrics.examples(),
                        figures(metrics),
                        metrics.loss()));
        return ExitCodes.OK;
    }

    private static Map<String, Object> map(Map<String, TaskMetrics> sets) {
        Map<String, Object> map = new LinkedHashMap<>();
        sets.forEach((set, metrics) -> {
            Map<String, Object> scores = new LinkedHashMap<>();
            scores.put("examples", metrics.examples());
            scores.putAll(metrics.figures());
            scores.put("loss", metrics.loss());
            map.put(set, scores);
        });
        return map;
    }

    private static String figures(TaskMetrics metrics) {
        if (metrics instanceof RegressionMetrics scores) {
            return String.format(
                    Locale.ROOT, "Pearson %.2f, Spearman %.2f", 100 * scores.pearson(), 100 * scores.spearman());
        }
        ClassificationMetrics classes = (ClassificationMetrics) metrics;
        return String.format(
                Locale.ROOT,
                "accuracy %.2f, F1 %.2f, MCC %.1f",
                100 * classes.accuracy(),
                100 * classes.f1(),
                100 * classes.matthews());
    }
}
