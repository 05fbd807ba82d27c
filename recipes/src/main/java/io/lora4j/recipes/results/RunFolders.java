package io.lora4j.recipes.results;

import io.lora4j.error.UserException;
import io.lora4j.models.checkpoint.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Finds run directories. A study has two kinds below each of its combinations: {@code search}, by which rates are chosen on a held-out part of the
 * training set, and {@code final}, whose results count. Searches are found only where they are asked for, or named themselves.
 */
public final class RunFolders {
    private static final String SEARCH = "search";
    private static final String FINAL = "final";
    private static final String CHOICE = "choice.json";
    private static final String STUDY = "study.yaml";

    /** Deeper than any study; a loop of links ends here. */
    private static final int DEEPEST = 8;

    private RunFolders() {}

    /**
     * Finds the runs whose results count.
     *
     * @param folders run directories, studies, or folders above them
     * @return run directories, each once, by the given folders and then by name
     * @throws UserException if a folder is not there, or has no run below it
     */
    public static List<Path> find(List<Path> folders) {
        return find(folders, false);
    }

    /**
     * Finds runs.
     *
     * @param folders run directories, studies, or folders above them
     * @param searches whether the searches of studies are wanted too
     * @return run directories, each once, by the given folders and then by name
     * @throws UserException if a folder is not there, or has no run below it
     */
    public static List<Path> find(List<Path> folders, boolean searches) {
        Set<Path> found = new LinkedHashSet<>();
        for (Path folder : folders) {
            if (!Files.isDirectory(folder)) {
                throw new UserException(
                        folder + ": there is no such folder; name run directories, or folders above them");
            }
            List<Path> below = new ArrayList<>();
            collect(folder, searches, 0, below);
            if (below.isEmpty()) {
                throw new UserException(
                        "there is no run in " + folder + " or below it (a run directory has recipe.yaml and trials/)"
                                + unfinishedStudy(folder, searches));
            }
            found.addAll(below);
        }
        return List.copyOf(found);
    }

    private static String unfinishedStudy(Path folder, boolean searches) {
        List<Path> all = new ArrayList<>();
        if (!searches) {
            collect(folder, true, 0, all);
        }
        return all.isEmpty()
                ? ""
                : "; its study has searched but chosen nothing yet: go on with it, or name the search itself, "
                        + all.get(0);
    }

    private static void collect(Path folder, boolean searches, int depth, List<Path> found) {
        if (RunReader.isRun(folder)) {
            found.add(folder.normalize());
            return;
        }
        if (depth == DEEPEST) {
            return;
        }
        for (Path below : folders(folder)) {
            if (searches || !isSearch(below)) {
                collect(below, searches, depth + 1, found);
            }
        }
    }

    /** A folder of that name is a search where a study is beside or above it, or where it has rounds of halving in it. */
    private static boolean isSearch(Path folder) {
        Path parent = folder.toAbsolutePath().normalize().getParent();
        if (parent == null || !String.valueOf(folder.getFileName()).equals(SEARCH)) {
            return false;
        }
        return Files.exists(parent.resolve(CHOICE))
                || Files.exists(parent.resolve(FINAL))
                || Files.exists(parent.resolve(STUDY))
                || Files.exists(parent.resolveSibling(STUDY))
                || !RunReader.isRun(folder);
    }

    private static List<Path> folders(Path folder) {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(Files::isDirectory)
                    .filter(path -> !String.valueOf(path.getFileName()).startsWith("."))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UserException("cannot read " + folder + ": " + AtomicFile.reason(e), e);
        }
    }
}
