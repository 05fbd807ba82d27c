package io.lora4j.blas;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;

/**
 * The files of matrix libraries among what a Linux process has mapped ({@code /proc/self/maps}): what is loaded, whatever anybody was told.
 *
 * <p>Bytedeco's MKL has copies of its entry library under OpenBLAS's names, so a file's folder decides before its name does.
 */
final class MappedLibraries {
    private static final Path MAPS = Path.of("/proc/self/maps");

    private MappedLibraries() {}

    /** Paths in alphabetical order; empty where there is no such file. */
    static List<String> ofThisProcess() {
        try {
            return in(Files.readString(MAPS, StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            return List.of(); // not Linux, or not allowed: ND4J's word has to do
        }
    }

    /** The libraries' paths in the text of such a file. */
    static List<String> in(String maps) {
        TreeSet<String> paths = new TreeSet<>();
        maps.lines().forEach(line -> {
            int start = line.indexOf('/');
            if (start >= 0 && isEntry(line.substring(line.lastIndexOf('/') + 1))) {
                paths.add(line.substring(start));
            }
        });
        return List.copyOf(paths);
    }

    /** Not the bindings (libjniopenblas.so), and of MKL's many files only the one that programs call. */
    private static boolean isEntry(String name) {
        return name.startsWith("libopenblas") || name.startsWith("libmkl_rt");
    }

    static boolean belongsTo(BlasVendor vendor, String path) {
        String name = path.substring(path.lastIndexOf('/') + 1);
        boolean mkl = name.startsWith("libmkl_rt") || path.contains("/org/bytedeco/mkl/");
        return mkl == (vendor == BlasVendor.MKL);
    }
}
