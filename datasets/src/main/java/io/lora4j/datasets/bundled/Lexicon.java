package io.lora4j.datasets.bundled;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The words of the grammar by category and split. */
final class Lexicon {
    private static final Map<String, List<String>> FORMS =
            Map.of("noun", List.of("sg", "pl"), "verb", List.of("base", "s", "past", "part", "ing"), "", List.of());

    /** One word with its forms, named as a template names them. */
    record Word(Map<String, String> forms) {
        /** The form of that name; {@code ""} is the only form of a word that has one. */
        String form(String name) {
            String form = forms.get(name);
            if (form == null) {
                throw new IllegalStateException("no form '" + name + "' of " + forms);
            }
            return form;
        }
    }

    private final Map<String, Map<Split, List<Word>>> categories = new HashMap<>();

    /**
     * Parses the lexicon.
     *
     * @param lines the lines of {@code lexicon.txt}, which describes its own form
     */
    Lexicon(List<String> lines) {
        String category = "";
        String kind = "";
        for (String line : lines) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            if (line.startsWith("category ")) {
                String[] words = line.split(" ", -1);
                category = words[1];
                kind = words.length > 2 ? words[2] : "";
                if (categories.put(category, new EnumMap<>(Split.class)) != null) {
                    throw new IllegalStateException("two categories '" + category + "'");
                }
                continue;
            }
            int colon = line.indexOf(':');
            List<Word> words = words(line.substring(colon + 1), kind);
            for (Split split : splits(line.substring(0, colon))) {
                entries(category).put(split, words);
            }
        }
    }

    /** The words of a category that rows of a split may use. */
    List<Word> words(String category, Split split) {
        List<Word> words = entries(category).get(split);
        if (words == null) {
            throw new IllegalStateException("category '" + category + "' has no words for " + split);
        }
        return words;
    }

    private Map<Split, List<Word>> entries(String category) {
        Map<Split, List<Word>> entries = categories.get(category);
        if (entries == null) {
            throw new IllegalStateException("no category '" + category + "'");
        }
        return entries;
    }

    private static List<Split> splits(String name) {
        return switch (name) {
            case "train" -> List.of(Split.TRAIN);
            case "dev" -> List.of(Split.DEV);
            case "both" -> List.of(Split.TRAIN, Split.DEV);
            default -> throw new IllegalStateException("no split '" + name + "'");
        };
    }

    private static List<Word> words(String list, String kind) {
        List<Word> words = new ArrayList<>();
        for (String entry : list.split(",", -1)) {
            words.add(word(entry.strip(), kind));
        }
        return List.copyOf(words);
    }

    private static Word word(String entry, String kind) {
        List<String> written = Arrays.asList(entry.split("/", -1));
        List<String> values = written;
        if (written.size() == 1) {
            values = switch (kind) {
                case "noun" -> Inflection.noun(entry);
                case "verb" -> Inflection.verb(entry);
                default -> written;
            };
        }
        List<String> names = FORMS.getOrDefault(kind, List.of());
        Map<String, String> forms = new HashMap<>();
        for (int i = 0; i < values.size(); i++) {
            forms.put(names.isEmpty() ? String.valueOf(i + 1) : names.get(i), values.get(i));
        }
        if (values.size() == 1) {
            forms.put("", entry);
        }
        return new Word(Map.copyOf(forms));
    }
}
