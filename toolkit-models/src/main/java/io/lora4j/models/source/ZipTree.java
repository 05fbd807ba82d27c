package io.lora4j.models.source;

import io.lora4j.error.FormatException;
import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import org.jspecify.annotations.Nullable;

/**
 * ZIP and JAR files as trees, and ZIP files that are entries of another one.
 *
 * <p>An archive has at most {@value #MAX_ENTRIES} entries. No entry may expand to more than {@value #MAX_RATIO} times its compressed
 * size (weights compress to half at best) once it is longer than {@value #FREE_BYTES} bytes: that ends a zip bomb after a fraction of a
 * second. The inner archive's own entries are bound the same way, measured against what was read of the outer one.
 */
final class ZipTree {
    static final int MAX_ENTRIES = 10_000;
    static final int MAX_RATIO = 100;
    static final long FREE_BYTES = 64L << 20;
    private static final int SMALL_BYTES = 8 << 20;
    private static final int MAX_KEPT_BYTES = 64 << 20;

    private ZipTree() {}

    static FileTree of(Path archive) throws IOException {
        Map<String, ByteSource> files = new HashMap<>();
        try (ZipFile zip = new ZipFile(archive.toFile())) {
            if (zip.size() > MAX_ENTRIES) {
                throw tooMany(archive);
            }
            Enumeration<? extends ZipEntry> entries = zip.entries();
            while (entries.hasMoreElements()) {
                ZipEntry entry = entries.nextElement();
                if (!entry.isDirectory() && files.put(entry.getName(), new Entry(archive, entry.getName())) != null) {
                    throw new FormatException(archive, "the entry " + entry.getName() + " stands twice in the archive");
                }
            }
        } catch (ZipException e) {
            throw new FormatException(archive, "this is no readable ZIP or JAR file: " + e.getMessage());
        }
        return new FileTree(archive, files);
    }

    private static FormatException tooMany(Path archive) {
        return new FormatException(archive, "the archive has more than " + MAX_ENTRIES + " entries");
    }

    static boolean isZip(ByteSource file) throws IOException {
        try (InputStream in = file.open()) {
            byte[] magic = in.readNBytes(4);
            return magic.length == 4 && magic[0] == 'P' && magic[1] == 'K' && magic[2] == 3 && magic[3] == 4;
        }
    }

    /** A ZIP file that can only be read front to back. */
    static FileTree within(ByteSource archive) throws IOException {
        Map<String, ByteSource> files = new HashMap<>();
        try (Inner inner = new Inner(archive)) {
            for (ZipEntry entry = inner.next(); entry != null; entry = inner.next()) {
                if (files.size() >= MAX_ENTRIES) {
                    throw tooMany(archive.name());
                }
                if (!entry.isDirectory() && files.put(entry.getName(), inner.source(archive, entry)) != null) {
                    throw new FormatException(
                            archive.name(), "the entry " + entry.getName() + " stands twice in the archive");
                }
            }
        }
        return new FileTree(archive.name(), files);
    }

    private static Path entryName(Path archive, String entry) {
        String printable = entry.chars().allMatch(c -> c >= ' ') ? entry : "(unprintable)";
        return Path.of(archive + "!" + printable);
    }

    /** An entry of an archive on disk. */
    private record Entry(Path archive, String entry) implements ByteSource {
        @Override
        public Path name() {
            return entryName(archive, entry);
        }

        @Override
        public InputStream open() throws IOException {
            ZipFile zip = new ZipFile(archive.toFile());
            ZipEntry found = zip.getEntry(entry);
            if (found == null) {
                zip.close();
                throw new FormatException(archive, "the entry " + entry + " is gone");
            }
            long compressed = found.getCompressedSize();
            // java.util.zip.ZipFile does not look at the checksums that it knows
            Verified verified = new Verified(name(), zip.getInputStream(found), found.getCrc());
            return new Bounded(name(), verified, () -> compressed, zip);
        }
    }

    /** An entry of an archive that is an entry itself. */
    private record InnerEntry(ByteSource archive, String entry) implements ByteSource {
        @Override
        public Path name() {
            return entryName(archive.name(), entry);
        }

