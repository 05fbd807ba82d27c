package io.lora4j.recipes.reference;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lora4j.recipes.StudyReader;
import io.lora4j.recipes.method.MethodType;
import io.lora4j.recipes.method.Methods;
import io.lora4j.recipes.schema.Key;
import io.lora4j.recipes.schema.Section;
import io.lora4j.recipes.schema.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The schema of recipes as JSON Schema, draft 2020-12, for editors: they then complete keys and names, show what a key does, and mark
 * mistakes while one types.
 *
 * <p>It knows keys, types, ranges and names. What lies between keys ({@code epochs} and {@code steps}, methods that do not go with a
 * preconditioner) only {@link StudyReader} tells. It is stricter in two points: tasks are known by their two usual spellings only, and an
 * empty value is marked.
 */
public final class RecipeJsonSchema {
    private final Map<Key<?>, String> shared = new LinkedHashMap<>();
    private final Map<String, Object> definitions = new LinkedHashMap<>();

    private RecipeJsonSchema() {}

    /**
     * The schema file.
     *
     * @return JSON text that ends with a line break; the same for the same program
     */
    public static String text() {
        DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
        DefaultPrettyPrinter printer = new DefaultPrettyPrinter(
                        Separators.createDefaultInstance().withObjectFieldValueSpacing(Separators.Spacing.AFTER))
                .withObjectIndenter(indenter);
        try {
            return JsonMapper.builder().build().writer(printer).writeValueAsString(document()) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("maps, lists, texts and numbers are always JSON", e);
        }
    }

    private static Map<String, Object> document() {
        RecipeJsonSchema schema = new RecipeJsonSchema();
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        document.put("title", "LoRA4J recipe");
        document.put("description", "A pre-trained encoder, a task, methods and a budget.");
        document.putAll(schema.block(StudyReader.schema(), Map.of(), ""));
        document.put("$defs", schema.definitions);
        return document;
    }

    /** A block; {@code defaults} go before those of the keys. */
    private Map<String, Object> block(Section<?> section, Map<String, Object> defaults, String prefix) {
        Map<String, Object> properties = new LinkedHashMap<>();
        List<String> required = new ArrayList<>();
        for (Key<?> key : section.keys()) {
            properties.put(key.name(), property(key, defaults, prefix));
            if (key.required() && !RecipeKeys.isFilledIn(prefix + key.name())) {
                required.add(key.name());
            }
        }
        Map<String, Object> block = new LinkedHashMap<>();
        block.put("type", "object");
        block.put("properties", properties);
        if (!required.isEmpty()) {
            block.put("required", required);
        }
        block.put("additionalProperties", false);
        return block;
    }

    private Map<String, Object> property(Key<?> key, Map<String, Object> defaults, String prefix) {
        Map<String, Object> property = new LinkedHashMap<>();
        String definition = shared.get(key);
        if (definition != null) {
            property.put("$ref", "#/$defs/" + definition);
        } else {
            property.putAll(of(key, prefix));
        }
        Object own = defaults.get(key.name());
        Object fallback = own == null ? key.fallback() : own;
        if (fallback != null && !fallback.equals("")) {
            property.put("default", defaultOf(key.type().shape(), ShapeWords.plain(fallback)));
        }
        return property;
    }

    /** A list of one is written as its item where that is allowed. */
    private static Object defaultOf(Shape shape, Object value) {
        boolean single = shape instanceof Shape.Several several && several.single();
        return single && value instanceof List<?> list && list.size() == 1 ? list.get(0) : value;
    }

    private Map<String, Object> of(Key<?> key, String prefix) {
        Map<String, Object> property = new LinkedHashMap<>();
        property.put("description", key.doc());
        property.putAll(of(key.type().shape(), prefix + key.name() + "."));
        return property;
    }

    private Map<String, Object> of(Shape shape, String prefix) {
        if (shape instanceof Shape.Block block) {
            return block(block.section(), Map.of(), prefix);
        } else if (shape instanceof Shape.Named named) {
            return named(named, prefix);
        } else if (shape instanceof Shape.Several several) {
            return several(several, prefix);
        } else if (shape instanceof Shape.Either either) {
            return Map.of(
                    "anyOf",
                    either.shapes().stream().map(each -> of(each, prefix)).toList());
        }
        return scalar(shape);
    }

