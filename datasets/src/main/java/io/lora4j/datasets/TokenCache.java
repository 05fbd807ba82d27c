package io.lora4j.datasets;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Encoded examples on disk, so that a text is tokenized once per tokenizer and length.
 *
 * <p>A cache file's name is a SHA-256 over everything its content depends on: all texts in order (and so the data file and the
 * columns chosen from it), the tokenizer's checksum, the maximum length and the version of the file format. {@link TokenFile}
 * describes the format. A file that is damaged, cut off or made for something else is ignored and written again; one that cannot
 * be written is done without. Labels are never cached. Safe for several processes: files are written beside their final names
 * and moved into place.
 */
public final class TokenCache {
    private static final Logger LOG = LoggerFactory.getLogger(TokenCache.class);

    private final Path folder;

    /**
     * @param folder where cache files are kept; created when the first is written
     */
    public TokenCache(Path folder) {
        this.folder = folder;
    }

    /**
     * Encodes examples, or finds them encoded.
     *
     * @param examples one or more examples
     * @param tokenizerSha256 a checksum that changes whenever the tokenizer does
     * @param maxLength the most tokens an example may have, special tokens included
     * @param encoder the tokenizer; called only if the cache does not have these examples
     * @return one encoded example per example, in order
     */
    public List<EncodedExample> encode(
            List<Example> examples, String tokenizerSha256, int maxLength, PairEncoder encoder) {
        byte[] key = TokenFile.key(examples, tokenizerSha256, maxLength);
        Path file = folder.resolve(TokenFile.name(key));
        Optional<List<EncodedText>> cached = read(file, key, examples.size());
        List<EncodedText> texts = cached.orElseGet(() -> checked(encoder, examples, maxLength));
        if (cached.isEmpty()) {
            write(file, TokenFile.write(key, texts));
        }
        List<EncodedExample> encoded = new ArrayList<>(texts.size());
        for (int i = 0; i < texts.size(); i++) {
            EncodedText text = texts.get(i);
            encoded.add(new EncodedExample(
                    text.ids(), text.typeIds(), examples.get(i).target()));
        }
        return encoded;
    }

    private static List<EncodedText> checked(PairEncoder encoder, List<Example> examples, int maxLength) {
        List<EncodedText> texts = encoder.encodeAll(examples, maxLength);
        if (texts.size() != examples.size()) {
            throw new IllegalStateException(
                    "the encoder made " + texts.size() + " results of " + examples.size() + " examples");
        }
        for (EncodedText text : texts) {
            if (text.length() > maxLength) {
                throw new IllegalStateException(
                        "the encoder made " + text.length() + " tokens where " + maxLength + " are allowed");
            }
        }
        return texts;
    }

    private static Optional<List<EncodedText>> read(Path file, byte[] key, int count) {
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            Optional<List<EncodedText>> texts = TokenFile.read(Files.readAllBytes(file), key, count);
            if (texts.isEmpty()) {
                LOG.warn("{} is damaged and is written again", file);
            }
            return texts;
        } catch (IOException e) {
            LOG.warn("cannot read the token cache {}: {}", file, e.toString());
            return Optional.empty();
        }
    }

    private void write(Path file, byte[] content) {
        Path beside = null;
        try {
            Files.createDirectories(folder);
            beside = Files.createTempFile(folder, "tokens", ".part");
            Files.write(beside, content);
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            LOG.warn("cannot write the token cache {}: {}", file, e.toString());
            if (beside != null) {
                deleteQuietly(beside);
            }
        }
    }

    private static void deleteQuietly(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.warn("cannot remove {}: {}", file, e.toString());
        }
    }
}
