package io.lora4j.recipes.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a scalar that does not fit was probably meant to be: the habits of other programs, languages and of YAML 1.1 (quoted numbers,
 * {@code yes}, {@code 1_000}, {@code 0,001}, {@code 6 %}, {@code 0x10}, {@code 010}).
 */
final class Corrections {
    private static final Pattern LEADING_ZEROS = Pattern.compile("([-+]?)0+([0-9].*)");
    private static final Pattern GROUPED = Pattern.compile("[-+]?[0-9]{1,3}([_ ',][0-9]{3})+");
    private static final Pattern DECIMAL_COMMA = Pattern.compile("[-+]?[0-9]*,[0-9]+([eE][-+]?[0-9]+)?");
    private static final Pattern PERCENT = Pattern.compile("([0-9]{1,3}) ?%");
    private static final Pattern BASED = Pattern.compile("0([xXoObB])([0-9a-fA-F]{1,8})");
    private static final Pattern TEN_TO = Pattern.compile("10(\\^|\\*\\*)([-+]?[0-9]{1,2})");

    private Corrections() {}

    /**
     * The end of a message about a scalar that does not fit.
     *
     * @param scalar what was written
     * @param fits whether a scalar would be taken
     * @return {@code ; write X} or the like, for the first correction that would be taken; empty if there is none
     */
    static String hint(Tree.Scalar scalar, Predicate<Tree.Scalar> fits) {
        if (scalar.quoted() && fits.test(new Tree.Scalar(scalar.text(), false, scalar.origin()))) {
            return "; remove the quotes";
        }
        Optional<String> correction = candidates(scalar.text().strip()).stream()
                .filter(text -> !text.equals(scalar.text()) || scalar.quoted())
                .filter(text -> fits.test(new Tree.Scalar(text, false, scalar.origin())))
                .findFirst();
        return correction.map(text -> "; write " + text).orElse("");
    }

    /** What the text could stand for, the likeliest first. */
    private static List<String> candidates(String text) {
        List<String> found = new ArrayList<>();
        switch (text.toLowerCase(Locale.ROOT)) {
            case "yes", "y", "on", "true" -> found.add("true");
            case "no", "n", "off", "false" -> found.add("false");
            default -> numbers(text, found);
        }
        return found;
    }

    private static void numbers(String text, List<String> found) {
        if (GROUPED.matcher(text).matches()) {
            found.add(text.replaceAll("[_ ',]", ""));
        }
        if (DECIMAL_COMMA.matcher(text).matches()) {
            found.add(text.replace(',', '.'));
        }
        Matcher percent = PERCENT.matcher(text);
        if (percent.matches()) {
            found.add(String.valueOf(Integer.parseInt(percent.group(1)) / 100.0));
        }
        Matcher based = BASED.matcher(text);
        if (based.matches()) {
            found.addAll(decimal(based.group(1), based.group(2)));
        }
        Matcher ten = TEN_TO.matcher(text);
        if (ten.matches()) {
            found.add("1e" + ten.group(2));
        }
        Matcher zeros = LEADING_ZEROS.matcher(text);
        if (zeros.matches()) {
            found.add(zeros.group(1) + zeros.group(2));
        }
        if (text.matches("[-+]?[0-9]+\\.0*")) {
            found.add(text.substring(0, text.indexOf('.')));
        }
        if (text.matches("[-+]?[0-9]+(\\.[0-9]+)?[eE][-+]?[0-9]+")) {
            double value = Double.parseDouble(text);
            if (value == Math.rint(value) && Math.abs(value) < 1e15) {
                found.add(String.valueOf((long) value));
            }
        }
    }

    private static List<String> decimal(String base, String digits) {
        int radix =
                switch (base) {
                    case "x", "X" -> 16;
                    case "o", "O" -> 8;
                    default -> 2;
                };
        try {
            return List.of(String.valueOf(Long.parseLong(digits, radix)));
        } catch (NumberFormatException e) {
            return List.of(); // digits of another base
        }
    }
}
