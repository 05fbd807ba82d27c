package io.lora4j.models.tokenizer;

import ai.djl.engine.EngineException;
import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.util.PairList;
import io.lora4j.error.FormatException;
import io.lora4j.error.UserException;
import io.lora4j.models.checkpoint.AtomicFile;
import io.lora4j.models.checkpoint.Sha256;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A model's tokenizer: Hugging Face's library, through DJL, on the model's {@code tokenizer.json}.
 *
 * <p>Special tokens are added as the file's post-processor says ({@code [CLS] a [SEP]}, {@code [CLS] a [SEP] b [SEP]} for BERT), token
 * types are 0 and 1, nothing is padded. Truncation and padding that the file itself asks for are ignored: the caller gives
 * the length. Truncation is longest-first from the right ({@link LongestFirst}) and keeps all special tokens.
 *
 * <p>The native library is unpacked from the class path into {@code ~/.djl.ai} ({@code DJL_CACHE_DIR} moves it) at first use;
 * DJL's network calls (its telemetry and its download of CUDA builds) are switched off. Thread-safe; the same text gives the
 * same ids on every machine. {@link #close} frees some megabytes of native memory; a tokenizer that is never closed is freed with
 * its object.
 */
public final class TextTokenizer implements AutoCloseable {
    /** Encodings hold much more than ids while they live in native memory; this bounds them. */
    private static final int BATCH = 1024;

    private static final String DJL_OFFLINE = "ai.djl.offline";

    private final Path file;
    private final HuggingFaceTokenizer tokenizer;
    private final String sha256;

    private TextTokenizer(Path file, HuggingFaceTokenizer tokenizer, String sha256) {
        this.file = file;
        this.tokenizer = tokenizer;
        this.sha256 = sha256;
    }

    /**
     * Loads a tokenizer.
     *
     * @param tokenizerJson the file {@code tokenizer.json}
     * @return the tokenizer; the caller closes it
     * @throws FormatException if the file is no tokenizer
     * @throws UserException if it cannot be read or the native library cannot be loaded
     */
    public static TextTokenizer load(Path tokenizerJson) {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(tokenizerJson);
        } catch (NoSuchFileException e) {
            throw new UserException("no such file: " + tokenizerJson, e);
        } catch (IOException e) {
            throw new UserException("cannot read " + tokenizerJson + ": " + AtomicFile.reason(e), e);
        }
        if (System.getProperty(DJL_OFFLINE) == null) {
            System.setProperty(DJL_OFFLINE, "true");
        }
        byte[] checked = TokenizerJson.checked(bytes, tokenizerJson);
        Map<String, String> options = Map.of("addSpecialTokens", "true", "truncation", "false", "padding", "false");
        try {
            return new TextTokenizer(
                    tokenizerJson,
                    HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(checked), options),
                    Sha256.of(bytes));
        } catch (EngineException e) {
            throw new UserException(
                    "cannot load the native tokenizer library (DJL unpacks it into ~/.djl.ai, or where DJL_CACHE_DIR says): "
                            + e.getMessage(),
                    e);
        } catch (IOException | RuntimeException e) {
            throw new FormatException(tokenizerJson, "this is no tokenizer.json of Hugging Face: " + e.getMessage());
        }
    }

    /**
     * Checksum of the tokenizer's file, to key caches of its ids.
     *
     * @return 64 hexadecimal digits
     */
    public String sha256() {
        return sha256;
    }

    /**
     * Encodes one text or one pair.
     *
     * @param a the text, or the pair's first text
     * @param b the pair's second text, or null
     * @param maxLength tokens allowed, special tokens included
     * @return at most {@code maxLength} tokens
     * @throws IllegalArgumentException if {@code maxLength} leaves no room for a token beside the special ones
     * @throws FormatException if the tokenizer's file is one with which nothing can be encoded
     */
    public TokenIds encode(String a, @Nullable String b, int maxLength) {
        Encoding encoding = told(
                () -> b == null ? tokenizer.encode(wellFormed(a)) : tokenizer.encode(wellFormed(a), wellFormed(b)));
        return truncated(encoding, maxLength);
    }

    /** What the library refuses while it encodes is a fault of the tokenizer's file, e.g. a vocabulary without its unknown token. */
    private <T> T told(Supplier<T> encoding) {
        try {
            return encoding.get();
        } catch (RuntimeException e) {
            throw new FormatException(file, "this tokenizer cannot encode: " + e.getMessage());
        }
    }

    /**
     * Encodes many texts or pairs, using all processors.
     *
     * @param a the texts, or the pairs' first texts
     * @param b the pairs' second texts, as many, or null
     * @param maxLength tokens allowed in each, special tokens included
     * @return the encoded texts in the same order, each equal to what {@link #encode} gives
     * @throws IllegalArgumentException if the lists differ in length or {@code maxLength} is too small
     */
    public List<TokenIds> encodeAll(List<String> a, @Nullable List<String> b, int maxLength) {
        if (b != null && a.size() != b.size()) {
            throw new IllegalArgumentException(a.size() + " first texts but " + b.size() + " second texts");
        }
        List<TokenIds> all = new ArrayList<>(a.size());
        for (int from = 0; from < a.size(); from += BATCH) {
            int to = Math.min(a.size(), from + BATCH);
            List<String> first =
                    a.subList(from, to).stream().map(TextTokenizer::wellFormed).toList();
            Encoding[] encodings;
            if (b == null) {
                encodings = told(() -> tokenizer.batchEncode(first));
            } else {
                List<String> second = b.subList(from, to).stream()
                        .map(TextTokenizer::wellFormed)
                        .toList();
                encodings = told(() -> tokenizer.batchEncode(new PairList<>(first, second)));
            }
            for (Encoding encoding : encodings) {
                all.add(truncated(encoding, maxLength));
            }
        }
        return all;
    }

    /** Half a surrogate pair is no character and cannot cross into native code: it becomes a question mark. */
    private static String wellFormed(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }

    /** Drops tokens from the right end of each text; tokens of no text (special ones) stay. */
    private static TokenIds truncated(Encoding encoding, int maxLength) {
        long[] sequences = encoding.getSequenceIds();
        int[] lengths = new int[2];
        for (long sequence : sequences) {
            if (sequence >= 0) {
                lengths[(int) sequence]++;
            }
        }
        int budget = maxLength - (sequences.length - lengths[0] - lengths[1]);
        if (budget < 1) {
            throw new IllegalArgumentException("a maximum length of " + maxLength + " leaves no room beside the "
                    + (maxLength - budget) + " special tokens");
        }
        LongestFirst kept = LongestFirst.of(lengths[0], lengths[1], budget);
        int[] left = {kept.first(), kept.second()};
        int[] ids = new int[sequences.length - lengths[0] - lengths[1] + left[0] + left[1]];
        int[] typeIds = new int[ids.length];
        int n = 0;
        for (int i = 0; i < sequences.length; i++) {
            if (sequences[i] < 0 || left[(int) sequences[i]]-- > 0) {
                ids[n] = Math.toIntExact(encoding.getIds()[i]);
                typeIds[n++] = Math.toIntExact(encoding.getTypeIds()[i]);
            }
        }
        return new TokenIds(ids, typeIds);
    }

    /** Frees the native tokenizer; using it afterwards is an error. Closing twice is harmless. */
    @Override
    public void close() {
        tokenizer.close();
    }
}
