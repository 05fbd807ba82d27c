package io.lora4j.recipes.schema;

import io.lora4j.error.Suggestions;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The types a key can have. Numbers and truth values follow YAML 1.2's core schema and are written without quotes. */
public final class Types {
    private static final Pattern INTEGER = Pattern.compile("[-+]?(0|[1-9][0-9]*)");
    private static final Pattern NUMBER =
            Pattern.compile("[-+]?(\\.[0-9]+|(0|[1-9][0-9]*)(\\.[0-9]*)?)([eE][-+]?[0-9]+)?");

    private Types() {}

    /** Reads a value out of one scalar; null says that it does not fit. */
    private interface FromScalar<T> {
        @Nullable
        T parse(Tree.Scalar scalar);
    }

    private record ScalarType<T>(String describe, Shape shape, FromScalar<T> parser) implements Type<T> {
        @Override
        public @Nullable T read(Tree tree, String path, Problems problems) {
            T value = tree instanceof Tree.Scalar scalar ? parser.parse(scalar) : null;
            if (value == null) {
                String hint = tree instanceof Tree.Scalar scalar
                        ? Corrections.hint(scalar, corrected -> parser.parse(corrected) != null)
                        : "";
                problems.add(tree.origin(), path + " must be " + describe + ", not " + tree.describe() + hint);
            }
            return value;
        }
    }

    /**
     * Any text.
     *
     * @return the type
     */
    public static Type<String> text() {
        return new ScalarType<>(
                "text", new Shape.Text("text", null), scalar -> scalar.text().isBlank() ? null : scalar.text());
    }

    /**
     * Text of a form.
     *
     * @param describe the form in words
     * @param form what the whole text must match
     * @return the type
     */
    public static Type<String> text(String describe, Pattern form) {
        return new ScalarType<>(
                describe,
                new Shape.Text(describe, form.pattern()),
                scalar -> form.matcher(scalar.text()).matches() ? scalar.text() : null);
    }

    /**
     * A whole number.
     *
     * @param min the smallest allowed
     * @param max the largest allowed
     * @return the type
     */
    public static Type<Long> integer(long min, long max) {
        String range = max < Integer.MAX_VALUE ? " from " + min + " to " + max : " of at least " + min;
        String describe = "a whole number" + (min == Long.MIN_VALUE ? "" : range);
        return new ScalarType<>(describe, new Shape.Whole(describe, min, max), scalar -> {
            if (scalar.quoted() || !INTEGER.matcher(scalar.text()).matches()) {
                return null;
            }
            try {
                long value = Long.parseLong(scalar.text());
                return value < min || value > max ? null : Long.valueOf(value);
            } catch (NumberFormatException e) {
                return null; // more digits than a long has
            }
        });
    }

    /**
     * Any finite number.
     *
     * @return the type
     */
    public static Type<Double> number() {
        return number(new Shape.Real("a number", Double.NEGATIVE_INFINITY, false, Double.POSITIVE_INFINITY));
    }

    /**
     * A finite number greater than a limit.
     *
     * @param limit not allowed itself
     * @return the type
     */
    public static Type<Double> above(double limit) {
        return number(new Shape.Real("a number greater than " + plain(limit), limit, false, Double.POSITIVE_INFINITY));
    }

    /**
     * A finite number of at least some size.
     *
     * @param min the smallest allowed
     * @return the type
     */
    public static Type<Double> atLeast(double min) {
        return number(new Shape.Real("a number of at least " + plain(min), min, true, Double.POSITIVE_INFINITY));
    }

    /**
     * A probability that leaves something over: in [0, 1).
     *
     * @return the type
     */
    public static Type<Double> fraction() {
        return number(new Shape.Real("a number from 0 to below 1", 0, true, 1));
    }

    /**
     * A part of something that leaves something on both sides: in (0, 1).
     *
     * @return the type
     */
    public static Type<Double> share() {
        return number(new Shape.Real("a number above 0 and below 1", 0, false, 1));
    }

    private static Type<Double> number(Shape.Real range) {
        return new ScalarType<>(range.words(), range, scalar -> {
            if (scalar.quoted() || !NUMBER.matcher(scalar.text()).matches()) {
                return null;
            }
            double value = Double.parseDouble(scalar.text());
            boolean enough = range.leastAllowed() ? value >= range.least() : value > range.least();
            return enough && Double.isFinite(value) && value < range.below() ? Double.valueOf(value) : null;
        });
    }

