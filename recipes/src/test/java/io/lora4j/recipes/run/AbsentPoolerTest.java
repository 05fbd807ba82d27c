package io.lora4j.recipes.run;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.datasets.TokenCache;
import io.lora4j.error.UserException;
import io.lora4j.models.ModelStore;
import io.lora4j.models.PretrainedModel;
import io.lora4j.models.checkpoint.SafetensorsFile;
import io.lora4j.models.checkpoint.SafetensorsWriter;
import io.lora4j.recipes.Recipe;
import io.lora4j.recipes.RecipeReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A sentence encoder without pooler and a recipe that asks for one: a message with the way out, not a stack trace. */
class AbsentPoolerTest {
    @TempDir
    Path folder = Path.of("");

    @Test
    void poolingByThePoolerIsRefusedWhereThereIsNone() throws IOException {
        Path source = new ModelStore(ModelStore.defaultHome()).resolve("all-MiniLM-L6-v2");
        Path model = Files.createDirectory(folder.resolve("headless"));
        for (String name : List.of("config.json", "tokenizer.json")) {
            Files.copy(source.resolve(name), model.resolve(name));
        }
        Map<String, INDArray> tensors = new LinkedHashMap<>();
        try (SafetensorsFile file = SafetensorsFile.open(source.resolve("model.safetensors"))) {
            for (String name : file.names()) {
                if (!name.startsWith("pooler.")) {
                    tensors.put(name, file.read(name, DataType.FLOAT));
                }
            }
        }
        SafetensorsWriter.write(model.resolve("model.safetensors"), tensors, Map.of());
        UserException e = assertThrows(UserException.class, () -> bench(model, "cls"));
        assertTrue(e.getMessage().contains("set model.pooling=mean"), e.getMessage());
        bench(model, "mean");
        bench(model, "first-token");
    }

    private void bench(Path model, String pooling) throws IOException {
        Path file = Files.writeString(folder.resolve("recipe.yaml"), """
                model: {name: "%s", pooling: %s, max_length: 32}
                task: sentiment
                methods: [{name: lora, learning_rate: 1e-3}]
                adapter: {rank: 2, alpha: 4}
                train: {steps: 1, batch: 4}
                data: {max_train_samples: 8, max_eval_samples: 8}
                """.formatted(model, pooling));
        Recipe recipe = RecipeReader.read(file, List.of());
        PretrainedModel loaded = new ModelStore(folder).load(recipe.model().name(), DataType.FLOAT);
        Workbench.of(recipe, loaded, Workbench.readData(recipe), new TokenCache(folder.resolve("tokens")));
    }
}
