package io.lora4j.datasets;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A data file read whole, once: what is hashed is what is parsed, and bytes that are not UTF-8 are found before a reader could
 * replace them silently.
 */
final class SourceFile {
    /** The UTF-8 form of U+FEFF, which some programs put at the beginning of a file. */
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

    private static final long LARGEST = 1L << 30;

    private final String name;
    private final byte[] bytes;

    /**
     * @param name how messages call the file
     * @param bytes its content; owned by this object
     */
    SourceFile(String name, byte[] bytes) {
        this.name = name;
        this.bytes = bytes;
        checkUtf8();
    }

    /** Reads a file that exists; a folder, an unreadable file and one of more than 1 GiB are refused. */
    static SourceFile read(Path path) {
        if (Files.isDirectory(path)) {
            throw new DataException(path + " is a folder, not a data file");
        }
        try {
            long size = Files.size(path);
            if (size > LARGEST) {
                throw new DataException(path + " has " + size + " bytes; data files are read into memory and may have "
                        + LARGEST + ": train on a part of it");
            }
            return new SourceFile(path.toString(), Files.readAllBytes(path));
        } catch (IOException e) {
            throw new DataException(path + " cannot be read: " + e.getMessage(), e);
        }
    }

    String name() {
        return name;
    }

    /** SHA-256 of all bytes, a byte order mark included, in lower-case hexadecimal. */
    String sha256() {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** The content without a byte order mark. */
    InputStream open() {
        int skip = startsWithMark() ? BYTE_ORDER_MARK.length : 0;
        return new ByteArrayInputStream(bytes, skip, bytes.length - skip);
    }

    private boolean startsWithMark() {
        return bytes.length >= BYTE_ORDER_MARK.length
                && bytes[0] == BYTE_ORDER_MARK[0]
                && bytes[1] == BYTE_ORDER_MARK[1]
                && bytes[2] == BYTE_ORDER_MARK[2];
    }

    private void checkUtf8() {
        CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(8192);
        CoderResult result;
        do {
            out.clear();
            result = decoder.decode(in, out, true);
        } while (result.isOverflow());
        if (result.isError()) {
            int at = in.position();
            long line = 1;
            for (int i = 0; i < at; i++) {
                line += bytes[i] == '\n' ? 1 : 0;
            }
            throw new DataException(
                    name,
                    line,
                    String.format(
                            "byte 0x%02X (at byte %d of the file) is not UTF-8; convert the file, for example with iconv -t UTF-8",
                            bytes[at], at));
        }
    }
}