    private static String plain(double value) {
        return value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value);
    }

    /**
     * True or false.
     *
     * @return the type
     */
    public static Type<Boolean> bool() {
        return new ScalarType<>("true or false", new Shape.Truth(), scalar -> {
            if (scalar.quoted()) {
                return null;
            }
            return switch (scalar.text()) {
                case "true", "True", "TRUE" -> Boolean.TRUE;
                case "false", "False", "FALSE" -> Boolean.FALSE;
                default -> null;
            };
        });
    }

    /**
     * One of a closed set of names.
     *
     * @param what the kind of thing in one word, e.g. {@code task}
     * @param choices name to value, in the order they are listed
     * @param <T> the Java type
     * @return the type; its problem carries a suggestion
     */
    public static <T> Type<T> oneOf(String what, Map<String, T> choices) {
        return new Type<>() {
            @Override
            public @Nullable T read(Tree tree, String path, Problems problems) {
                if (!(tree instanceof Tree.Scalar scalar)) {
                    problems.add(tree.origin(), path + " must be " + describe() + ", not " + tree.describe());
                    return null;
                }
                T value = choices.get(scalar.text());
                if (value == null) {
                    problems.add(
                            tree.origin(),
                            path + ": unknown " + what + " \"" + scalar.text() + "\""
                                    + Suggestions.hint(scalar.text(), choices.keySet()));
                }
                return value;
            }

            @Override
            public String describe() {
                return String.join(" | ", choices.keySet());
            }

            @Override
            public Shape shape() {
                return new Shape.Choice(List.copyOf(choices.keySet()));
            }
        };
    }

    /**
     * A path; a relative one is resolved against the folder of the recipe file, or against the current working directory if it was
     * typed on the command line.
     *
     * @return the type; values are absolute and normalised
     */
    public static Type<Path> path() {
        return new ScalarType<>("a path", new Shape.Text("a path", null), scalar -> {
            if (scalar.text().isBlank()) {
                return null;
            }
            try {
                return scalar.origin().base().resolve(scalar.text()).normalize();
            } catch (InvalidPathException e) {
                return null;
            }
        });
    }

    /**
     * One item, or a list of items that differ.
     *
     * @param item the type of an item
     * @param <T> the Java type of an item
     * @return the type; a list has at least one item
     */
    public static <T> Type<List<T>> oneOrMore(Type<T> item) {
        return listOf(item, true, 1, Integer.MAX_VALUE);
    }

    /**
     * A list of items that differ.
     *
     * @param item the type of an item
     * @param single whether one item may be written without brackets
     * @param min the fewest items
     * @param max the most items
     * @param <T> the Java type of an item
     * @return the type
     */
    public static <T> Type<List<T>> listOf(Type<T> item, boolean single, int min, int max) {
        return new Type<>() {
            @Override
            public @Nullable List<T> read(Tree tree, String path, Problems problems) {
                List<Tree> trees;
                if (tree instanceof Tree.Sequence sequence) {
                    trees = sequence.items();
                } else if (isList(tree, path)) {
                    problems.add(
                            tree.origin(),
                            path + " is one text here; write a list: [" + ((Tree.Scalar) tree).text() + "]");
                    return null;
                } else if (single) {
                    trees = List.of(tree);
                } else {
                    problems.add(tree.origin(), path + " must be " + describe() + ", not " + tree.describe());
                    return null;
                }
                if (trees.size() < min || trees.size() > max) {
                    int bound = trees.size() < min ? min : max;
                    String limit =
                            (bound == min ? "at least " : "at most ") + bound + (bound == 1 ? " item" : " items");
                    problems.add(tree.origin(), path + " must have " + limit + ", not " + trees.size());
                }
                List<T> items = items(trees, path, problems);
                return trees.size() < min || trees.size() > max ? null : items;
            }

            /** Whether a text with commas would do if it were a list. */
            private boolean isList(Tree tree, String path) {
                if (!(tree instanceof Tree.Scalar scalar) || !scalar.text().contains(",")) {
                    return false;
                }
                if (scalar.quoted() && item.read(scalar, path, new Problems()) != null) {
                    return false; // meant as it stands: a name may have a comma
                }
                Problems unheard = new Problems();
                for (String part : scalar.text().split(",", -1)) {
                    item.read(new Tree.Scalar(part.strip(), false, scalar.origin()), path, unheard);
                }
                return unheard.count() == 0;
            }

            private @Nullable List<T> items(List<Tree> trees, String path, Problems problems) {
                int before = problems.count();
                List<T> values = new ArrayList<>();
                Set<T> seen = new HashSet<>();
                for (Tree tree : trees) {
                    if (tree instanceof Tree.Scalar scalar && scalar.isNull()) {
                        problems.add(
                                tree.origin(),
                                path + " has an empty item; remove it, or quote it if it is meant as text");
                        continue;
                    }
                    T value = item.read(tree, path, problems);
                    if (value != null && !seen.add(value)) {
                        problems.add(tree.origin(), path + " has " + tree.describe() + " twice; remove one");
                    } else if (value != null) {
                        values.add(value);
                    }
                }
                return problems.count() > before ? null : List.copyOf(values);
            }

            @Override
            public String describe() {
                return (single ? item.describe() + ", or a list of such" : "a list, each item " + item.describe());
            }

            @Override
            public Shape shape() {
                return new Shape.Several(item.shape(), single, min, max);
            }
        };
    }

    /**
     * The names of an enum's constants as recipes write them: lower case, {@code -} for {@code _}.
     *
     * @param values the constants
     * @param <E> the enum
     * @return name to constant, in order
     */
    public static <E extends Enum<E>> Map<String, E> names(E[] values) {
        return java.util.Arrays.stream(values)
                .collect(Collectors.toMap(Types::name, value -> value, (a, b) -> a, java.util.LinkedHashMap::new));
    }

    /**
     * The name of an enum's constant as recipes write it.
     *
     * @param value the constant
     * @return lower case, {@code -} for {@code _}
     */
    public static String name(Enum<?> value) {
        return value.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }
}
