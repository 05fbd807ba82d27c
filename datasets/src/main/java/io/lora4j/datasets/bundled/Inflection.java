package io.lora4j.datasets.bundled;

import java.util.List;
import java.util.Locale;

/** Regular forms of English nouns and verbs; irregular words are written out in the lexicon. */
final class Inflection {
    private static final String VOWELS = "aeiou";

    private Inflection() {}

    /** Singular and plural. */
    static List<String> noun(String singular) {
        return List.of(singular, withS(singular));
    }

    /** Base form, third person, past, participle and gerund. */
    static List<String> verb(String base) {
        String past;
        if (base.endsWith("e")) {
            past = base + "d";
        } else if (endsInConsonantAndY(base)) {
            past = base.substring(0, base.length() - 1) + "ied";
        } else {
            past = base + "ed";
        }
        String gerund = base.endsWith("e") && !base.endsWith("ee") ? base.substring(0, base.length() - 1) : base;
        return List.of(base, withS(base), past, past, gerund + "ing");
    }

    /** The indefinite article by the letter that follows; the lexicon has no word whose sound differs from its letter. */
    static String withArticle(String words) {
        return (VOWELS.indexOf(words.toLowerCase(Locale.ROOT).charAt(0)) >= 0 ? "an " : "a ") + words;
    }

    private static String withS(String word) {
        if (endsInConsonantAndY(word)) {
            return word.substring(0, word.length() - 1) + "ies";
        }
        boolean hisses = word.endsWith("s") || word.endsWith("x") || word.endsWith("ch") || word.endsWith("sh");
        return word + (hisses ? "es" : "s");
    }

    private static boolean endsInConsonantAndY(String word) {
        return word.endsWith("y") && VOWELS.indexOf(word.charAt(word.length() - 2)) < 0;
    }
}
