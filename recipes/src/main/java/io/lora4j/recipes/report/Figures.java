package io.lora4j.recipes.report;

import io.lora4j.recipes.plot.Axis;
import io.lora4j.recipes.plot.BarPlot;
import io.lora4j.recipes.plot.LinePlot;
import io.lora4j.recipes.plot.Series;
import io.lora4j.recipes.report.Setting.Row;
import io.lora4j.recipes.results.EvaluationPoint;
import io.lora4j.recipes.results.RunResults;
import io.lora4j.recipes.results.StepPoint;
import io.lora4j.recipes.results.TrialRecord;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.stream.DoubleStream;

/** The plots of results. What a run has not recorded makes no plot. */
final class Figures {
    /** Losses that span more than this are drawn on a logarithmic axis. */
    private static final double WIDE = 20;

    private final Map<String, Integer> looks = new LinkedHashMap<>();

    private Figures() {}

    /** Plots of runs of one setting, or of several; looks belong to names over the whole report. */
    static Figures begin() {
        return new Figures();
    }

    private int look(String name) {
        return looks.computeIfAbsent(name, unused -> looks.size());
    }

    /** Everything there is to see of a setting. */
    List<Figure> of(Setting setting) {
        List<Figure> figures = new ArrayList<>();
        List<Row> rows = setting.drawn();
        figures.addAll(losses(setting, rows));
        scoreBySeconds(setting, rows, figures);
        parameters(setting, figures);
        Internals.add(rows, this::look, figures);
        return figures;
    }

    private List<Figure> losses(Setting setting, List<Row> rows) {
        List<Series> bySteps = new ArrayList<>();
        List<Series> bySeconds = new ArrayList<>();
        int bucket = 1;
        for (Row row : rows) {
            Trend steps = Trend.none();
            Trend seconds = Trend.none();
            for (TrialRecord trial : row.trials()) {
                List<StepPoint> points = trial.steps();
                if (points.isEmpty()) {
                    continue;
                }
                bucket = Math.max(bucket, Trend.bucket(points.size()));
                double[] x = thinned(points.stream().mapToDouble(StepPoint::step), points.size());
                double[] loss = thinned(points.stream().mapToDouble(StepPoint::loss), points.size());
                steps = steps.with(x, loss);
                TrialRecord.Outcome outcome = trial.outcome();
                if (outcome != null) {
                    double pace = outcome.trainSeconds() / Math.max(1, outcome.steps());
                    double[] at = DoubleStream.of(x)
                            .map(step -> outcome.initSeconds() + step * pace)
                            .toArray();
                    seconds = seconds.with(at, loss);
                }
            }
            if (!steps.isEmpty()) {
                bySteps.addAll(steps.series(row.name(), look(row.name()), Series.Form.LINE));
            }
            if (!seconds.isEmpty()) {
                bySeconds.addAll(seconds.series(row.name(), look(row.name()), Series.Form.LINE));
            }
        }
        List<Figure> figures = new ArrayList<>();
        String smooth =
                bucket == 1 ? "Every optimiser step." : "Means over up to " + bucket + " neighbouring optimiser steps.";
        String lines = " Thick: mean over seeds; thin: single seeds." + onlyBest(setting);
        if (!bySteps.isEmpty()) {
            figures.add(new Figure(
                    "loss-by-step",
                    new LinePlot("Training loss by step", Axis.linear("step", ""), lossAxis(bySteps), bySteps),
                    smooth + lines));
        }
        if (!bySeconds.isEmpty()) {
            figures.add(new Figure(
                    "loss-by-seconds",
                    new LinePlot(
                            "Training loss by time", Axis.linear("time", "seconds"), lossAxis(bySeconds), bySeconds),
                    "Seconds of initialisation (gradient estimate included), then of training at each trial's mean pace, without evaluations. "
                            + smooth + lines));
        }
        return figures;
    }

    private static String onlyBest(Setting setting) {
        return setting.rows().size() > setting.drawn().size() ? " Of every method only its best learning rate." : "";
    }

    private static double[] thinned(DoubleStream values, int points) {
        return Trend.thinned(values.toArray(), Trend.bucket(points));
    }

    private static Axis lossAxis(List<Series> series) {
        double most = 0;
        double least = Double.POSITIVE_INFINITY;
        for (Series one : series) {
            for (double loss : one.y()) {
                most = Math.max(most, loss);
                least = Math.min(least, loss);
            }
        }
        // Losses are per example: cross-entropy in nats, or squared error of scores.
        return least > 0 && most > WIDE * least ? Axis.log("training loss", "") : Axis.linear("training loss", "");
    }

