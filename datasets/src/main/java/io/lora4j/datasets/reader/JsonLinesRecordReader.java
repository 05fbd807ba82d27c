package io.lora4j.datasets.reader;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.datavec.api.records.reader.impl.LineRecordReader;
import org.datavec.api.writable.Text;
import org.datavec.api.writable.Writable;

/**
 * One JSON object per line; the cells are the members asked for, in the order asked for, and other members are ignored.
 *
 * <p>A member is a string, a number or a boolean; numbers and booleans are taken as they are written ({@code 1} and
 * {@code 1.0} differ). Blank lines give a record without cells. {@link #next()} throws {@link MalformedRecordException} for
 * anything else, with a message that ends a sentence about the line.
 */
public final class JsonLinesRecordReader extends LineRecordReader {
    private static final long serialVersionUID = 1L;

    private static final ObjectReader JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build()
            .readerFor(JsonNode.class);

    private final ArrayList<String> members;

    /**
     * @param members the names of the members to read, each one cell
     */
    public JsonLinesRecordReader(List<String> members) {
        this.members = new ArrayList<>(members);
    }

    @Override
    public List<Writable> next() {
        String line = super.next().get(0).toString();
        if (line.isBlank()) {
            return List.of();
        }
        JsonNode object = parse(line);
        List<Writable> cells = new ArrayList<>(members.size());
        for (String member : members) {
            cells.add(new Text(text(object, member)));
        }
        return cells;
    }

    private JsonNode parse(String line) {
        JsonNode node;
        try {
            node = JSON.readTree(line);
        } catch (JsonProcessingException e) {
            throw new MalformedRecordException(lineIndex, "is not one JSON value: " + e.getOriginalMessage(), e);
        }
        if (!node.isObject()) {
            throw new MalformedRecordException(
                    lineIndex,
                    "holds a JSON " + node.getNodeType().name().toLowerCase(Locale.ROOT)
                            + " where an object ({...}) is needed");
        }
        return node;
    }

    private String text(JsonNode object, String member) {
        JsonNode value = object.get(member);
        if (value == null) {
            List<String> present = new ArrayList<>();
            object.fieldNames().forEachRemaining(present::add);
            throw new MalformedRecordException(
                    lineIndex, "has no member '" + member + "'; its members are " + String.join(", ", present));
        }
        if (!value.isTextual() && !value.isNumber() && !value.isBoolean()) {
            throw new MalformedRecordException(
                    lineIndex,
                    "member '" + member + "' is a JSON "
                            + value.getNodeType().name().toLowerCase(Locale.ROOT)
                            + " where a string, a number or a boolean is needed");
        }
        return value.asText();
    }
}
