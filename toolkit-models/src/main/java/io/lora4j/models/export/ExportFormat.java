package io.lora4j.models.export;

import io.lora4j.adapter.AdaptedModel;
import io.lora4j.error.UserException;
import io.lora4j.models.ModelStore;
import io.lora4j.models.classify.LoadedAdapter;
import io.lora4j.models.peft.PeftAdapterReader;
import io.lora4j.models.peft.PeftAdapterWriter;
import io.lora4j.models.peft.PeftModel;
import java.nio.file.Path;
import org.nd4j.linalg.api.buffer.DataType;

/** What a trained adapter can be written as. */
public enum ExportFormat {
    /** A Hugging Face folder with the adapter merged in, for transformers. */
    hf {
        @Override
        public ExportCheck write(LoadedAdapter adapter, Path target) {
            return HuggingFaceExport.write(adapter, target);
        }
    },
    /** The adapter alone, for the untouched base, in PEFT's format. */
    peft {
        @Override
        public ExportCheck write(LoadedAdapter adapter, Path target) {
            AdaptedModel trained = adapter.adapted();
            double[] difference = new double[1];
            FolderInPlace.write(target, folder -> {
                PeftAdapterWriter.write(
                        folder,
                        adapter.adapter(),
                        ModelStore.publishedName(adapter.base().name()),
                        adapter.provenance());
                AdaptedModel again = PeftModel.of(
                        adapter.plain(), adapter.base().weights(), PeftAdapterReader.read(folder, DataType.FLOAT));
                difference[0] = PeftModel.difference(trained, again, Samples.of(adapter.base()));
            });
            return ExportCheck.ofLogits(difference[0]);
        }
    },
    /** A DL4J model file with the adapter merged in. */
    dl4j {
        @Override
        public ExportCheck write(LoadedAdapter adapter, Path target) {
            return Dl4jExport.write(adapter, target);
        }
    },
    /** One ONNX file with the adapter merged in, for ONNX Runtime. */
    onnx {
        @Override
        public ExportCheck write(LoadedAdapter adapter, Path target) {
            return OnnxExport.write(adapter, target);
        }
    };

    /**
     * Writes an adapter, reads it back and compares.
     *
     * @param adapter the adapter and its base
     * @param target the file or folder; must not exist. It is complete or not there
     * @return what was compared, and the largest difference of logits, on sequences of many lengths
     * @throws UserException if the target is taken, the disk refuses, or the format cannot hold the classifier
     */
    public abstract ExportCheck write(LoadedAdapter adapter, Path target);
}