    private void scoreBySeconds(Setting setting, List<Row> rows, List<Figure> figures) {
        String figure = setting.primaryFigure();
        List<Series> series = new ArrayList<>();
        double longest = 0;
        for (Row row : rows) {
            Trend trend = Trend.none();
            for (TrialRecord trial : row.trials()) {
                TrialRecord.Outcome outcome = trial.outcome();
                List<EvaluationPoint> points = outcome == null
                        ? List.of()
                        : outcome.evaluations().stream()
                                .filter(point -> point.seconds() != null
                                        && point.scores().containsKey(figure))
                                .toList();
                if (points.isEmpty()) {
                    continue;
                }
                trend = trend.with(
                        points.stream()
                                .mapToDouble(point -> Objects.requireNonNull(point.seconds()))
                                .toArray(),
                        points.stream()
                                .mapToDouble(point -> percent(point.scores(), figure))
                                .toArray());
            }
            if (!trend.isEmpty()) {
                series.addAll(trend.series(row.name(), look(row.name()), Series.Form.MARKED));
                longest = Math.max(
                        longest,
                        trend.x().stream()
                                .flatMapToDouble(DoubleStream::of)
                                .max()
                                .orElse(0));
            }
        }
        if (series.isEmpty()) {
            return;
        }
        OptionalDouble majority = majority(setting, figure);
        if (majority.isPresent()) {
            double level = majority.getAsDouble();
            series.add(new Series(
                    "majority class",
                    new double[] {0, longest},
                    new double[] {level, level},
                    Series.REFERENCE,
                    Series.Form.LINE));
        }
        figures.add(new Figure(
                "score-by-seconds",
                new LinePlot(
                        "Score by time",
                        Axis.linear("time", "seconds").between(0.0, null),
                        Axis.linear(setting.evaluatedOn() + " " + figure, "%"),
                        series),
                "Seconds of initialisation (gradient estimate included) and training, without evaluations. Thick: mean over seeds; thin: single"
                        + " seeds." + onlyBest(setting)));
    }

    private static double percent(Map<String, Double> scores, String figure) {
        return 100 * scores.getOrDefault(figure, Double.NaN);
    }

    private static OptionalDouble majority(Setting setting, String figure) {
        return setting.runs().stream()
                .map(RunResults::majority)
                .filter(scores -> scores.containsKey(figure))
                .mapToDouble(scores -> percent(scores, figure))
                .findFirst();
    }

    private void parameters(Setting setting, List<Figure> figures) {
        Map<String, Long> counts = new LinkedHashMap<>();
        for (Row row : setting.rows()) {
            for (TrialRecord trial : row.trials()) {
                TrialRecord.Outcome outcome = trial.outcome();
                if (outcome != null && outcome.trainableParameters() > 0) {
                    counts.putIfAbsent(row.method(), outcome.trainableParameters());
                }
            }
        }
        if (counts.isEmpty()) {
            return;
        }
        List<BarPlot.Bar> bars = new ArrayList<>();
        counts.forEach((method, count) -> bars.add(
                new BarPlot.Bar(method, count.doubleValue(), String.format(Locale.ROOT, "%,d", count), look(method))));
        figures.add(new Figure(
                "parameters",
                new BarPlot("Trainable parameters", Axis.log("scalars that are trained", ""), bars),
                "Adapters and classifier. The axis is logarithmic: compare the numbers, not the lengths."));
    }

    /** Score against rank, for every task and model of which there are several ranks. */
    List<Figure> byRank(List<Setting> settings) {
        Map<List<String>, TreeMap<Integer, Setting>> families = new LinkedHashMap<>();
        for (Setting setting : settings) {
            families.computeIfAbsent(
                            List.of(setting.task(), setting.model(), setting.budget(), setting.evaluatedOn()),
                            unused -> new TreeMap<>())
                    .putIfAbsent(setting.rank(), setting);
        }
        List<Figure> figures = new ArrayList<>();
        families.forEach((family, ranks) -> {
            if (ranks.size() > 1) {
                figures.add(byRank(family.get(0), List.copyOf(ranks.values())));
            }
        });
        return figures;
    }

    /** @param ranks the same with several ranks, upwards */
    private Figure byRank(String task, List<Setting> ranks) {
        String figure = ranks.get(0).primaryFigure();
        Map<String, TreeMap<Integer, double[]>> scores = new LinkedHashMap<>();
        for (Setting setting : ranks) {
            for (Row row : setting.bestOfEachMethod()) {
                double[] seeds = row.trials().stream()
                        .map(TrialRecord::outcome)
                        .filter(Objects::nonNull)
                        .mapToDouble(outcome -> percent(outcome.scores(), figure))
                        .toArray();
                scores.computeIfAbsent(row.method(), unused -> new TreeMap<>()).put(setting.rank(), seeds);
            }
        }
        List<Series> series = new ArrayList<>();
        scores.forEach((method, byRank) -> {
            double[] x =
                    byRank.keySet().stream().mapToDouble(Integer::doubleValue).toArray();
            double[] mean = byRank.values().stream()
                    .mapToDouble(seeds -> DoubleStream.of(seeds).average().orElse(Double.NaN))
                    .toArray();
            series.add(new Series(method, x, mean, look(method), Series.Form.MARKED));
        });
        return new Figure(
                "score-by-rank-" + task,
                new LinePlot(
                        task + ": score by rank",
                        Axis.log("rank r", ""),
                        Axis.linear(ranks.get(0).evaluatedOn() + " " + figure, "%"),
                        series),
                "Means over seeds; of every method its best learning rate at each rank.");
    }
}
