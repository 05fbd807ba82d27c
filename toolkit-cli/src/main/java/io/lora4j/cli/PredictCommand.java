package io.lora4j.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lora4j.datasets.Column;
import io.lora4j.datasets.DataFormat;
import io.lora4j.datasets.GlueTask;
import io.lora4j.datasets.TextFile;
import io.lora4j.error.UserException;
import io.lora4j.models.classify.Prediction;
import io.lora4j.models.classify.TextClassifier;
import io.lora4j.models.classify.TextPair;
import io.lora4j.recipes.submission.GlueSubmission;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
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

/** {@code lora4j predict}: a trained adapter says labels and probabilities, or numbers. */
@Command(
        name = "predict",
        mixinStandardHelpOptions = true,
        header = "Classifies texts with a trained adapter.",
        description = {
            "Prints label, probability and text, parted by tabs, or one JSON object per line;",
            "an adapter that was trained on scores: the number and the text.",
            "ADAPTER may also be a Hugging Face folder with a trained head, such as `lora4j export --format hf` writes.",
        },
        footer = {
            "",
            "Examples:",
            "  lora4j predict runs/mine/trials/lora-lr1e-3-seed1/adapter \"a film of great charm\"",
            "  lora4j predict ADAPTER --pair \"He left.\" \"He went away.\"",
            "  lora4j predict ADAPTER --input texts.txt --json",
            "  lora4j predict ADAPTER --input test.tsv --column sentence1 --column sentence2",
            "  lora4j predict ADAPTER_OF_STSB --pair \"A man plays.\" \"A man is playing.\"",
            "  lora4j predict ADAPTER --glue CoLA --data DIR --output submission",
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class PredictCommand implements Callable<Integer> {
    private static final int ROWS_AT_ONCE = 1024;

    @Spec
    private CommandSpec spec;

    @Mixin
    private AdapterOptions adapter;

    @Parameters(index = "1..*", paramLabel = "TEXT", description = "Texts to classify.")
    private List<String> texts = List.of();

    @Option(names = "--pair", paramLabel = "TEXT", description = "The first text of a pair; TEXT is the second.")
    private @Nullable String first;

    @Option(
            names = {"-i", "--input"},
            paramLabel = "FILE",
            description = "A file of texts: one per line, or .tsv, .csv or .jsonl with --column.")
    private @Nullable Path input;

    @Option(
            names = {"-c", "--column"},
            paramLabel = "NAME",
            description = "The column of the text, by its header or number (0 is the first); twice for a pair.")
    private List<String> columns = List.of();

    @Option(names = "--no-header", description = "The file's first line is a row like any other.")
    private boolean noHeader;

    @Option(names = "--json", description = "One JSON object per line, with every label's probability.")
    private boolean json;

    @Option(
            names = "--glue",
            paramLabel = "TASK",
            description = "Answer the test sets of a task of GLUE, as its leaderboard takes them.")
    private @Nullable String glue;

    @Option(
            names = {"-d", "--data"},
            paramLabel = "DIR",
            description = "With --glue: the folder with the task's files.")
    private @Nullable Path data;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "DIR",
            description = "With --glue: where prediction files are written.")
    private @Nullable Path output;

    @Mixin
    private BlasOption blas;

    @Override
    public Integer call() {
        if (glue != null || data != null || output != null) {
            return submit(glue, data, output);
        }
        List<TextPair> pairs = pairs();
        blas.require();
        TextClassifier classifier = adapter.classifier();
        PrintWriter out = spec.commandLine().getOut();
        for (int from = 0; from < pairs.size(); from += ROWS_AT_ONCE) {
            List<TextPair> part = pairs.subList(from, Math.min(pairs.size(), from + ROWS_AT_ONCE));
            if (classifier.regression()) {
                printScores(out, part, classifier.scoreAll(part));
            } else {
                print(out, part, classifier.predictAll(part));
            }
            out.flush();
        }
        return ExitCodes.OK;
    }

    private void print(PrintWriter out, List<TextPair> texts, List<Prediction> predictions) {
        for (int i = 0; i < texts.size(); i++) {
            out.println(json ? json(texts.get(i), predictions.get(i)) : line(texts.get(i), predictions.get(i)));
        }
    }

    private void printScores(PrintWriter out, List<TextPair> texts, double[] scores) {
        for (int i = 0; i < scores.length; i++) {
            Map<String, Object> map = texts(texts.get(i));
            map.put("score", scores[i]);
            String number = String.format(Locale.ROOT, "%.4f", scores[i]);
            out.println(json ? json(map) : number + "\t" + cells(texts.get(i)));
        }
    }

    private int submit(@Nullable String name, @Nullable Path from, @Nullable Path to) {
        if (name == null || from == null || to == null) {
            throw new UserException("predictions for GLUE need --glue TASK, --data DIR and --output DIR");
        }
        if (!texts.isEmpty() || input != null || first != null || !columns.isEmpty() || noHeader || json) {
            throw new UserException("--glue reads the task's own test files: no texts, and no other options for them");
        }
        GlueTask task = GlueTask.find(name);
        blas.require();
        List<Path> written = GlueSubmission.predict(adapter.classifier(), task, from, to);
        written.forEach(file -> spec.commandLine().getOut().println(file));
        List<String> missing = GlueSubmission.missing(to);
        if (!missing.isEmpty()) {
            spec.commandLine().getErr().println("a whole submission also needs " + String.join(", ", missing));
            spec.commandLine().getErr().flush();
        }
        return ExitCodes.OK;
    }

    private List<TextPair> pairs() {
        Path file = input;
        String left = first;
        if ((file != null) == !texts.isEmpty()) {
            throw new UserException("give either texts or --input FILE");
        }
        if (file == null) {
            return texts.stream()
                    .map(text -> left == null ? TextPair.of(text) : new TextPair(left, text))
                    .toList();
        }
        if (left != null || columns.size() > 2) {
            throw new UserException("a pair in a file is two columns: --column NAME --column NAME");
        }
        DataFormat format = TextFile.formatOf(file);
        if (columns.isEmpty() && format != DataFormat.TSV) {
            throw new UserException(file + " has columns: name that of the text with --column NAME");
        }
        boolean header = !columns.isEmpty() && !noHeader;
        Column text = columns.isEmpty() ? Column.at(0) : column(columns.get(0));
        Column second = columns.size() < 2 ? null : column(columns.get(1));
        return TextFile.read(file, format, header, text, second).stream()
                .map(row -> new TextPair(row.first(), row.second()))
                .toList();
    }

    private static Column column(String name) {
        return name.matches("[0-9]{1,6}") ? Column.at(Integer.parseInt(name)) : Column.named(name);
    }

    private static String line(TextPair text, Prediction prediction) {
        return prediction.label()
                + "\t"
                + String.format(Locale.ROOT, "%.4f", prediction.probability())
                + "\t"
                + cells(text);
    }

    private static String cells(TextPair text) {
        String second = text.second();
        return oneCell(text.first()) + (second == null ? "" : "\t" + oneCell(second));
    }

    /** A text of several lines, or with a tab, must not look like several rows or cells. */
    private static String oneCell(String text) {
        return text.replaceAll("[\\t\\r\\n]", " ");
    }

    private static Map<String, Object> texts(TextPair text) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("text", text.first());
        if (text.second() != null) {
            map.put("second", text.second());
        }
        return map;
    }

    private static String json(TextPair text, Prediction prediction) {
        Map<String, Object> map = texts(text);
        map.put("label", prediction.label());
        map.put("probability", prediction.probability());
        map.put("probabilities", prediction.probabilities());
        return json(map);
    }

    private static String json(Map<String, Object> map) {
        try {
            return new JsonMapper().writeValueAsString(map);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts and numbers are always JSON", e);
        }
    }
}
