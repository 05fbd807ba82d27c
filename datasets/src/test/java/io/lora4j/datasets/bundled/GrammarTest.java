package io.lora4j.datasets.bundled;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The grammar behind the bundled data: word forms, slots, and that training and evaluation are kept apart. */
class GrammarTest {
    private static List<String> lines(String resource) throws IOException {
        try (InputStream stream = GrammarTest.class.getResourceAsStream("/io/lora4j/datasets/bundled/" + resource)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        }
    }

    @ParameterizedTest
    @CsvSource({"kettle, kettles", "bus, buses", "brush, brushes", "niece, nieces", "lady, ladies", "play, plays"})
    void pluralsAreRegular(String singular, String plural) {
        assertEquals(List.of(singular, plural), Inflection.noun(singular));
    }

    @ParameterizedTest
    @CsvSource({
        "repair, repairs, repaired, repairing",
        "blame, blames, blamed, blaming",
        "polish, polishes, polished, polishing",
        "carry, carries, carried, carrying",
        "annoy, annoys, annoyed, annoying"
    })
    void verbsAreRegular(String base, String third, String past, String gerund) {
        assertEquals(List.of(base, third, past, past, gerund), Inflection.verb(base));
    }

    @Test
    void slotsShareWordsAndKeepOthersApart() {
        Lexicon lexicon = new Lexicon(
                List.of("category thing noun", "train: oven, lamp", "dev: clock", "category pair", "both: put/down"));
        Template template = new Template("{a thing.sg} and {thing2.pl}, the {thing.sg}. || it is {pair.1} {pair.2}");
        List<Template.Slot> slots = template.slots();
        assertEquals(
                List.of(new Template.Slot("thing", ""), new Template.Slot("thing", "2"), new Template.Slot("pair", "")),
                slots);
        List<Lexicon.Word> things = lexicon.words("thing", Split.TRAIN);
        Map<Template.Slot, Lexicon.Word> words = Map.of(
                slots.get(0),
                things.get(0),
                slots.get(1),
                things.get(1),
                slots.get(2),
                lexicon.words("pair", Split.DEV).get(0));
        assertEquals(List.of("An oven and lamps, the oven.", "It is put down"), template.fill(words));
        assertThrows(IllegalStateException.class, () -> template.fill(Map.of()));
        assertThrows(IllegalStateException.class, () -> lexicon.words("nothing", Split.DEV));
    }

    @Test
    void trainingAndEvaluationWordsAreDifferentInEveryOpenCategory() throws IOException {
        Lexicon lexicon = new Lexicon(lines("grammar/lexicon.txt"));
        List<String> closed = List.of("near");
        for (String line : lines("grammar/lexicon.txt")) {
            if (!line.startsWith("category ")) {
                continue;
            }
            String category = line.split(" ", -1)[1];
            Set<String> train = forms(lexicon.words(category, Split.TRAIN));
            Set<String> dev = forms(lexicon.words(category, Split.DEV));
            if (closed.contains(category)) {
                assertEquals(train, dev);
                continue;
            }
            dev.retainAll(train);
            // the particles and prepositions of phrasal and prepositional verbs are a closed class
            dev.removeAll(Set.of("back", "up", "away", "off", "down", "over", "on", "at", "of", "to", "for"));
            assertEquals(Set.of(), dev, category);
        }
    }

    private static Set<String> forms(List<Lexicon.Word> words) {
        Set<String> forms = new HashSet<>();
        words.forEach(word -> forms.addAll(word.forms().values()));
        return forms;
    }

    @ParameterizedTest
    @ValueSource(strings = {"acceptability", "sentiment", "paraphrase"})
    void noTrainingRowFitsAFrameThatIsReservedForEvaluation(String task) throws IOException {
        List<Frame> frames = Frame.parse(lines("grammar/" + task + ".txt"));
        List<Pattern> reserved = new ArrayList<>();
        List<Pattern> shared = new ArrayList<>();
        for (Frame frame : frames) {
            assertFalse(frame.twins().isEmpty(), frame.name());
            for (Frame.Twins twins : frame.twins()) {
                assertNotEquals(twins.positive(), twins.negative(), frame.name());
                List<Pattern> patterns = frame.devOnly() ? reserved : shared;
                patterns.add(pattern(twins.positive()));
                patterns.add(pattern(twins.negative()));
            }
        }
        assertTrue(reserved.size() >= 12 && shared.size() >= 20, reserved.size() + " and " + shared.size());
        List<String> train = lines(task + "/train.tsv");
        for (String row : train.subList(1, train.size())) {
            assertTrue(fits(row, shared), row);
            assertFalse(fits(row, reserved), row);
        }
        List<String> dev = lines(task + "/dev.tsv");
        long unseen = dev.stream().filter(row -> fits(row, reserved)).count();
        assertTrue(unseen >= 0.3 * dev.size() && unseen <= 0.5 * dev.size(), "from reserved frames: " + unseen);
    }

    private static Pattern pattern(Template template) {
        String quoted = Pattern.quote(template.text().replace(" || ", "\t"));
        return Pattern.compile(quoted.replaceAll("\\{[^}]*}", "\\\\E[\\\\w ,-]+?\\\\Q"), Pattern.CASE_INSENSITIVE);
    }

    private static boolean fits(String row, List<Pattern> patterns) {
        String[] cells = row.split("\t", -1);
        String text = cells.length == 2 ? cells[0] : cells[0] + "\t" + cells[1];
        String swapped = cells.length == 2 ? text : cells[1] + "\t" + cells[0];
        return patterns.stream()
                .anyMatch(pattern -> pattern.matcher(text).matches()
                        || pattern.matcher(swapped).matches());
    }
}
