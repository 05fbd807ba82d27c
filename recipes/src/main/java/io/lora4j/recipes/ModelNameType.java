package io.lora4j.recipes;

import io.lora4j.error.Suggestions;
import io.lora4j.error.UserException;
import io.lora4j.models.ModelStore;
import io.lora4j.recipes.schema.Problems;
import io.lora4j.recipes.schema.Shape;
import io.lora4j.recipes.schema.Tree;
import io.lora4j.recipes.schema.Type;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A known encoder, a reference to fetch one by, or the path of a Hugging Face folder; a path becomes absolute. */
final class ModelNameType implements Type<String> {
    @Override
    public @Nullable String read(Tree tree, String path, Problems problems) {
        if (!(tree instanceof Tree.Scalar scalar) || scalar.text().isBlank()) {
            problems.add(tree.origin(), path + " must be " + describe() + ", not " + tree.describe());
            return null;
        }
        String name = scalar.text();
        String canonical = ModelStore.canonicalName(name);
        if (canonical != null) {
            return canonical;
        }
        try {
            if (ModelStore.isReference(name)) {
                return name;
            }
        } catch (UserException malformed) {
            problems.add(tree.origin(), path + ": " + malformed.getMessage());
            return null;
        }
        List<String> known = ModelStore.knownNames();
        Path folder = folder(scalar);
        if (folder != null && Files.isDirectory(folder)) {
            return folder.toString();
        }
        boolean meantAsPath = name.startsWith(".") || name.contains("/") || name.contains("\\");
        problems.add(
                tree.origin(),
                meantAsPath && folder != null
                        ? path + ": there is no folder " + folder
                        : path + ": unknown model \"" + name + "\"" + Suggestions.hint(name, known)
                                + " (or the path of a folder with config.json, model.safetensors and tokenizer.json)");
        return null;
    }

    private static @Nullable Path folder(Tree.Scalar scalar) {
        try {
            return scalar.origin().base().resolve(scalar.text()).normalize();
        } catch (InvalidPathException e) {
            return null;
        }
    }

    @Override
    public String describe() {
        return String.join(" | ", ModelStore.knownNames()) + " | maven:GROUP:ARTIFACT:VERSION |"
                + " hf:ORGANISATION/NAME@REVISION, or the path of a Hugging Face folder";
    }

    @Override
    public Shape shape() {
        return new Shape.Either(List.of(
                new Shape.Choice(ModelStore.knownNames()),
                new Shape.Text("the path of a Hugging Face folder, maven:..., or hf:...", null)));
    }
}
