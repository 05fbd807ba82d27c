package io.lora4j.cli;

import io.lora4j.error.Suggestions;
import io.lora4j.error.UserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The recipes that come with the program: the YAML files in its {@code recipes} folder and one level below, named by their path
 * without the ending, e.g. {@code quickstart} or {@code glue/cola}.
 *
 * <p>The launcher says where the folder is (system property {@code lora4j.recipes}).
 *
 * @param folder the folder, absolute
 */
record ShippedRecipes(Path folder) {
    private static final String ENDING = ".yaml";
    /** The build's own folders: the recipes folder is a Maven module too. */
    private static final List<String> NOT_RECIPES = List.of("src", "target");

    /**
     * One shipped recipe.
     *
     * @param name its name, e.g. {@code glue/cola}
     * @param file its file
     */
    record Shipped(String name, Path file) {}

    /**
     * All shipped recipes by name.
     *
     * @return recipes, those of the top level first, then by name
     * @throws UserException if the folder cannot be read
     */
    List<Shipped> list() {
        try (Stream<Path> files = Files.walk(folder, 2)) {
            return files.filter(file -> file.toString().endsWith(ENDING) && Files.isRegularFile(file))
                    .filter(file -> !NOT_RECIPES.contains(
                            folder.relativize(file).getName(0).toString()))
                    .sorted((a, b) -> a.getNameCount() != b.getNameCount()
                            ? Integer.compare(a.getNameCount(), b.getNameCount())
                            : a.compareTo(b))
                    .map(file -> new Shipped(nameOf(file), file))
                    .toList();
        } catch (IOException failure) {
            throw new UserException(
                    folder + ": the shipped recipes cannot be read: start the program with its launcher ./lora4j",
                    failure);
        }
    }

    /**
     * The file a user means: an existing path first, else a shipped recipe's name, with or without {@code .yaml} and a leading
     * {@code recipes/}.
     *
     * @param nameOrPath what the user wrote
     * @return an existing file
     * @throws UserException if it is neither; with the nearest name
     */
    Path resolve(String nameOrPath) {
        Path path = Path.of(nameOrPath);
        if (Files.isRegularFile(path)) {
            return path;
        }
        return shipped(nameOrPath).file();
    }

    /**
     * A shipped recipe.
     *
     * @param nameOrPath its name, with or without {@code .yaml} and a leading {@code recipes/}
     * @return the recipe
     * @throws UserException if there is none of that name; with the nearest name
     */
    Shipped shipped(String nameOrPath) {
        String name = nameOrPath.endsWith(ENDING)
                ? nameOrPath.substring(0, nameOrPath.length() - ENDING.length())
                : nameOrPath;
        String wanted = name.startsWith("recipes/") ? name.substring("recipes/".length()) : name;
        List<Shipped> known = list();
        for (Shipped recipe : known) {
            if (recipe.name().equals(wanted)) {
                return recipe;
            }
        }
        List<String> names = known.stream().map(Shipped::name).toList();
        throw new UserException(nameOrPath + ": there is no such file, and no shipped recipe of that name"
                + Suggestions.hint(wanted, names) + "\nList the shipped ones with: lora4j ls recipes");
    }

    private String nameOf(Path file) {
        String relative = folder.relativize(file).toString().replace('\\', '/');
        return relative.substring(0, relative.length() - ENDING.length());
    }
}
