package io.lora4j.recipes.run;

import io.lora4j.adapter.AdaptedModel;
import io.lora4j.datasets.EncodedExample;
import io.lora4j.datasets.PackedBatch;
import io.lora4j.error.UserException;
import io.lora4j.models.ModelStore;
import io.lora4j.models.peft.PeftAdapter;
import io.lora4j.models.peft.PeftAdapterReader;
import io.lora4j.models.peft.PeftAdapterWriter;
import io.lora4j.models.peft.PeftModel;
import io.lora4j.recipes.Recipe;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes a trial's adapter for the untouched base, reads it back, and says what it is. */
final class AdapterFolder {
    private static final Logger LOG = LoggerFactory.getLogger(AdapterFolder.class);

    /** Dev examples on which the written adapter is held against the trained model. */
    private static final int CHECKED = 16;

    /** Far above what float32 loses, far below what a wrong adapter does. */
    private static final double LIMIT = 1e-2;

    private AdapterFolder() {}

    /**
     * Writes the folder.
     *
     * @param model the trained model
     * @param adapter its adapter relative to the untouched base
     * @param origin what a reader must know beside the weights
     * @throws UserException if the disk refuses
     * @throws IllegalStateException if what was written is not what was trained
     */
    static void write(
            Path folder,
            Workbench bench,
            Recipe.MethodChoice method,
            TrialResult result,
            AdaptedModel model,
            PeftAdapter adapter,
            Map<String, Object> origin) {
        PeftAdapterWriter.write(
                folder, adapter, ModelStore.publishedName(bench.model().name()), origin);
        AdaptedModel again = PeftModel.of(
                bench.plain(bench.model().config(), 0),
                bench.model().weights(),
                PeftAdapterReader.read(folder, bench.dtype()));
        List<EncodedExample> examples =
                bench.dev().subList(0, Math.min(CHECKED, bench.dev().size()));
        MultiDataSet batch = PackedBatch.collate(examples, bench.outputs(), bench.dtype());
        double difference = PeftModel.difference(model, again, batch);
        LOG.info(
                "adapter written and read back: its logits differ from the trained model's by {} at most",
                String.format(Locale.ROOT, "%.1e", difference));
        if (!(difference < LIMIT)) {
            throw new IllegalStateException("the adapter written to " + folder
                    + " is not the one that was trained: its logits differ by " + difference);
        }
        Json.text(folder.resolve("README.md"), new AdapterCard(bench, method, result, adapter, difference).text());
    }
}
