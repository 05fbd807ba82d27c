package io.lora4j.recipes.results;

import io.lora4j.error.FormatException;
import io.lora4j.error.UserException;
import io.lora4j.models.checkpoint.AtomicFile;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code metrics.jsonl} and {@code timings.jsonl} of a trial: line i of one belongs to line i of the other. Both hold optimiser steps and
 * evaluations in the order in which they happened.
 */
public final class Curves {
    private static final String METRICS = "metrics.jsonl";
    private static final String TIMINGS = "timings.jsonl";
    private static final String EVALUATION = "eval";
    private static final String DEV = "dev";

    private Curves() {}

    /**
     * A line of metrics.
     *
     * @param fields its fields
     * @param evaluation whether it is an evaluation and no step
     * @param elapsed seconds since the trial began, evaluations included; null if times were not kept
     */
    private record Line(
            Fields fields, boolean evaluation, @Nullable Double elapsed) {}

    /**
     * The optimiser steps of a trial.
     *
     * @param trial its folder
     * @return a point per step; empty if the files are not there
     * @throws FormatException if a file is damaged
     */
    public static List<StepPoint> steps(Path trial) {
        List<StepPoint> points = new ArrayList<>();
        for (Line line : lines(trial)) {
            if (!line.evaluation()) {
                Fields fields = line.fields();
                points.add(new StepPoint(
                        fields.count("step"),
                        fields.number("loss"),
                        fields.number("learning_rate"),
                        fields.number("grad_norm"),
                        line.elapsed()));
            }
        }
        return points;
    }

    /**
     * The evaluations of a trial on the dev set (MNLI's matched one). Their seconds are those of initialisation and training alone: with T the elapsed time and V the time of
     * evaluations at an optimiser step, training had taken {@code trainSeconds - ((T_last - T_k) - (V_last - V_k))} at step k. It is counted from
     * the end, because what stands before the first step is not the method's alone (a gradient that is estimated once for several methods is on one
     * trial's clock, and in the {@code initSeconds} of all).
     *
     * @param trial its folder
     * @param initSeconds what initialisation took
     * @param trainSeconds what training took, evaluations not included
     * @return a point per evaluation; empty if the files are not there
     * @throws FormatException if a file is damaged
     */
    public static List<EvaluationPoint> evaluations(Path trial, double initSeconds, double trainSeconds) {
        List<Line> lines = lines(trial);
        Clock last = null;
        List<@Nullable Clock> clocks = new ArrayList<>();
        double before = 0;
        double spent = 0;
        for (Line line : lines) {
            Double elapsed = line.elapsed();
            double now = elapsed == null ? 0 : elapsed;
            if (line.evaluation()) {
                spent += now - before;
            } else {
                last = new Clock(now, spent);
            }
            clocks.add(last);
            before = now;
        }
        List<EvaluationPoint> points = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            Line line = lines.get(i);
            Fields fields = line.fields();
            if (line.evaluation() && fields.text(EVALUATION).equals(DEV)) {
                Double seconds = line.elapsed() == null
                        ? null
                        : Double.valueOf(initSeconds + trained(clocks.get(i), last, trainSeconds));
                points.add(
                        new EvaluationPoint(fields.count("step"), seconds, Scores.of(fields), fields.number("loss")));
            }
        }
        return points;
    }

    /**
     * The clock at an optimiser step.
     *
     * @param elapsed seconds since the trial began
     * @param evaluating how many of them evaluations have taken
     */
    private record Clock(double elapsed, double evaluating) {}

    private static double trained(@Nullable Clock at, @Nullable Clock last, double trainSeconds) {
        if (last == null) {
            return trainSeconds; // no optimiser step at all: one-step methods
        }
        if (at == null) {
            return 0; // an evaluation before the first step
        }
        double later = (last.elapsed() - at.elapsed()) - (last.evaluating() - at.evaluating());
        return Math.min(trainSeconds, Math.max(0, trainSeconds - later));
    }

    private static List<Line> lines(Path trial) {
        Path metrics = trial.resolve(METRICS);
        if (!Files.isRegularFile(metrics)) {
            return List.of();
        }
        List<Fields> all = objects(metrics);
        Path timings = trial.resolve(TIMINGS);
        List<Fields> times = Files.isRegularFile(timings) ? objects(timings) : null;
        if (times != null && times.size() != all.size()) {
            throw new FormatException(
                    timings, "has " + times.size() + " lines, " + METRICS + " beside it has " + all.size());
        }
        List<Line> lines = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            Fields fields = all.get(i);
            boolean evaluation = fields.has(EVALUATION);
            Double elapsed = null;
            if (times != null) {
                Fields time = times.get(i);
                if (time.count(evaluation ? EVALUATION : "step") != fields.count("step")) {
                    throw time.damaged("is not the time of the same line of " + METRICS);
                }
                elapsed = time.notNegative("seconds");
            }
            lines.add(new Line(fields, evaluation, elapsed));
        }
        return lines;
    }

    private static List<Fields> objects(Path file) {
        List<String> lines;
        try {
            lines = Files.readAllLines(file, StandardCharsets.UTF_8);
        } catch (CharacterCodingException e) {
            throw new FormatException(file, "is no UTF-8 text");
        } catch (IOException e) {
            throw new UserException("cannot read " + file + ": " + AtomicFile.reason(e), e);
        }
        List<Fields> all = new ArrayList<>();
        for (String line : lines) {
            all.add(Fields.parse(file, "line " + (all.size() + 1) + ": ", line));
        }
        return all;
    }
}
