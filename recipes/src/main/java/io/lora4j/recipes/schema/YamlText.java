package io.lora4j.recipes.schema;

import java.util.ArrayList;
import java.util.List;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Present;
import org.snakeyaml.engine.v2.api.lowlevel.Serialize;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** Writes a {@link Tree} as YAML that {@link YamlTree} reads back to the same values: what was written without quotes stays without. */
public final class YamlText {
    private static final DumpSettings SETTINGS = DumpSettings.builder()
            .setDefaultFlowStyle(FlowStyle.BLOCK)
            .setWidth(1000)
            .build();

    private YamlText() {}

    /**
     * The text of a document.
     *
     * @param tree the document
     * @return text that ends with a line break
     */
    public static String of(Tree tree) {
        return new Present(SETTINGS)
                .emitToString(new Serialize(SETTINGS).serializeOne(node(tree)).iterator());
    }

    private static Node node(Tree tree) {
        if (tree instanceof Tree.Mapping mapping) {
            List<NodeTuple> tuples = new ArrayList<>();
            mapping.entries()
                    .forEach((key, entry) -> tuples.add(new NodeTuple(scalar(key, false), node(entry.value()))));
            return new MappingNode(Tag.MAP, tuples, tuples.isEmpty() ? FlowStyle.FLOW : FlowStyle.BLOCK);
        }
        if (tree instanceof Tree.Sequence sequence) {
            List<Node> items = sequence.items().stream().map(YamlText::node).toList();
            boolean scalars = sequence.items().stream().allMatch(item -> item instanceof Tree.Scalar);
            return new SequenceNode(Tag.SEQ, items, scalars ? FlowStyle.FLOW : FlowStyle.BLOCK);
        }
        Tree.Scalar scalar = (Tree.Scalar) tree;
        return scalar(scalar.text(), scalar.quoted());
    }

    /** With the tag that the reader will find, so that none is written. */
    private static Node scalar(String text, boolean quoted) {
        return quoted
                ? new ScalarNode(Tag.STR, text, ScalarStyle.DOUBLE_QUOTED)
                : new ScalarNode(SETTINGS.getSchema().getScalarResolver().resolve(text, true), text, ScalarStyle.PLAIN);
    }
}
