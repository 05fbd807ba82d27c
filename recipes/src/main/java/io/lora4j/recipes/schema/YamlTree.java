package io.lora4j.recipes.schema;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * Reads YAML 1.2 into a {@link Tree}, by snakeyaml-engine's nodes.
 *
 * <p>Nodes, not objects: only they know their lines, and a value's type is for the schema to decide ({@code NO} stays text).
 * Equal keys in one block, tags of one's own, and documents that grow beyond 10,000 values (a chain of anchors can) are
 * problems.
 */
public final class YamlTree {
    private static final int MAX_BYTES = 1 << 20;
    private static final int MAX_VALUES = 10_000;
    private static final int MAX_DEPTH = 32;
    private static final Set<Tag> PLAIN_TAGS =
            Set.of(Tag.STR, Tag.INT, Tag.FLOAT, Tag.BOOL, Tag.NULL, Tag.MAP, Tag.SEQ, Tag.MERGE);

    private final IntFunction<Origin> origins;
    private final Problems problems;
    private int values;

    private YamlTree(IntFunction<Origin> origins, Problems problems) {
        this.origins = origins;
        this.problems = problems;
    }

    /**
     * Reads a file.
     *
     * @param file the recipe
     * @param problems told of everything that keeps the file from being a YAML block
     * @return the document, or null if there is none that could be looked at further
     */
    public static Tree.@Nullable Mapping read(Path file, Problems problems) {
        Path folder = file.toAbsolutePath().normalize().getParent();
        Path base = folder == null ? file.toAbsolutePath() : folder;
        IntFunction<Origin> origins = line -> new Origin(file + ":" + line, line, base);
        Origin whole = new Origin(file.toString(), 0, base);
        String text = text(file, whole, origins, problems);
        if (text == null) {
            return null;
        }
        YamlTree reader = new YamlTree(origins, problems);
        Tree tree = reader.compose(text, file.toString());
        if (tree instanceof Tree.Mapping mapping) {
            return mapping;
        }
        if (tree != null) {
            problems.add(tree.origin(), "a recipe is a block of keys (key: value), not " + tree.describe());
        } else if (problems.count() == 0) {
            problems.add(whole, "the recipe is empty");
        }
        return null;
    }

    /**
     * Reads the value of an override: flow syntax ({@code [a, b]}, <code>{a: 1}</code>) and quoted text by YAML's rules, all else
     * as it stands.
     *
     * @param text the part behind the first '='
     * @param origin the override
     * @param problems told if the flow syntax is broken
     * @return the value, or null if it is broken
     */
    public static @Nullable Tree value(String text, Origin origin, Problems problems) {
        String trimmed = text.strip();
        if (trimmed.isEmpty() || "[{\"'".indexOf(trimmed.charAt(0)) < 0) {
            return new Tree.Scalar(trimmed, false, origin);
        }
        return new YamlTree(line -> origin, problems).compose(trimmed, origin.where());
    }

    private static @Nullable String text(Path file, Origin whole, IntFunction<Origin> origins, Problems problems) {
        try {
            if (Files.isDirectory(file)) {
                problems.add(whole, "this is a folder, not a recipe file");
                return null;
            }
            long size = Files.size(file);
            if (size > MAX_BYTES) {
                problems.add(whole, "the file has " + size + " bytes; a recipe may have " + MAX_BYTES);
                return null;
            }
            return decoded(Files.readAllBytes(file), origins, problems);
        } catch (java.nio.file.NoSuchFileException e) {
            problems.add(whole, "there is no such file; \"lora4j ls\" lists the recipes that come with LoRA4J");
        } catch (IOException e) {
            problems.add(whole, "cannot be read: " + e);
        }
        return null;
    }

