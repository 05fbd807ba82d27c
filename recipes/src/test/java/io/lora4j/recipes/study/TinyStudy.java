package io.lora4j.recipes.study;

import io.lora4j.recipes.Study;
import io.lora4j.recipes.StudyReader;
import io.lora4j.recipes.run.RunOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BooleanSupplier;

/** A made-up task, and a study of it on a random BERT of two layers. */
final class TinyStudy {
    private static final String RECIPE = """
            model: {name: %s, pooling: cls, max_length: 12}
            task: {format: tsv, train: train.tsv, dev: dev.tsv, text: sentence, label: label, labels: [neg, pos]}
            search: {learning_rates: [1e-3, 1e-2], trials: 2, seed: 5, holdout: 0.25}
            sweep:
              adapter.rank: [1, 2]
            methods:
              - zero-step
              - lora
              - {name: lora-ga, grid: {gamma: [16, 64]}}
            adapter: {alpha: 4}
            gradient: {examples: 16}
            train: {epochs: 2, batch: 16, dropout: 0.1, seeds: [1, 2]}
            """;

    private TinyStudy() {}

    /** Writes data and recipe. */
    static Path write(Path folder) throws IOException {
        Random random = new Random(11);
        Files.writeString(folder.resolve("train.tsv"), rows(random, 64));
        Files.writeString(folder.resolve("dev.tsv"), rows(random, 33));
        Path model = Path.of("src/test/resources/tiny-bert").toAbsolutePath();
        return Files.writeString(folder.resolve("tiny.yaml"), RECIPE.formatted(model));
    }

    private static String rows(Random random, int count) {
        List<String> good = List.of("good", "fine", "great", "nice");
        List<String> bad = List.of("bad", "poor", "dull", "sad");
        StringBuilder text = new StringBuilder("sentence\tlabel\n");
        for (int i = 0; i < count; i++) {
            boolean positive = random.nextBoolean();
            text.append("the ")
                    .append(List.of("film", "book", "song", "meal").get(random.nextInt(4)))
                    .append(" was ")
                    .append((positive ? good : bad).get(random.nextInt(4)))
                    .append(positive ? "\tpos\n" : "\tneg\n");
        }
        return text.toString();
    }

    static Study read(Path folder, String... overrides) {
        return StudyReader.read(folder.resolve("tiny.yaml"), List.of(overrides), folder);
    }

    static RunOptions options(Path folder, String output, BooleanSupplier stop) {
        return new RunOptions(folder.resolve("home"), folder.resolve("runs"), folder.resolve(output), Map.of(), stop);
    }
}
