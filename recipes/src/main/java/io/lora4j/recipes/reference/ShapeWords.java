package io.lora4j.recipes.reference;

import io.lora4j.recipes.schema.Shape;
import io.lora4j.recipes.schema.Types;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Shapes and defaults in words. */
final class ShapeWords {
    /** More names than these are listed elsewhere. */
    static final int MOST_NAMES = 8;

    private ShapeWords() {}

    /**
     * A shape in words.
     *
     * @param shape the shape
     * @param quote how a name that is written as it stands is set apart
     * @return a noun phrase, e.g. {@code a whole number from 1 to 4096}
     */
    static String of(Shape shape, UnaryOperator<String> quote) {
        if (shape instanceof Shape.Text text) {
            return text.words();
        } else if (shape instanceof Shape.Lists lists) {
            return lists.words();
        } else if (shape instanceof Shape.Whole whole) {
            return whole.words();
        } else if (shape instanceof Shape.Real real) {
            return real.words();
        } else if (shape instanceof Shape.Truth) {
            return names(List.of("true", "false"), quote);
        } else if (shape instanceof Shape.Choice choice) {
            return names(choice.names(), quote);
        } else if (shape instanceof Shape.Several several) {
            return several(several, quote);
        } else if (shape instanceof Shape.Either either) {
            return either.shapes().stream()
                    .map(each -> of(each, quote))
                    .distinct()
                    .collect(Collectors.joining(", or "));
        } else if (shape instanceof Shape.Block || shape instanceof Shape.Named) {
            return "a block of keys";
        }
        return "anything";
    }

    private static String several(Shape.Several several, UnaryOperator<String> quote) {
        String item = of(several.item(), quote);
        String size = size(several.min(), several.max());
        if (several.single()) {
            return item + ", or a list of " + (size.isEmpty() ? "such" : size);
        }
        return "a list of " + (size.isEmpty() ? "" : size + ", each ") + item;
    }

    private static String size(int min, int max) {
        if (min == max) {
            return String.valueOf(min);
        }
        return min > 1 ? "at least " + min : max < Integer.MAX_VALUE ? "up to " + max : "";
    }

    private static String names(List<String> names, UnaryOperator<String> quote) {
        if (names.size() > MOST_NAMES) {
            return "one of the names below";
        }
        List<String> quoted = names.stream().map(quote).toList();
        int last = quoted.size() - 1;
        return last < 1
                ? String.join("", quoted)
                : String.join(", ", quoted.subList(0, last)) + " or " + quoted.get(last);
    }

    /**
     * A default as a recipe would write it.
     *
     * @param value a scalar, an enum's constant or a list of such; null for none
     * @return its text; {@code -} for none or an empty text
     */
    static String value(@Nullable Object value) {
        if (value == null || value.equals("")) {
            return "-";
        }
        Object plain = plain(value);
        if (plain instanceof List<?> list) {
            return list.size() == 1
                    ? value(list.get(0))
                    : list.stream().map(ShapeWords::value).collect(Collectors.joining(", ", "[", "]"));
        }
        if (plain instanceof Double number) {
            return number == Math.rint(number) && Math.abs(number) < 1e7
                    ? String.valueOf(number.longValue())
                    : number.toString().replace(".0E", "e").replace('E', 'e');
        }
        return plain.toString();
    }

    /**
     * A default as JSON and YAML have it.
     *
     * @param value a scalar, an enum's constant or a list of such
     * @return text, number, truth value or a list of such
     */
    static Object plain(Object value) {
        if (value instanceof Enum<?> name) {
            return Types.name(name);
        }
        if (value instanceof List<?> list) {
            return list.stream()
                    .map(each -> plain(Objects.requireNonNull(each)))
                    .toList();
        }
        return value instanceof Number || value instanceof Boolean ? value : value.toString();
    }
}
