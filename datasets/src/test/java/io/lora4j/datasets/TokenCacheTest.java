package io.lora4j.datasets;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The token cache gives what the tokenizer gave, and trusts no file that is not, to the last bit, its own. */
class TokenCacheTest {
    private static final List<Example> EXAMPLES =
            List.of(new Example("a bc", "d", 1), new Example("e", null, 0), new Example("fgh", "ij", 1));

    @TempDir
    Path folder;

    /** Letters as tokens, 1 as the type of the second text; counts its calls. */
    private static final class Letters implements PairEncoder {
        private int calls;

        @Override
        public EncodedText encode(String textA, @Nullable String textB, int maxLength) {
            calls++;
            String all = textA + (textB == null ? "" : textB);
            int[] types = all.chars().map(c -> 0).toArray();
            for (int i = textA.length(); i < all.length(); i++) {
                types[i] = 1;
            }
            return new EncodedText(all.chars().map(c -> c * 1000).toArray(), types);
        }
    }

    private final Letters letters = new Letters();

    private List<EncodedExample> encode() {
        return new TokenCache(folder.resolve("tokens")).encode(EXAMPLES, "abc", 128, letters);
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> list = Files.list(folder.resolve("tokens"))) {
            return list.toList();
        }
    }

    @Test
    void theSecondTimeTheTokenizerIsNotAsked() throws IOException {
        List<EncodedExample> first = encode();
        assertEquals(3, letters.calls);
        assertEquals(first, encode());
        assertEquals(3, letters.calls);
        assertEquals(1, files().size(), "one file, and no leftover of writing it");
        assertArrayEquals(
                new int[] {97000, 32000, 98000, 99000, 100000}, first.get(0).ids());
        assertArrayEquals(new int[] {0, 0, 0, 0, 1}, first.get(0).typeIds());
        assertEquals(List.of(1, 0, 1), first.stream().map(EncodedExample::label).toList());
    }

    @Test
    void everyByteOfTheFileIsChecked() throws IOException {
        List<EncodedExample> first = encode();
        Path file = files().get(0);
        byte[] good = Files.readAllBytes(file);
        for (int at = 0; at < good.length; at++) {
            byte[] bad = good.clone();
            bad[at] ^= 0x10;
            byte[] key = TokenFile.key(EXAMPLES, "abc", 128);
            assertEquals(Optional.empty(), TokenFile.read(bad, key, 3), "byte " + at);
        }
        for (int length : new int[] {0, 10, good.length / 2, good.length - 1}) {
            letters.calls = 0;
            Files.write(file, Arrays.copyOf(good, length));
            assertEquals(first, encode());
            assertEquals(3, letters.calls);
            assertArrayEquals(good, Files.readAllBytes(file), "written again");
        }
    }

    @Test
    void aRightChecksumDoesNotMakeAForeignFileRight() throws Exception {
        byte[] key = TokenFile.key(EXAMPLES, "abc", 128);
        byte[] good = TokenFile.write(key, letters.encodeAll(EXAMPLES, 128));
        assertEquals(3, TokenFile.read(good, key, 3).orElseThrow().size());
        assertEquals(Optional.empty(), TokenFile.read(good, TokenFile.key(EXAMPLES, "abd", 128), 3));
        assertEquals(Optional.empty(), TokenFile.read(good, key, 2));
        for (int length : new int[] {-1, 0, Integer.MAX_VALUE, 6}) {
            byte[] bad = good.clone();
            ByteBuffer.wrap(bad).putInt(48, length);
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(bad, 0, bad.length - 32);
            System.arraycopy(digest.digest(), 0, bad, bad.length - 32, 32);
            Optional<List<EncodedText>> read = TokenFile.read(bad, key, 3);
            assertEquals(Optional.empty(), read, "first length " + length);
        }
    }

    @Test
    void theKeyCoversTextsTokenizerAndLength() {
        String key = TokenFile.name(TokenFile.key(EXAMPLES, "abc", 128));
        assertNotEquals(key, TokenFile.name(TokenFile.key(EXAMPLES, "abc", 64)));
        assertNotEquals(key, TokenFile.name(TokenFile.key(EXAMPLES, "abd", 128)));
        assertNotEquals(key, TokenFile.name(TokenFile.key(EXAMPLES.subList(0, 2), "abc", 128)));
        List<Example> shifted = List.of(new Example("a b", "cd", 1), EXAMPLES.get(1), EXAMPLES.get(2));
        assertNotEquals(key, TokenFile.name(TokenFile.key(shifted, "abc", 128)));
        List<Example> relabelled = List.of(new Example("a bc", "d", 0), EXAMPLES.get(1), EXAMPLES.get(2));
        assertEquals(key, TokenFile.name(TokenFile.key(relabelled, "abc", 128)));
    }

    @Test
    void labelsComeFromTheExamplesNotFromTheCache() {
        encode();
        List<Example> relabelled = EXAMPLES.stream()
                .map(e -> new Example(e.textA(), e.textB(), 1 - e.label()))
                .toList();
        List<EncodedExample> again = new TokenCache(folder.resolve("tokens")).encode(relabelled, "abc", 128, letters);
        assertEquals(3, letters.calls);
        assertEquals(List.of(0, 1, 0), again.stream().map(EncodedExample::label).toList());
    }

    @Test
    void aFolderThatCannotBeWrittenIsDoneWithout() throws IOException {
        Files.writeString(folder.resolve("tokens"), "a file where the folder should be");
        assertEquals(3, encode().size());
        assertEquals(3, encode().size());
        assertEquals(6, letters.calls);
    }

    @Test
    void anEncoderThatBreaksItsPromiseIsCaught() {
        TokenCache cache = new TokenCache(folder);
        assertThrows(IllegalStateException.class, () -> cache.encode(EXAMPLES, "abc", 4, letters));
    }
}
