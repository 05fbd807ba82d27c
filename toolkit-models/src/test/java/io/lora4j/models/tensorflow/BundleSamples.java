package io.lora4j.models.tensorflow;

import io.lora4j.models.source.FileTree;
import io.lora4j.models.tokenizer.BertTokenizerJson;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** The small SavedModel for tests of other packages. */
public final class BundleSamples {
    private BundleSamples() {}

    /** A model that can be imported. */
    public static FileTree tiny() {
        return new TinyBundle().tree();
    }

    /** An index in which one entry has changed bytes; its blocks have right checksums. */
    public static byte[] indexWithMutatedEntry(Random random) {
        Map<String, byte[]> entries = new TinyBundle().entries();
        List<String> names = new ArrayList<>(entries.keySet());
        byte[] value = entries.get(names.get(random.nextInt(names.size()))).clone();
        for (int n = random.nextInt(3); n >= 0; n--) {
            value[random.nextInt(value.length)] = (byte) random.nextInt(256);
        }
        entries.put(names.get(random.nextInt(names.size())), value);
        return TinyBundle.table(entries);
    }

    /** A complete tokenizer of seven tokens. */
    public static byte[] tokenizerJson() {
        return BertTokenizerJson.of(
                        new TinyBundle().vocabulary.getBytes(StandardCharsets.UTF_8), Path.of("vocab.txt"), 7)
                .toString()
                .getBytes(StandardCharsets.UTF_8);
    }
}
