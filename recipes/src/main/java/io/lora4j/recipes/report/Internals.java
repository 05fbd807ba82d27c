package io.lora4j.recipes.report;

import io.lora4j.recipes.diagnostics.DiagnosticsFile;
import io.lora4j.recipes.diagnostics.LayerAngles;
import io.lora4j.recipes.diagnostics.LayerSpectrum;
import io.lora4j.recipes.diagnostics.StepAngles;
import io.lora4j.recipes.diagnostics.TrialDiagnostics;
import io.lora4j.recipes.plot.Axis;
import io.lora4j.recipes.plot.LinePlot;
import io.lora4j.recipes.plot.Series;
import io.lora4j.recipes.report.Setting.Row;
import io.lora4j.recipes.results.TrialRecord;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** Plots of what trials recorded of gradients and adapters ({@code diagnostics} in a recipe). */
final class Internals {
    private Internals() {}

    /** Adds the plots for which there is anything recorded. */
    static void add(List<Row> rows, ToIntFunction<String> look, List<Figure> figures) {
        Map<TrialRecord, TrialDiagnostics> recorded = new LinkedHashMap<>();
        for (Row row : rows) {
            for (TrialRecord trial : row.trials()) {
                recorded.put(trial, DiagnosticsFile.read(trial.folder()));
            }
        }
        // Every trial of a seed has the same gradients.
        recorded.forEach((trial, diagnostics) -> {
            boolean first = figures.stream().noneMatch(figure -> figure.key().equals("spectra"));
            if (first && !diagnostics.spectra().isEmpty()) {
                figures.addAll(spectra(diagnostics.spectra(), trial.seed()));
            }
        });
        angles(rows, recorded, look, "input", "A", LayerAngles::input, figures);
        angles(rows, recorded, look, "output", "B", LayerAngles::output, figures);
    }

    private static List<Figure> spectra(List<LayerSpectrum> spectra, long seed) {
        Map<String, List<LayerSpectrum>> kinds = new LinkedHashMap<>();
        for (LayerSpectrum spectrum : spectra) {
            kinds.computeIfAbsent(LayerName.of(spectrum.layer()).kind(), unused -> new ArrayList<>())
                    .add(spectrum);
        }
        String what = "One-step gradient over " + spectra.get(0).examples()
                + " examples at the pre-trained weights, seed " + seed + ".";
        List<Series> curves = new ArrayList<>();
        int look = 0;
        for (Map.Entry<String, List<LayerSpectrum>> kind : kinds.entrySet()) {
            Trend logs = Trend.none();
            for (LayerSpectrum spectrum : kind.getValue()) {
                double[] values = spectrum.singularValues();
                double[] index =
                        IntStream.rangeClosed(1, values.length).asDoubleStream().toArray();
                logs = logs.with(
                        index,
                        DoubleStream.of(values)
                                .map(value -> Math.log(value / values[0]))
                                .toArray());
            }
            for (Series one : logs.series(kind.getKey(), look, Series.Form.LINE)) {
                double[] ratios = DoubleStream.of(one.y()).map(Math::exp).toArray();
                curves.add(new Series(one.name(), one.x(), ratios, one.look(), one.form()));
            }
            look++;
        }
        return List.of(
                new Figure(
                        "spectra",
                        new LinePlot(
                                "Spectra of the gradients",
                                Axis.linear("index i of the singular value", ""),
                                Axis.log("σ_i / σ_1", ""),
                                curves),
                        what + " Thick: geometric mean over the encoder's layers; thin: single layers."),
                new Figure(
                        "effective-rank",
                        byBlock(
                                "Effective rank of the gradients",
                                "effective rank",
                                kinds,
                                LayerSpectrum::effectiveRank),
                        what
                                + " Exponential of the entropy of the normalised singular values (Roy and Vetterli, 2007)."),
                new Figure(
                        "stable-rank",
                        byBlock("Stable rank of the gradients", "stable rank", kinds, LayerSpectrum::stableRank),
                        what + " Squared ratio of Frobenius to spectral norm."));
    }

    private static LinePlot byBlock(
            String title, String axis, Map<String, List<LayerSpectrum>> kinds, ToDoubleFunction<LayerSpectrum> value) {
        List<Series> series = new ArrayList<>();
        kinds.forEach((kind, spectra) -> series.add(new Series(
                kind,
                spectra.stream()
                        .mapToDouble(spectrum -> LayerName.of(spectrum.layer()).block())
                        .toArray(),
                spectra.stream().mapToDouble(value).toArray(),
                series.size(),
                Series.Form.MARKED)));
        return new LinePlot(title, Axis.linear("layer of the encoder", ""), Axis.linear(axis, ""), series);
    }

    private static void angles(
            List<Row> rows,
            Map<TrialRecord, TrialDiagnostics> recorded,
            ToIntFunction<String> look,
            String side,
            String factor,
            Function<LayerAngles, double[]> angles,
            List<Figure> figures) {
        List<Series> series = new ArrayList<>();
        for (Row row : rows) {
            Trend trend = Trend.none();
            for (TrialRecord trial : row.trials()) {
                List<StepAngles> steps =
                        recorded.getOrDefault(trial, TrialDiagnostics.NOTHING).angles();
                if (!steps.isEmpty()) {
                    trend = trend.with(
                            steps.stream().mapToDouble(StepAngles::step).toArray(),
                            steps.stream()
                                    .mapToDouble(step -> mean(step, angles))
                                    .toArray());
                }
            }
            if (!trend.isEmpty()) {
                series.addAll(trend.series(row.name(), look.applyAsInt(row.name()), Series.Form.LINE));
            }
        }
        if (!series.isEmpty()) {
            figures.add(new Figure(
                    "angles-" + side,
                    new LinePlot(
                            "Angles to the gradient, " + side + " side",
                            Axis.linear("step", ""),
                            Axis.linear("mean principal angle", "degrees").between(-2.0, 92.0),
                            series),
                    "Between " + factor + " and the leading " + (side.equals("input") ? "left" : "right")
                            + " singular directions of the one-step gradient, as many as the rank; mean over angles and layers. 0: the same"
                            + " subspace, 90: orthogonal. A factor that is zero has no angles."));
        }
    }

    /** NaN where no layer has any. */
    private static double mean(StepAngles step, Function<LayerAngles, double[]> angles) {
        return step.layers().values().stream()
                .flatMapToDouble(layer -> DoubleStream.of(angles.apply(layer)))
                .average()
                .orElse(Double.NaN);
    }
}
