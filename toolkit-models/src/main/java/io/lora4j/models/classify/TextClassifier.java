package io.lora4j.models.classify;

import io.lora4j.adapter.AdaptedModel;
import io.lora4j.error.UserException;
import io.lora4j.models.ModelStore;
import io.lora4j.models.PretrainedModel;
import io.lora4j.models.checkpoint.HuggingFaceFolder;
import io.lora4j.models.tokenizer.TextTokenizer;
import io.lora4j.models.tokenizer.TokenIds;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A trained classifier, or a trained regression ({@link #regression}), ready for use.
 *
 * <pre>{@code
 * Path adapter = Path.of("runs/mine/trials/lora-lr1e-3-seed1/adapter");
 * TextClassifier classifier = TextClassifier.load("all-MiniLM-L6-v2", adapter);
 * Prediction one = classifier.predict("a film of great charm");
 * List<Prediction> many = classifier.predictAll(texts.stream().map(TextPair::of).toList());
 * System.out.println(one.label() + " " + one.probability());
 * double similarity = TextClassifier.load(base, adapterOfScores).score("He left.", "He went away.");
 * }</pre>
 *
 * <p>The adapter is merged into copies of the layers it adapts, so that a prediction costs what the base costs; all other arrays are the
 * base's own. Thread-safe: texts are tokenised side by side, the network works for one caller at a time with all processors. Deterministic:
 * a text's probabilities do not depend on what else is asked for, but for rounding.
 */
public final class TextClassifier {
    /** Tokens computed at once: enough to keep the processors busy, little enough to stay in tens of megabytes. */
    private static final int TOKENS_PER_BATCH = 4096;

    private final AdaptedModel model;
    private final TextTokenizer tokenizer;
    private final List<String> labels;
    private final int maxLength;

    @SuppressWarnings("UnusedVariable") // held: while somebody holds the base, its tokenizer is open
    private final @Nullable PretrainedModel base;

    private final ReentrantLock lock = new ReentrantLock();

    private TextClassifier(
            AdaptedModel model,
            TextTokenizer tokenizer,
            List<String> labels,
            int maxLength,
            @Nullable PretrainedModel base) {
        this.model = model;
        this.tokenizer = tokenizer;
        this.labels = labels;
        this.maxLength = maxLength;
        this.base = base;
    }

    /**
     * Loads an adapter over its base.
     *
     * @param model the base: a known name or a Hugging Face folder; null for the one that the adapter names
     * @param adapter a folder that a run or PEFT wrote
     * @return the classifier
     * @throws UserException if a file is missing or damaged, or the adapter was made for another base; the message tells which
     */
    public static TextClassifier load(@Nullable String model, Path adapter) {
        return of(LoadedAdapter.read(new ModelStore(ModelStore.defaultHome()), model, adapter));
    }

    /**
     * Loads an adapter over the base that it names, or a Hugging Face folder with a whole classifier.
     *
     * @param folder an adapter's folder, or one with {@code config.json} and a trained head
     * @return the classifier
     * @throws UserException if a file is missing or damaged, or there is no trained head
     */
    public static TextClassifier load(Path folder) {
        if (!Files.exists(folder.resolve(HuggingFaceFolder.CONFIG))) {
            return load(null, folder);
        }
        MergedFolder merged = MergedFolder.read(folder);
        TextTokenizer tokenizer = TextTokenizer.load(folder.resolve(HuggingFaceFolder.TOKENIZER));
        return new TextClassifier(merged.model(), tokenizer, merged.labels(), merged.maxLength(), null);
    }

    /**
     * A classifier of an adapter that is loaded already.
     *
     * @param loaded the adapter and its base
     * @return the classifier
     */
    public static TextClassifier of(LoadedAdapter loaded) {
        return new TextClassifier(
                loaded.merged(), loaded.base().tokenizer(), loaded.labels(), loaded.maxLength(), loaded.base());
    }

    /**
     * The labels.
     *
     * @return their names in the order of the outputs; unmodifiable; empty for a regression
     */
    public List<String> labels() {
        return labels;
    }

    /**
     * Whether the model says numbers ({@link #score}) or labels ({@link #predict}).
     *
     * @return true for numbers
     */
    public boolean regression() {
        return labels.isEmpty();
    }

    /**
     * The number that a regression says of one text.
     *
     * @param text the text; what exceeds the model's length is cut off
     * @return the number, as the network gives it: nothing holds it within the range of the task
     * @throws IllegalStateException if the model says labels
     */
    public double score(String text) {
        return scoreAll(List.of(TextPair.of(text)))[0];
    }

    /**
     * The number that a regression says of one pair.
     *
     * @param first the first text
     * @param second the second text
     * @return the number, as the network gives it
     * @throws IllegalStateException if the model says labels
     */
    public double score(String first, String second) {
        return scoreAll(List.of(new TextPair(first, second)))[0];
    }

    /**
     * The numbers that a regression says of many texts or pairs.
     *
     * @param texts the texts, all single or all pairs
     * @return one number each, in the same order
     * @throws IllegalStateException if the model says labels
     * @throws IllegalArgumentException if single texts and pairs are mixed
     */
    public double[] scoreAll(List<TextPair> texts) {
        if (!regression()) {
            throw new IllegalStateException("the model says labels, not numbers: call predict");
        }
        return Arrays.stream(outputs(texts)).mapToDouble(row -> row[0]).toArray();
    }

    /**
     * Classifies one text.
     *
     * @param text the text; what exceeds the classifier's length is cut off
     * @return label and probabilities
     */
    public Prediction predict(String text) {
        return predictAll(List.of(TextPair.of(text))).get(0);
    }

    /**
     * Classifies one pair.
     *
     * @param first the first text
     * @param second the second text
     * @return label and probabilities
     */
    public Prediction predict(String first, String second) {
        return predictAll(List.of(new TextPair(first, second))).get(0);
    }

    /**
     * Classifies many texts or pairs: of similar length together, so that little is computed at a time and nothing twice.
     *
     * @param texts the texts, all single or all pairs
     * @return one prediction each, in the same order
     * @throws IllegalStateException if the model says numbers
     * @throws IllegalArgumentException if single texts and pairs are mixed
     */
    public List<Prediction> predictAll(List<TextPair> texts) {
        if (regression()) {
            throw new IllegalStateException("the model says numbers, not labels: call score");
        }
        return Arrays.stream(outputs(texts)).map(this::prediction).toList();
    }

    /** The head's outputs for every text, in the texts' order. */
    private float[][] outputs(List<TextPair> texts) {
        if (texts.isEmpty()) {
            return new float[0][];
        }
        List<TokenIds> tokens = encode(texts);
        List<Integer> order =
                new ArrayList<>(IntStream.range(0, tokens.size()).boxed().toList());
        order.sort(Comparator.comparingInt(i -> tokens.get(i).ids().length));
        float[][] outputs = new float[texts.size()][];
        int from = 0;
        while (from < order.size()) {
            int to = from;
            int sum = 0;
            while (to < order.size() && (to == from || sum + length(tokens, order.get(to)) <= TOKENS_PER_BATCH)) {
                sum += length(tokens, order.get(to++));
            }
            List<Integer> part = order.subList(from, to);
            float[][] rows = compute(part.stream().map(tokens::get).toList()).toFloatMatrix();
            for (int row = 0; row < rows.length; row++) {
                outputs[part.get(row)] = rows[row];
            }
            from = to;
        }
        return outputs;
    }

    private static int length(List<TokenIds> tokens, int index) {
        return tokens.get(index).ids().length;
    }

    private List<TokenIds> encode(List<TextPair> texts) {
        List<String> second = new ArrayList<>();
        for (TextPair text : texts) {
            if (text.second() != null) {
                second.add(text.second());
            }
        }
        if (!second.isEmpty() && second.size() != texts.size()) {
            throw new IllegalArgumentException("single texts and pairs cannot be mixed: " + second.size() + " of "
                    + texts.size() + " have a second text");
        }
        List<String> first = texts.stream().map(TextPair::first).toList();
        return tokenizer.encodeAll(first, second.isEmpty() ? null : second, maxLength);
    }

    /** The head's outputs, [B, outputs]; the network's layers keep state while they compute. */
    private INDArray compute(List<TokenIds> tokens) {
        INDArray[] features = TokenBatch.of(tokens);
        lock.lock();
        try {
            return model.graph().outputSingle(false, features);
        } finally {
            lock.unlock();
        }
    }

    private Prediction prediction(float[] probabilities) {
        Map<String, Double> all = new LinkedHashMap<>();
        int best = 0;
        for (int i = 0; i < labels.size(); i++) {
            all.put(labels.get(i), (double) probabilities[i]);
            best = probabilities[i] > probabilities[best] ? i : best;
        }
        return new Prediction(labels.get(best), probabilities[best], all);
    }
}
