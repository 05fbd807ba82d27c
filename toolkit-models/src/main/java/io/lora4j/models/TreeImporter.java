package io.lora4j.models;

import io.lora4j.error.FormatException;
import io.lora4j.models.checkpoint.HuggingFaceFolder;
import io.lora4j.models.onnx.OnnxBertImporter;
import io.lora4j.models.source.ByteSource;
import io.lora4j.models.source.FileTree;
import io.lora4j.models.tensorflow.SavedModelImporter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Tells what kind of model a tree of files holds and imports it: a Hugging Face folder, an ONNX export with its tokenizer, or a TensorFlow
 * SavedModel, which may lie in a ZIP file inside the tree.
 */
final class TreeImporter {
    private static final String ONNX = ".onnx";
    private static final String SAFETENSORS = ".safetensors";

    private TreeImporter() {}

    /**
     * Imports the one model of a tree.
     *
     * @param tree the files
     * @param folder an existing folder, filled with a Hugging Face folder's files
     * @return what was imported, for the model's seal: the name of the file that held it
     * @throws FormatException if there is no model, more than one, or a damaged one
     * @throws IOException if reading fails
     */
    static String importInto(FileTree tree, Path folder) throws IOException {
        List<String> graphs = tree.endingWith(SavedModelImporter.GRAPH);
        List<String> onnx = tree.endingWith(ONNX);
        List<String> weights = tree.endingWith(SAFETENSORS);
        int kinds = (graphs.isEmpty() ? 0 : 1) + (onnx.isEmpty() ? 0 : 1) + (weights.isEmpty() ? 0 : 1);
        if (kinds > 1) {
            throw new FormatException(
                    tree.root(), "there is more than one model: " + graphs + ", " + onnx + ", " + weights);
        }
        if (!weights.isEmpty()) {
            return copyFolder(tree, only(tree, tree.endingWith(HuggingFaceFolder.CONFIG)), folder);
        }
        if (!onnx.isEmpty()) {
            return importOnnx(tree, only(tree, onnx), folder);
        }
        if (!graphs.isEmpty()) {
            String graph = only(tree, graphs);
            String prefix = graph.substring(0, graph.length() - SavedModelImporter.GRAPH.length());
            SavedModelImporter.importModel(tree.below(prefix), folder);
            return graph;
        }
        return importNested(tree, folder);
    }

    private static String importNested(FileTree tree, Path folder) throws IOException {
        List<FileTree> models = new ArrayList<>();
        for (FileTree nested : tree.nested()) {
            if (!nested.endingWith(SavedModelImporter.GRAPH).isEmpty()) {
                models.add(nested);
            }
        }
        if (models.size() != 1) {
            throw new FormatException(
                    tree.root(),
                    "there is " + (models.isEmpty() ? "no model" : "more than one model")
                            + " in it; looked for .safetensors files with config.json, one .onnx file with its tokenizer.json,"
                            + " and a TensorFlow SavedModel (" + SavedModelImporter.GRAPH + ")");
        }
        FileTree nested = models.get(0);
        return nested.root().getFileName() + "!" + importInto(nested, folder);
    }

    private static String only(FileTree tree, List<String> names) {
        if (names.size() != 1) {
            throw new FormatException(tree.root(), "exactly one is needed, there are " + names);
        }
        return names.get(0);
    }

    private static String importOnnx(FileTree tree, String onnx, Path folder) throws IOException {
        List<String> tokenizers = tree.endingWith(HuggingFaceFolder.TOKENIZER);
        if (tokenizers.isEmpty()) {
            throw new FormatException(
                    tree.root(),
                    "there is " + onnx + " but no " + HuggingFaceFolder.TOKENIZER + " (or a file whose name ends so)");
        }
        OnnxBertImporter.importModel(source(tree, onnx), source(tree, only(tree, tokenizers)), folder);
        return onnx;
    }

    private static ByteSource source(FileTree tree, String name) {
        ByteSource source = tree.find(name);
        if (source == null) {
            throw new IllegalStateException(name + " was listed but is not there");
        }
        return source;
    }

    /** Plain files of the folder in which {@code config.json} lies; nothing deeper, and no weights in other formats. */
    private static String copyFolder(FileTree tree, String config, Path folder) throws IOException {
        String prefix = config.substring(0, config.length() - HuggingFaceFolder.CONFIG.length());
        FileTree below = tree.below(prefix);
        for (String name : below.files().keySet()) {
            boolean wanted = name.endsWith(".json") || name.endsWith(SAFETENSORS) || name.endsWith(".txt");
            if (wanted && name.matches("[A-Za-z0-9_][A-Za-z0-9._-]*") && !name.equals(ModelSeal.FILE)) {
                try (InputStream in = source(below, name).open()) {
                    Files.copy(in, folder.resolve(name));
                }
            }
        }
        return config;
    }
}
