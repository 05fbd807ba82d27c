package io.lora4j.models.peft;

import io.lora4j.adapter.LoraConfig;
import io.lora4j.error.FormatException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * The regular expressions of one {@code adapter_config.json}. They come from strangers, and java.util.regex tries every way of matching: an
 * expression that is too long, nested too deeply, repeats too much, or takes too many steps on the names it is held against is refused.
 *
 * <p>Python's and Java's expressions agree in what PEFT's keys are made of; what only Python knows ({@code (?P<name>...)}, conditionals) is
 * refused as no regular expression. Not thread-safe.
 */
final class PeftPatterns {
    private static final int MAX_LENGTH = 10_000;

    /** Of all counted repetitions of one expression, {@code {n,m}}, multiplied. */
    private static final double MAX_REPETITIONS = 1000;

    /** Characters looked at by all expressions of a file together: half a second's work, and a hundred times what long lists of keys take. */
    private static final long MAX_STEPS = 50_000_000;

    private static final Pattern COUNTED = Pattern.compile("\\{(\\d+)(?:,(\\d*))?}");

    private final Path file;
    private long steps;

    PeftPatterns(Path file) {
        this.file = file;
    }

    /** The pattern of a key of rank_pattern or alpha_pattern. */
    Pattern key(String name, String key) {
        check(name, key);
        try {
            return LoraConfig.keyPattern(key);
        } catch (IllegalArgumentException | StackOverflowError e) {
            throw refused(name, key, "is not a regular expression");
        }
    }

    /** The pattern of target_modules. */
    Pattern whole(String name, String regex) {
        check(name, regex);
        try {
            return Pattern.compile(regex);
        } catch (PatternSyntaxException e) {
            throw refused(name, regex, "is not a regular expression: " + e.getDescription());
        } catch (StackOverflowError e) {
            throw refused(name, regex, "is nested too deeply");
        }
    }

    private void check(String name, String regex) {
        if (regex.length() > MAX_LENGTH) {
            throw refused(name, regex, "has " + regex.length() + " characters, the limit is " + MAX_LENGTH);
        }
        double repetitions = 1;
        Matcher counted = COUNTED.matcher(regex);
        while (counted.find()) {
            String most = counted.group(2) == null || counted.group(2).isEmpty() ? counted.group(1) : counted.group(2);
            repetitions *= Math.max(1, Double.parseDouble(most));
        }
        if (repetitions > MAX_REPETITIONS) {
            throw refused(name, regex, "repeats more than " + (int) MAX_REPETITIONS + " times");
        }
    }

    private FormatException refused(String name, String regex, String why) {
        return new FormatException(file, name + ": \"" + PeftNames.shortened(regex) + "\" " + why);
    }

    /** Whether a whole name matches. */
    boolean matches(String name, Pattern pattern, String layer) {
        try {
            return pattern.matcher(new Counted(name, pattern, layer)).matches();
        } catch (StackOverflowError e) {
            throw refused(name, pattern.pattern(), "cannot be held against " + PeftNames.shortened(layer));
        }
    }

    /** A name whose characters are counted as they are looked at. */
    private final class Counted implements CharSequence {
        private final String name;
        private final Pattern pattern;
        private final String text;

        Counted(String name, Pattern pattern, String text) {
            this.name = name;
            this.pattern = pattern;
            this.text = text;
        }

        @Override
        public char charAt(int index) {
            if (++steps > MAX_STEPS) {
                throw refused(name, pattern.pattern(), "takes too many steps to be held against the layers' names");
            }
            return text.charAt(index);
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return new Counted(name, pattern, text.substring(start, end));
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
