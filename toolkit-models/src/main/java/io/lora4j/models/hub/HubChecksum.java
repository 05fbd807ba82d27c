package io.lora4j.models.hub;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * The hub's ETag as a checksum: SHA-256 of the content for large files (64 digits), git's hash of the blob for the others (40 digits):
 * SHA-1 of {@code "blob " + length + "\0"} and the content.
 */
final class HubChecksum {
    private static final Pattern KNOWN = Pattern.compile("[0-9a-f]{40}|[0-9a-f]{64}");
    private static final int BLOCK_BYTES = 1 << 20;

    private HubChecksum() {}

    /** Whether an ETag is one of the two kinds. */
    static boolean isKnown(String etag) {
        return KNOWN.matcher(etag).matches();
    }

    /** An ETag header without what HTTP puts around it. */
    static String normalize(String header) {
        String etag = header.startsWith("W/") ? header.substring(2) : header;
        return etag.replace("\"", "").strip();
    }

    /** The checksum of a file, of the kind that an ETag has. */
    static String of(Path file, String etag) throws IOException {
        boolean git = etag.length() == 40;
        MessageDigest digest = digest(git ? "SHA-1" : "SHA-256");
        if (git) {
            digest.update(("blob " + Files.size(file) + "\0").getBytes(StandardCharsets.US_ASCII));
        }
        byte[] block = new byte[BLOCK_BYTES];
        try (InputStream in = Files.newInputStream(file)) {
            for (int n = in.read(block); n >= 0; n = in.read(block)) {
                digest.update(block, 0, n);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest digest(String algorithm) {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has " + algorithm, e);
        }
    }
}
