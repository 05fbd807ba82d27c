package io.lora4j.recipes.fetch;

import io.lora4j.error.FormatException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * Takes named files out of an archive that may be hostile.
 *
 * <p>Only the wanted names are ever written, so no entry can lead out of the folder; an archive that tries is refused all the same. An entry
 * may expand to {@value #MAX_RATIO} times its compressed size once it is longer than {@value #FREE_BYTES} bytes, and to {@value
 * #MAX_BYTES} bytes at most; what it says of its own sizes is not believed beyond the archive's size on disk.
 */
final class SafeUnzip {
    static final long FREE_BYTES = 16L << 20;
    static final int MAX_RATIO = 100;
    private static final long MAX_BYTES = 1L << 31;
    private static final int MAX_ENTRIES = 10_000;
    private static final int BLOCK_BYTES = 1 << 16;

    private SafeUnzip() {}

    /**
     * Unpacks.
     *
     * @param archive a ZIP file
     * @param wanted the entries' names, with {@code /}
     * @param into a folder; entries are written below it under their names
     * @throws FormatException if this is no ZIP file, a wanted entry is missing or there twice, a name leads out of the folder, or an entry
     *     expands to more than it may
     * @throws IOException if the disk refuses
     */
    static void extract(Path archive, Collection<String> wanted, Path into) throws IOException {
        try (ZipFile zip = new ZipFile(archive.toFile())) {
            checkNames(archive, zip);
            for (String name : wanted) {
                ZipEntry entry = zip.getEntry(name);
                if (entry == null || entry.isDirectory()) {
                    throw new FormatException(archive, "there is no " + name + " in the archive");
                }
                Path file = into.resolve(name);
                Path folder = file.getParent();
                if (folder != null) {
                    Files.createDirectories(folder);
                }
                copy(archive, zip, entry, file);
            }
        } catch (ZipException e) {
            throw new FormatException(archive, "this is no readable ZIP file: " + e.getMessage());
        }
    }

    private static void checkNames(Path archive, ZipFile zip) {
        if (zip.size() > MAX_ENTRIES) {
            throw new FormatException(archive, "the archive has more than " + MAX_ENTRIES + " entries");
        }
        Set<String> names = new HashSet<>();
        Enumeration<? extends ZipEntry> entries = zip.entries();
        while (entries.hasMoreElements()) {
            String name = entries.nextElement().getName();
            String plain = name.replace('\\', '/');
            if (plain.startsWith("/")
                    || plain.contains(":")
                    || List.of(plain.split("/", -1)).contains("..")) {
                throw new FormatException(archive, "the entry " + name + " leads out of the archive's folder");
            }
            if (!names.add(name)) {
                throw new FormatException(archive, "the entry " + name + " stands twice in the archive");
            }
        }
    }

    private static void copy(Path archive, ZipFile zip, ZipEntry entry, Path file) throws IOException {
        long compressed = Math.min(Math.max(entry.getCompressedSize(), 0), Files.size(archive));
        long most = Math.min(MAX_BYTES, Math.max(FREE_BYTES, compressed * MAX_RATIO));
        long total = 0;
        byte[] block = new byte[BLOCK_BYTES];
        try (InputStream in = zip.getInputStream(entry);
                OutputStream out = Files.newOutputStream(file)) {
            for (int n = in.read(block); n >= 0; n = in.read(block)) {
                total += n;
                if (total > most) {
                    throw new FormatException(
                            archive,
                            "the entry " + entry.getName() + " expands to more than " + most
                                    + " bytes: this is no archive of texts");
                }
                out.write(block, 0, n);
            }
        }
    }
}
