package io.lora4j.datasets.bundled;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A sentence (or two, parted by {@code ||}) with slots: {@code {thing.pl}} is the plural of a thing, {@code {thing2.pl}} that of
 * another thing, {@code {a thing.sg}} has the indefinite article.
 *
 * @param text the template
 */
record Template(String text) {
    private static final Pattern SLOT = Pattern.compile("\\{(a )?([a-z]+)([0-9]*)(?:\\.([a-z0-9]+))?}");

    /**
     * One place of a template to be filled.
     *
     * @param category the category of the word
     * @param number empty, or a number that parts the words of one category
     */
    record Slot(String category, String number) {}

    /** The slots in the order in which they first occur, each once. */
    List<Slot> slots() {
        List<Slot> slots = new ArrayList<>();
        Matcher matcher = SLOT.matcher(text);
        while (matcher.find()) {
            Slot slot = new Slot(matcher.group(2), matcher.group(3));
            if (!slots.contains(slot)) {
                slots.add(slot);
            }
        }
        return slots;
    }

    /** The template with words in all slots: one or two sentences, each beginning with a capital letter. */
    List<String> fill(Map<Slot, Lexicon.Word> words) {
        String filled = SLOT.matcher(text).replaceAll(match -> {
            Lexicon.Word word = words.get(new Slot(match.group(2), match.group(3)));
            if (word == null) {
                throw new IllegalStateException("no word for " + match.group() + " in: " + text);
            }
            String form = word.form(match.group(4) == null ? "" : match.group(4));
            return match.group(1) == null ? form : Inflection.withArticle(form);
        });
        List<String> sentences = new ArrayList<>();
        for (String sentence : filled.split(" \\|\\| ", -1)) {
            sentences.add(Character.toUpperCase(sentence.charAt(0)) + sentence.substring(1));
        }
        return sentences;
    }
}
