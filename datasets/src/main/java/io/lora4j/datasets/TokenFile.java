package io.lora4j.datasets;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The format of a token cache file, version 1. All numbers are big-endian.
 *
 * <pre>
 * 8 bytes   "L4JTOKEN"
 * 4 bytes   version, 1
 * 32 bytes  key: SHA-256 of what the content depends on
 * 4 bytes   number of texts
 * per text  4 bytes number of tokens n, 4 n bytes token ids, n bytes token types
 * 32 bytes  SHA-256 of everything before
 * </pre>
 */
final class TokenFile {
    private static final byte[] MAGIC = "L4JTOKEN".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION = 1;
    private static final int HASH = 32;

    private TokenFile() {}

    /** The key of some texts under a tokenizer: every part is preceded by its length, so that no two inputs run together. */
    static byte[] key(List<Example> examples, String tokenizerSha256, int maxLength) {
        MessageDigest digest = sha256();
        digest.update(MAGIC);
        digest.update(number(VERSION));
        digest.update(number(maxLength));
        add(digest, tokenizerSha256);
        digest.update(number(examples.size()));
        for (Example example : examples) {
            add(digest, example.textA());
            add(digest, example.textB());
        }
        return digest.digest();
    }

    static String name(byte[] key) {
        return HexFormat.of().formatHex(key) + ".tokens";
    }

    static byte[] write(byte[] key, List<EncodedText> texts) {
        int size = MAGIC.length + Integer.BYTES + HASH + Integer.BYTES + HASH;
        for (EncodedText text : texts) {
            size = Math.addExact(size, Integer.BYTES + text.length() * (Integer.BYTES + 1));
        }
        ByteBuffer out = ByteBuffer.allocate(size);
        out.put(MAGIC).putInt(VERSION).put(key).putInt(texts.size());
        for (EncodedText text : texts) {
            out.putInt(text.length());
            for (int id : text.ids()) {
                out.putInt(id);
            }
            for (int type : text.typeIds()) {
                out.put((byte) type);
            }
        }
        byte[] bytes = out.array();
        MessageDigest digest = sha256();
        digest.update(bytes, 0, bytes.length - HASH);
        out.put(digest.digest());
        return bytes;
    }

    /** Reads a file's content; empty if it is not, to the last bit, a file written for this key. */
    static Optional<List<EncodedText>> read(byte[] bytes, byte[] key, int count) {
        int body = bytes.length - HASH;
        if (body < MAGIC.length + Integer.BYTES + HASH + Integer.BYTES) {
            return Optional.empty();
        }
        MessageDigest digest = sha256();
        digest.update(bytes, 0, body);
        if (!MessageDigest.isEqual(digest.digest(), Arrays.copyOfRange(bytes, body, bytes.length))) {
            return Optional.empty();
        }
        ByteBuffer in = ByteBuffer.wrap(bytes, 0, body);
        byte[] magic = new byte[MAGIC.length];
        byte[] written = new byte[HASH];
        in.get(magic);
        int version = in.getInt();
        in.get(written);
        if (!Arrays.equals(magic, MAGIC)
                || version != VERSION
                || !Arrays.equals(written, key)
                || in.getInt() != count) {
            return Optional.empty();
        }
        return texts(in, count);
    }

    /** A right checksum proves only that nothing was changed since, not that a sane program wrote it: bounds are checked too. */
    private static Optional<List<EncodedText>> texts(ByteBuffer in, int count) {
        List<EncodedText> texts = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                int length = in.getInt();
                if (length < 1 || length > in.remaining() / (Integer.BYTES + 1)) {
                    return Optional.empty();
                }
                int[] ids = new int[length];
                int[] types = new int[length];
                in.asIntBuffer().get(ids);
                in.position(in.position() + length * Integer.BYTES);
                for (int j = 0; j < length; j++) {
                    types[j] = in.get();
                }
                texts.add(new EncodedText(ids, types));
            }
        } catch (BufferUnderflowException e) {
            return Optional.empty();
        }
        return in.hasRemaining() ? Optional.empty() : Optional.of(texts);
    }

    private static void add(MessageDigest digest, @Nullable String part) {
        if (part == null) {
            digest.update(number(-1));
            return;
        }
        byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
        digest.update(number(bytes.length));
        digest.update(bytes);
    }

    private static byte[] number(int value) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(value).array();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