        @Override
        public InputStream open() throws IOException {
            Inner inner = new Inner(archive);
            boolean found = false;
            try {
                for (ZipEntry e = inner.next(); e != null; e = inner.next()) {
                    if (e.getName().equals(entry)) {
                        found = true;
                        return new Bounded(name(), inner.zip, inner::read, inner);
                    }
                }
                throw new FormatException(archive.name(), "the entry " + entry + " is gone");
            } finally {
                if (!found) {
                    inner.close();
                }
            }
        }
    }

    /** A small entry of an inner archive: reading the outer one again for it would cost seconds. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Kept(Path name, byte[] content) implements ByteSource {
        @Override
        public InputStream open() {
            return new ByteArrayInputStream(content);
        }
    }

    /** Walks through the entries of an inner archive, skipping what lies between with the same bound. */
    private static final class Inner implements Closeable {
        private final Path name;
        private final Counted outer;
        private final ZipInputStream zip;
        private int kept;

        Inner(ByteSource archive) throws IOException {
            name = archive.name();
            outer = new Counted(archive.open());
            zip = new ZipInputStream(outer);
        }

        long read() {
            return outer.count;
        }

        /** The current entry: in memory if it is small, else to be found again from the archive's beginning. */
        ByteSource source(ByteSource archive, ZipEntry entry) throws IOException {
            InnerEntry again = new InnerEntry(archive, entry.getName());
            InputStream content = new Bounded(again.name(), zip, this::read, null);
            byte[] start = content.readNBytes(SMALL_BYTES + 1);
            if (start.length > SMALL_BYTES || kept + start.length > MAX_KEPT_BYTES) {
                return again;
            }
            kept += start.length;
            return new Kept(again.name(), start);
        }

        @Nullable
        ZipEntry next() throws IOException {
            try {
                InputStream entry = new Bounded(name, zip, this::read, null);
                if (outer.count > 0) {
                    entry.transferTo(OutputStream.nullOutputStream());
                }
                return zip.getNextEntry();
            } catch (ZipException | EOFException | IllegalArgumentException e) {
                throw new FormatException(name, outer.count, "the ZIP file is damaged: " + e.getMessage());
            }
        }

        @Override
        public void close() throws IOException {
            zip.close();
        }
    }

    /** Counts what was taken from a stream. */
    private static final class Counted extends FilterInputStream {
        private long count;

        Counted(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int value = in.read();
            count += value < 0 ? 0 : 1;
            return value;
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
            int n = in.read(into, from, length);
            count += Math.max(0, n);
            return n;
        }

        @Override
        public long skip(long n) throws IOException {
            long skipped = in.skip(n);
            count += skipped;
            return skipped;
        }
    }

    /** Compares the checksum of what was read with the archive's, at the end. */
    private static final class Verified extends CheckedInputStream {
        private final Path name;
        private final long expected;

        Verified(Path name, InputStream in, long expected) {
            super(in, new CRC32());
            this.name = name;
            this.expected = expected;
        }

        @Override
        public int read() throws IOException {
            return checked(super.read());
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
            return checked(super.read(into, from, length));
        }

        private int checked(int result) {
            if (result < 0 && expected >= 0 && getChecksum().getValue() != expected) {
                throw new FormatException(
                        name, "the checksum (crc32) of the ZIP entry is wrong; the archive is damaged");
            }
            return result;
        }
    }

    /** Refuses to give more bytes than the compressed ones can honestly stand for, and tells damage as a format's fault. */
    private static final class Bounded extends InputStream {
        private final Path name;
        private final InputStream in;
        private final LongSupplier compressed;
        private final @Nullable Closeable owner;
        private long count;

        Bounded(Path name, InputStream in, LongSupplier compressed, @Nullable Closeable owner) {
            this.name = name;
            this.in = in;
            this.compressed = compressed;
            this.owner = owner;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
            int n;
            try {
                n = in.read(into, from, length);
            } catch (ZipException | EOFException e) {
                throw new FormatException(name, count, "the ZIP entry is damaged: " + e.getMessage());
            }
            count += Math.max(0, n);
            if (count > FREE_BYTES && count > MAX_RATIO * Math.max(1, compressed.getAsLong())) {
                throw new FormatException(
                        name,
                        count,
                        "the entry expands to more than " + MAX_RATIO
                                + " times its compressed size, which no model does");
            }
            return n;
        }

        @Override
        public void close() throws IOException {
            if (owner != null) {
                owner.close();
            }
        }
    }
}
