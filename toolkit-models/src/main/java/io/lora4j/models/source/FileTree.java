package io.lora4j.models.source;

import io.lora4j.error.FormatException;
import io.lora4j.error.UserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Files by their names, which are relative and have slashes.
 *
 * @param root what the tree was made of, for messages
 * @param files name to content, sorted by name
 */
public record FileTree(Path root, Map<String, ByteSource> files) {
    private static final int DEPTH = 8;

    /** Copies the map. */
    public FileTree {
        files = Collections.unmodifiableMap(new TreeMap<>(files));
    }

    /**
     * Lists a folder, or a JAR or ZIP file; entries that are ZIP files themselves are listed too, see {@link #nested}.
     *
     * @param path a folder or an archive
     * @return the tree; holds no open file
     * @throws FormatException if the archive is damaged
     * @throws UserException if there is nothing or it cannot be read
     */
    public static FileTree open(Path path) {
        try {
            if (Files.isDirectory(path)) {
                return folder(path);
            }
            if (!Files.exists(path)) {
                throw new UserException("no such file or folder: " + path);
            }
            return ZipTree.of(path);
        } catch (IOException e) {
            throw new UserException("cannot read " + path + ": " + e.getMessage(), e);
        }
    }

    private static FileTree folder(Path folder) throws IOException {
        Map<String, ByteSource> files = new TreeMap<>();
        try (Stream<Path> walk = Files.walk(folder, DEPTH)) {
            for (Path file : walk.filter(Files::isRegularFile).toList()) {
                files.put(folder.relativize(file).toString().replace('\\', '/'), ByteSource.of(file));
            }
        }
        return new FileTree(folder, files);
    }

    /**
     * The ZIP files inside this tree, whatever their names: told by their first bytes.
     *
     * @return their trees, which read through the outer archive front to back
     * @throws FormatException if one of them is damaged
     * @throws IOException if reading fails
     */
    public List<FileTree> nested() throws IOException {
        List<FileTree> found = new ArrayList<>();
        for (ByteSource file : files.values()) {
            if (ZipTree.isZip(file)) {
                found.add(ZipTree.within(file));
            }
        }
        return found;
    }

    /**
     * The content of a file.
     *
     * @param name its name in the tree
     * @return the content, or null if there is no such file
     */
    public @Nullable ByteSource find(String name) {
        return files.get(name);
    }

    /**
     * The names that end as given.
     *
     * @param ending the last characters of a name
     * @return sorted names
     */
    public List<String> endingWith(String ending) {
        return files.keySet().stream().filter(name -> name.endsWith(ending)).toList();
    }

    /**
     * The part of this tree below a folder of it.
     *
     * @param prefix the folder's name with its closing slash, or nothing for the whole tree
     * @return the tree of names without the prefix
     */
    public FileTree below(String prefix) {
        Map<String, ByteSource> inside = new TreeMap<>();
        files.forEach((name, bytes) -> {
            if (name.startsWith(prefix)) {
                inside.put(name.substring(prefix.length()), bytes);
            }
        });
        return new FileTree(root, inside);
    }
}