    /** UTF-8 with or without its mark; what is not is told with the line of its first byte. */
    private static @Nullable String decoded(byte[] bytes, IntFunction<Origin> origins, Problems problems) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        CoderResult result = StandardCharsets.UTF_8.newDecoder().decode(in, out, true);
        if (result.isError()) {
            int line = 1;
            for (int i = 0; i < in.position(); i++) {
                line += bytes[i] == '\n' ? 1 : 0;
            }
            String what = String.format(Locale.ROOT, "the byte 0x%02X", bytes[in.position()]);
            problems.add(origins.apply(line), "the file is not UTF-8 text: " + what + " stands here; save it as UTF-8");
            return null;
        }
        String text = out.flip().toString();
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }

    private @Nullable Tree compose(String text, String label) {
        LoadSettings settings = LoadSettings.builder()
                .setLabel(label)
                .setAllowDuplicateKeys(true) // found below, with both lines
                .build();
        try {
            Tree tree = new Compose(settings)
                    .composeString(text)
                    .map(node -> tree(node, 0))
                    .orElse(null);
            return values > MAX_VALUES ? null : tree;
        } catch (MarkedYamlEngineException e) {
            Mark mark = e.getProblemMark().or(e::getContextMark).orElse(null);
            int line = mark == null ? 1 : mark.getLine() + 1;
            String where = mark == null ? "" : " (column " + (mark.getColumn() + 1) + ")";
            problems.add(origins.apply(line), "not YAML: " + said(e.getProblem()) + where + begun(e, line));
        } catch (ReaderException e) {
            String before = text.substring(0, Math.max(0, text.indexOf(e.getCodePoint())));
            int line = 1 + (int) before.chars().filter(each -> each == '\n').count();
            String character = String.format(Locale.ROOT, "U+%04X", e.getCodePoint());
            problems.add(origins.apply(line), "the character " + character + " is not allowed in YAML; remove it");
        } catch (YamlEngineException e) {
            problems.add(origins.apply(1), "not YAML: " + said(String.valueOf(e.getMessage())));
        }
        return null;
    }

    /** The parser's words in one line; where they are about its own business, in words about the file. */
    private static String said(String message) {
        if (message.contains("(TAB)")) {
            return "a tab stands here; indent with spaces";
        }
        if (message.contains("another document")) {
            return "a second document begins here, and a recipe is one; remove the line ---";
        }
        String said = message.strip().replaceAll("\\s*\\n\\s*", "; ").replaceAll(" \\(Do not use .*\\)", "");
        if (said.contains("mapping values are not allowed")) {
            return said + "; put a text with a colon in quotes, and indent the keys of a block alike";
        }
        if (said.contains("cannot start any token")) {
            return said.replaceAll("\\.$", "") + "; put the text in quotes";
        }
        return said.contains("escape character")
                ? said + "; in double quotes a backslash begins an escape: use single quotes"
                : said;
    }

    /** Where that began which was not ended, if it is another line. */
    private static String begun(MarkedYamlEngineException e, int line) {
        int from = e.getContextMark().map(mark -> mark.getLine() + 1).orElse(line);
        boolean known = String.valueOf(e.getContext()).startsWith("while ");
        return from == line || !known ? "" : ", " + e.getContext() + " that begins in line " + from;
    }

    private @Nullable Tree tree(Node node, int depth) {
        Origin origin = originOf(node);
        if (++values > MAX_VALUES || depth > MAX_DEPTH) {
            problems.add(
                    origin,
                    "the recipe grows too large here: at most " + MAX_VALUES + " values, " + MAX_DEPTH
                            + " levels deep");
            return null;
        }
        if (!PLAIN_TAGS.contains(node.getTag())) {
            problems.add(origin, "the tag " + node.getTag().getValue() + " is not allowed; remove it");
        }
        if (node instanceof ScalarNode scalar) {
            return new Tree.Scalar(scalar.getValue(), !scalar.isPlain(), origin);
        }
        if (node instanceof SequenceNode sequence) {
            List<Tree> items = new ArrayList<>();
            for (Node item : sequence.getValue()) {
                if (values > MAX_VALUES) {
                    return null;
                }
                Tree tree = tree(item, depth + 1);
                if (tree != null) {
                    items.add(tree);
                }
            }
            return new Tree.Sequence(items, origin);
        }
        return mapping((MappingNode) node, origin, depth);
    }

    private Tree.@Nullable Mapping mapping(MappingNode node, Origin origin, int depth) {
        Map<String, Tree.Entry> entries = new LinkedHashMap<>();
        for (NodeTuple tuple : node.getValue()) {
            if (values > MAX_VALUES) {
                return null;
            }
            Origin keyOrigin = originOf(tuple.getKeyNode());
            if (!(tuple.getKeyNode() instanceof ScalarNode keyNode)) {
                problems.add(keyOrigin, "a key must be a single word");
                continue;
            }
            String key = keyNode.getValue();
            Tree value = tree(tuple.getValueNode(), depth + 1);
            Tree.Entry first = entries.get(key);
            if (first != null) {
                problems.add(
                        keyOrigin,
                        "the key \"" + key + "\" stands here twice (first at "
                                + first.keyOrigin().where() + "); remove one");
            } else if (value instanceof Tree.Scalar scalar && scalar.isNull()) {
                // an absent value has the line of whatever comes next
                entries.put(key, new Tree.Entry(keyOrigin, new Tree.Scalar(scalar.text(), false, keyOrigin)));
            } else if (value != null) {
                entries.put(key, new Tree.Entry(keyOrigin, value));
            }
        }
        return new Tree.Mapping(entries, origin);
    }

    private Origin originOf(Node node) {
        return origins.apply(node.getStartMark().map(mark -> mark.getLine() + 1).orElse(1));
    }
}
