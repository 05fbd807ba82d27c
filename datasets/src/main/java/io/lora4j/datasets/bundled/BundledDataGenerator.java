package io.lora4j.datasets.bundled;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Writes the bundled data set: three tasks of training and evaluation rows, the same bytes on every platform.
 *
 * <p>For each row a frame, one of its pairs of templates and words are drawn, then the label decides which template of the pair
 * is filled. Labels follow fixed counts, so frame, words and label are independent but for chance: nothing but the way the words
 * are put together tells the label. Evaluation rows draw their words from lists of their own, and {@link Plan#devOnlyPercent} of
 * them their frame from those that training never sees. No text (or pair) occurs twice in a task.
 */
public final class BundledDataGenerator {
    private static final String ROOT = "/io/lora4j/datasets/bundled/grammar/";
    private static final long SEED = 20260101L;

    /** How a task is drawn. */
    private record Plan(
            String task, String header, boolean pair, int train, int dev, int positivePercent, int devOnlyPercent) {}

    private static final List<Plan> PLANS = List.of(
            new Plan("acceptability", "sentence\tlabel", false, 2400, 400, 54, 40),
            new Plan("sentiment", "sentence\tlabel", false, 1600, 400, 52, 40),
            new Plan("paraphrase", "sentence1\tsentence2\tlabel", true, 2400, 400, 46, 40));

    private final Lexicon lexicon = new Lexicon(lines("lexicon.txt"));
    private final Plan plan;
    private final List<Frame> frames;
    private final Split split;
    private final Set<Set<String>> seen;
    private final SplittableRandom random;

    /** One file's generator: a random stream of its own, so that a change of one file's size leaves the other as it was. */
    private BundledDataGenerator(Plan plan, Split split, Set<Set<String>> seen) {
        this.plan = plan;
        this.frames = Frame.parse(lines(plan.task() + ".txt"));
        this.split = split;
        this.seen = seen;
        this.random = new SplittableRandom(SEED + (plan.task() + split).hashCode());
    }

    /**
     * Writes the files into a folder: {@code TASK/train.tsv} and {@code TASK/dev.tsv}.
     *
     * @param arguments the folder, normally {@code datasets/src/main/resources/io/lora4j/datasets/bundled}
     * @throws IOException if a file cannot be written
     */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 1) {
            throw new IllegalArgumentException("needs one argument: the folder to write to");
        }
        for (Map.Entry<String, String> file : generate().entrySet()) {
            Path path = Path.of(arguments[0]).resolve(file.getKey());
            Files.createDirectories(path.resolveSibling("."));
            Files.writeString(path, file.getValue());
        }
    }

    /**
     * Generates all files.
     *
     * @return content by file name, e.g. {@code sentiment/dev.tsv}
     */
    public static Map<String, String> generate() {
        Map<String, String> files = new HashMap<>();
        for (Plan plan : PLANS) {
            Set<Set<String>> seen = new HashSet<>();
            files.put(plan.task() + "/train.tsv", new BundledDataGenerator(plan, Split.TRAIN, seen).file(plan.train()));
            files.put(plan.task() + "/dev.tsv", new BundledDataGenerator(plan, Split.DEV, seen).file(plan.dev()));
        }
        return files;
    }

    private String file(int count) {
        List<Integer> labels = shuffledLabels(count);
        StringBuilder file = new StringBuilder(plan.header()).append('\n');
        for (int label : labels) {
            for (String sentence : newRow(label)) {
                file.append(sentence).append('\t');
            }
            file.append(label).append('\n');
        }
        return file.toString();
    }

    private List<Integer> shuffledLabels(int count) {
        List<Integer> labels = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            labels.add(i * 100 < plan.positivePercent() * count ? 1 : 0);
        }
        for (int i = count - 1; i > 0; i--) {
            int j = below(i + 1);
            Integer swapped = labels.get(i);
            labels.set(i, labels.get(j));
            labels.set(j, swapped);
        }
        return labels;
    }

    private List<String> newRow(int label) {
        while (true) {
            boolean devOnly = split == Split.DEV && below(100) < plan.devOnlyPercent();
            Frame frame =
                    pick(frames.stream().filter(f -> f.devOnly() == devOnly).toList());
            Frame.Twins twins = pick(frame.twins());
            List<String> row = (label == 1 ? twins.positive() : twins.negative()).fill(words(twins));
            if (plan.pair() && below(2) == 0) {
                row = List.of(row.get(1), row.get(0));
            }
            if (seen.add(new HashSet<>(row))) { // a set: the same pair in the other order would be the same row
                return row;
            }
        }
    }

    /** Words for the slots of both twins, so that the label has no influence on which words are drawn. */
    private Map<Template.Slot, Lexicon.Word> words(Frame.Twins twins) {
        List<Template.Slot> slots = new ArrayList<>(twins.positive().slots());
        twins.negative().slots().stream().filter(slot -> !slots.contains(slot)).forEach(slots::add);
        Map<Template.Slot, Lexicon.Word> words = new HashMap<>();
        for (Template.Slot slot : slots) {
            List<Lexicon.Word> free = lexicon.words(slot.category(), split).stream()
                    .filter(word -> !words.containsValue(word))
                    .toList();
            words.put(slot, pick(free));
        }
        return words;
    }

    private <T> T pick(List<T> list) {
        return list.get(below(list.size()));
    }

    /** SplitMix64's own 64 bits reduced here: how the JDK reduces them is not promised to stay. */
    private int below(int bound) {
        return (int) Long.remainderUnsigned(random.nextLong(), bound);
    }

    private static List<String> lines(String file) {
        try (InputStream stream = BundledDataGenerator.class.getResourceAsStream(ROOT + file)) {
            if (stream == null) {
                throw new IllegalStateException("the class path lacks " + ROOT + file);
            }
            return new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))
                    .lines()
                    .toList();
        } catch (IOException e) {
            throw new IllegalStateException("cannot read " + file, e);
        }
    }
}