    private static Map<String, Object> scalar(Shape shape) {
        Map<String, Object> schema = new LinkedHashMap<>();
        if (shape instanceof Shape.Text text) {
            // YAML gives an unquoted 1 or yes its own type; the recipe's reader takes it as the text that stands there
            schema.put("type", List.of("string", "number", "boolean"));
            putIf(schema, "pattern", text.form() == null ? null : "^(?:" + text.form() + ")$");
        } else if (shape instanceof Shape.Whole whole) {
            schema.put("type", "integer");
            putIf(schema, "minimum", whole.min() == Long.MIN_VALUE ? null : whole.min());
            putIf(schema, "maximum", whole.max() == Long.MAX_VALUE ? null : whole.max());
        } else if (shape instanceof Shape.Real real) {
            schema.put("type", "number");
            putIf(
                    schema,
                    real.leastAllowed() ? "minimum" : "exclusiveMinimum",
                    Double.isInfinite(real.least()) ? null : real.least());
            putIf(schema, "exclusiveMaximum", Double.isInfinite(real.below()) ? null : real.below());
        } else if (shape instanceof Shape.Truth) {
            schema.put("type", "boolean");
        } else if (shape instanceof Shape.Choice choice) {
            schema.put("enum", choice.names());
        } else if (shape instanceof Shape.Lists) {
            schema.put("type", "object");
            schema.put("minProperties", 1);
        }
        return schema;
    }

    private Map<String, Object> several(Shape.Several several, String prefix) {
        Map<String, Object> item = of(several.item(), prefix);
        if (several.single() && several.item() instanceof Shape.Either) {
            String name = prefix.substring(0, prefix.length() - 1); // it stands here twice, and is long
            definitions.put(name, item);
            item = Map.of("$ref", "#/$defs/" + name);
        }
        Map<String, Object> list = new LinkedHashMap<>();
        list.put("type", "array");
        list.put("items", item);
        list.put("minItems", several.min());
        putIf(list, "maxItems", several.max() == Integer.MAX_VALUE ? null : several.max());
        list.put("uniqueItems", true);
        return several.single() ? Map.of("anyOf", List.of(item, list)) : list;
    }

    /** One object, of which the named key's value says which further keys it has: editors then tell what is wrong with the one meant. */
    private Map<String, Object> named(Shape.Named named, String prefix) {
        share(named, prefix);
        List<String> names = named.sections().stream().map(Section::name).toList();
        List<Object> cases = new ArrayList<>();
        for (Section<?> section : named.sections()) {
            MethodType method = Methods.byName().get(section.name());
            Map<String, Object> defaults =
                    method == null ? Map.of() : method.defaults().toMap();
            Map<String, Object> then = new LinkedHashMap<>();
            if (method != null) {
                then.put("description", method.summary() + " (" + method.source() + ")");
            }
            then.putAll(block(section, defaults, prefix));
            Map<String, Object> each = new LinkedHashMap<>();
            each.put("if", isNamed(named.key(), section.name()));
            each.put("then", then);
            cases.add(each);
        }
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", "object");
        schema.put("properties", Map.of(named.key(), Map.of("enum", names)));
        schema.put("required", List.of(named.key()));
        schema.put("allOf", cases);
        return schema;
    }

    private static Map<String, Object> isNamed(String key, String name) {
        Map<String, Object> condition = new LinkedHashMap<>();
        condition.put("properties", Map.of(key, Map.of("const", name)));
        condition.put("required", List.of(key));
        return condition;
    }

    /** Keys of several blocks are written down once. */
    private void share(Shape.Named named, String prefix) {
        Map<Key<?>, Integer> uses = new LinkedHashMap<>();
        named.sections().forEach(section -> section.keys().forEach(key -> uses.merge(key, 1, Integer::sum)));
        uses.forEach((key, count) -> {
            if (count > 1 && !definitions.containsKey(key.name())) {
                definitions.put(key.name(), of(key, prefix));
                shared.put(key, key.name());
            }
        });
    }

    private static void putIf(Map<String, Object> map, String key, @Nullable Object value) {
        if (value != null) {
            map.put(key, value);
        }
    }
}
