package io.lora4j.network;

import io.lora4j.error.FormatException;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Reading and writing parts of zip files; written beside the final name and moved into place. */
final class ZipParts {
    private ZipParts() {}

    /** What fills a new file. */
    @FunctionalInterface
    interface Content {
        void write(ZipOutputStream zip) throws IOException;
    }

    static void replace(Path file, Content content) {
        Path target = file.toAbsolutePath();
        try {
            Path folder = target.getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
            Path part = target.resolveSibling(target.getFileName() + ".part");
            try {
                try (OutputStream out = Files.newOutputStream(part);
                        ZipOutputStream zip = new ZipOutputStream(out)) {
                    content.write(zip);
                }
                Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(part);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    static void put(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
        zip.putNextEntry(entry(name));
        zip.write(bytes);
        zip.closeEntry();
    }

    static void put(ZipOutputStream zip, String name, INDArray array) throws IOException {
        zip.putNextEntry(entry(name));
        DataOutputStream data = new DataOutputStream(zip);
        Nd4j.write(array, data);
        data.flush();
        zip.closeEntry();
    }

    /** No clock time: the same content is the same file. */
    private static ZipEntry entry(String name) {
        ZipEntry entry = new ZipEntry(name);
        entry.setTime(315_532_800_000L);
        return entry;
    }

    static byte[] bytes(Path file, ZipFile zip, String name) throws IOException {
        try (InputStream in = open(file, zip, name)) {
            return in.readAllBytes();
        }
    }

    static INDArray array(Path file, ZipFile zip, String name) throws IOException {
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(open(file, zip, name)))) {
            return Nd4j.read(in);
        } catch (FormatException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new IOException("part " + name + ": " + e.getMessage(), e);
        }
    }

    private static InputStream open(Path file, ZipFile zip, String name) throws IOException {
        ZipEntry entry = zip.getEntry(name);
        if (entry == null) {
            throw new FormatException(file, "it has no part \"" + name + "\": it was not written by LoRA4J");
        }
        return zip.getInputStream(entry);
    }
}
