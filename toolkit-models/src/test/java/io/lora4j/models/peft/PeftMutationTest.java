package io.lora4j.models.peft;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.error.UserException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * 10,000 random mutations of adapters' files, the same in every run: each is read and computes, or is refused with one message that names the
 * file; nothing else, and no hang ({@link DamagedAdapter#outcome}).
 */
class PeftMutationTest {
    private static final int MUTATIONS = 10_000;
    private static final List<String> FIXTURES = List.of(
            "tiny_bert_qv_r4",
            "tiny_bert_qv_dora",
            "tiny_bert_qv_bias_lora_only",
            "tiny_bert_all_linear_rslora_patterns",
            "tiny_bert_min_config");

    /** What is put in place of, or between, what was there. */
    private static final List<String> WORDS = List.of(
            "-1",
            "0",
            "1e999",
            "9223372036854775807",
            "9223372036854775808",
            "65536",
            "0.5",
            "null",
            "true",
            "[]",
            "{}",
            "\"\"",
            ",",
            ":",
            "\"",
            "\\",
            "(",
            ")",
            "*",
            "+",
            "{9}",
            "lora_A",
            "lora_B",
            "F64",
            "F16",
            "I64",
            "BOOL",
            "[4,16]",
            "[0]",
            "\u0000",
            "é");

    @TempDir
    Path folder = Path.of("");

    private static byte[] mutated(byte[] whole, int range, Random random) {
        byte[] bytes = whole.clone();
        for (int n = random.nextInt(3); n >= 0; n--) {
            int at = random.nextInt(Math.max(1, Math.min(range, bytes.length)));
            int length = Math.min(1 + random.nextInt(20), bytes.length - at);
            byte[] word = WORDS.get(random.nextInt(WORDS.size())).getBytes(StandardCharsets.UTF_8);
            int other = random.nextInt(Math.max(1, Math.min(range, bytes.length)));
            bytes = switch (random.nextInt(7)) {
                case 0 -> spliced(bytes, at, 1, new byte[] {(byte) (bytes[at] ^ 1 << random.nextInt(8))});
                case 1 -> spliced(bytes, at, 1, new byte[] {(byte) random.nextInt(256)});
                case 2 -> spliced(bytes, at, length, new byte[0]);
                case 3 -> spliced(bytes, at, 0, word);
                case 4 -> spliced(bytes, at, Math.min(word.length, bytes.length - at), word);
                case 5 -> spliced(bytes, other, 0, Arrays.copyOfRange(bytes, at, at + length));
                default -> random.nextInt(10) == 0 ? Arrays.copyOf(bytes, at) : digit(bytes, at, random);
            };
            if (bytes.length == 0) {
                return bytes;
            }
        }
        return bytes;
    }

    private static byte[] spliced(byte[] bytes, int at, int removed, byte[] added) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(bytes, 0, at);
        out.writeBytes(added);
        out.write(bytes, at + removed, bytes.length - at - removed);
        return out.toByteArray();
    }

    /** Another digit in the next number. */
    private static byte[] digit(byte[] bytes, int from, Random random) {
        for (int i = from; i < bytes.length; i++) {
            if (bytes[i] >= '0' && bytes[i] <= '9') {
                return spliced(bytes, i, 1, new byte[] {(byte) ('0' + random.nextInt(10))});
            }
        }
        return bytes;
    }

    @Test
    @Tag("slow")
    void everyMutationIsReadOrRefused() {
        int refused = 0;
        for (String fixture : FIXTURES) {
            DamagedAdapter adapter = new DamagedAdapter(fixture);
            adapter.writeTo(folder);
            assertNull(DamagedAdapter.outcome(folder), fixture);
            byte[] config = DamagedAdapter.bytes(folder.resolve(DamagedAdapter.CONFIG));
            byte[] weights = DamagedAdapter.bytes(folder.resolve(DamagedAdapter.WEIGHTS));
            int header = ByteBuffer.wrap(weights).order(ByteOrder.LITTLE_ENDIAN).getInt() + Long.BYTES;
            Random random = new Random(fixture.hashCode());
            for (int i = 0; i < MUTATIONS / FIXTURES.size(); i++) {
                boolean settings = i % 2 == 0;
                // Nine of ten in the header: most of a file is values, of which any is as good as another.
                int range = i % 20 == 1 ? weights.length : header;
                DamagedAdapter.bytes(
                        folder.resolve(DamagedAdapter.CONFIG),
                        settings ? mutated(config, config.length, random) : config);
                DamagedAdapter.bytes(
                        folder.resolve(DamagedAdapter.WEIGHTS), settings ? weights : mutated(weights, range, random));
                int number = i;
                UserException e;
                try {
                    e = DamagedAdapter.outcome(folder);
                } catch (Throwable t) {
                    throw new AssertionError("mutation " + number + " of " + fixture + ": " + t, t);
                }
                if (e != null) {
                    refused++;
                    assertTrue(
                            e.getMessage().contains(folder.toString())
                                    && e.getMessage().length() < 2000,
                            () -> "mutation " + number + " of " + fixture + ": " + e.getMessage());
                }
            }
        }
        int count = refused;
        assertTrue(refused > MUTATIONS / 2 && refused < MUTATIONS, () -> count + " refused");
    }
}
