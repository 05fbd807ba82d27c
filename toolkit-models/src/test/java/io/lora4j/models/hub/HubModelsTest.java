package io.lora4j.models.hub;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.error.FormatException;
import io.lora4j.error.UserException;
import io.lora4j.models.checkpoint.HuggingFaceFolder;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a server that behaves like the hub: what arrives whole is kept where every Hugging Face program finds it, nothing else is. */
class HubModelsTest {
    private static final Path TINY = Path.of("src/test/resources/golden/peft_fixture/tiny_bert_base");
    private static final String WEIGHTS = "model.safetensors";
    private static final HubReference MAIN = HubReference.parse("org/tiny");

    @TempDir
    Path folder = Path.of("");

    private FakeHub hub;

    @BeforeEach
    void fill() throws IOException {
        hub = new FakeHub();
        hub.files.put("config.json", Files.readAllBytes(TINY.resolve("config.json")));
        hub.files.put(WEIGHTS, Files.readAllBytes(TINY.resolve(WEIGHTS)));
        hub.put("tokenizer.json", "{}")
                .put("README.md", "---\nlicense: mit\n---\n")
                .put("pytorch_model.bin", "pickle");
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    private Path cache() {
        return folder.resolve("hub");
    }

    private Path blob(String etag) {
        return cache().resolve("models--org--tiny/blobs").resolve(etag);
    }

    private HubModels models(@Nullable String token, boolean offline) {
        return new HubModels(new HubSettings(hub.endpoint(), cache(), token, offline), 1);
    }

    private Path fetch(HubReference reference) {
        return models(null, false).fetch(reference);
    }

    private void assertNoBlobOf(String name) {
        assertFalse(Files.exists(blob(hub.etag(name))), name + " must not be under its final name");
        assertFalse(Files.exists(cache().resolve("models--org--tiny/snapshots/" + FakeHub.COMMIT + "/" + name)));
    }

    @Test
    void theCacheHasTheOfficialLayout() throws IOException {
        Path snapshot = fetch(MAIN);
        Path repository = cache().resolve("models--org--tiny");
        assertEquals(repository.resolve("snapshots").resolve(FakeHub.COMMIT), snapshot);
        assertEquals(FakeHub.COMMIT, Files.readString(repository.resolve("refs/main")));
        for (String name : List.of("config.json", "tokenizer.json", "README.md", WEIGHTS)) {
            assertEquals(
                    Path.of("..", "..", "blobs", hub.etag(name)), Files.readSymbolicLink(snapshot.resolve(name)), name);
            assertArrayEquals(hub.files.get(name), Files.readAllBytes(snapshot.resolve(name)));
        }
        try (Stream<Path> blobs = Files.list(repository.resolve("blobs"))) {
            assertEquals(4, blobs.count(), "and nothing half-made");
        }
        assertEquals(0, hub.requests("pytorch_model.bin"), "pickle files are never asked for");
        assertEquals(2, HuggingFaceFolder.open(snapshot).config().layers());
        assertEquals(List.of(), HubModels.verify(snapshot));
    }

    @Test
    void whatIsThereIsNotDownloadedAgain() {
        fetch(MAIN);
        long before = hub.downloads(WEIGHTS);
        Path snapshot = fetch(MAIN);
        assertEquals(before, hub.downloads(WEIGHTS));
        int seen = hub.seen.size();
        assertEquals(snapshot, fetch(HubReference.parse("org/tiny@" + FakeHub.COMMIT)));
        assertEquals(seen, hub.seen.size(), "a complete commit needs no request at all");
    }

    @Test
    void aNewCommitReusesEqualContents() {
        fetch(MAIN);
        hub.commit = "f".repeat(40);
        hub.put("tokenizer.json", "{\"new\": 1}");
        Path snapshot = fetch(MAIN);
        assertTrue(snapshot.endsWith(hub.commit));
        assertEquals(1, hub.downloads(WEIGHTS), "the weights are the same blob");
        assertEquals(2, hub.downloads("tokenizer.json"));
    }

    @Test
    void theTokenGoesToTheHubAndToNoOtherHost() {
        hub.needsToken = "hf_secret";
        models("hf_secret", false).fetch(MAIN);
        assertTrue(hub.seen.stream().anyMatch(s -> s.large() && s.method().equals("GET")));
        for (FakeHub.Seen seen : hub.seen) {
            assertEquals(seen.large() ? "" : "Bearer hf_secret", seen.authorization(), seen.path());
        }
        assertFalse(new HubSettings(hub.endpoint(), cache(), "hf_secret", false)
                .toString()
                .contains("secret"));
    }

    @Test
    void withoutATokenThePrivateModelIsExplained() {
        hub.needsToken = "hf_secret";
        UserException e = assertThrows(UserException.class, () -> fetch(MAIN));
        assertTrue(e.getMessage().contains("HF_TOKEN"), e.getMessage());
    }

    @Test
    void aCutConnectionIsTakenUpWhereItBroke() throws IOException {
        hub.cuts.put(WEIGHTS, new ArrayList<>(List.of(1000, 0, 5000)));
        Path snapshot = fetch(MAIN);
        assertArrayEquals(hub.files.get(WEIGHTS), Files.readAllBytes(snapshot.resolve(WEIGHTS)));
        List<String> ranges = hub.seen.stream()
                .filter(s -> s.large() && s.method().equals("GET"))
                .map(FakeHub.Seen::range)
                .toList();
        assertEquals(4, ranges.size(), ranges::toString);
        assertEquals("", ranges.get(0));
        assertTrue(ranges.get(3).startsWith("bytes="), ranges::toString);
    }

    @Test
    void anEarlierDownloadIsContinued() throws IOException {
        byte[] content = hub.files.get(WEIGHTS);
        Path part = blob(hub.etag(WEIGHTS) + ".incomplete");
        Files.createDirectories(part.getParent());
        Files.write(part, Arrays.copyOf(content, 700));
        fetch(MAIN);
        assertTrue(hub.seen.stream().anyMatch(s -> s.large() && s.range().equals("bytes=700-")));
        assertArrayEquals(content, Files.readAllBytes(blob(hub.etag(WEIGHTS))));
        assertFalse(Files.exists(part));
    }

    @Test
    void aServerWithoutRangesIsReadFromTheBeginning() throws IOException {
        hub.ranges = false;
        hub.cuts.put(WEIGHTS, new ArrayList<>(List.of(1000)));
        Path snapshot = fetch(MAIN);
        assertArrayEquals(hub.files.get(WEIGHTS), Files.readAllBytes(snapshot.resolve(WEIGHTS)));
    }

    @Test
    void aDownloadThatNeverGetsOnEndsAndKeepsWhatItHas() throws IOException {
        hub.cuts.put(WEIGHTS, new ArrayList<>(List.of(1000, 0, 0, 0, 0, 0)));
        UserException e = assertThrows(UserException.class, () -> fetch(MAIN));
        assertTrue(e.getMessage().contains("goes on from there"), e.getMessage());
        assertNoBlobOf(WEIGHTS);
        hub.cuts.clear();
        assertArrayEquals(hub.files.get(WEIGHTS), Files.readAllBytes(fetch(MAIN).resolve(WEIGHTS)));
    }

    @Test
    void aStalledConnectionEnds() {
        hub.cuts.put(WEIGHTS, new ArrayList<>(List.of(10, 0, 0, 0)));
        hub.stallSeconds = 20;
        assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
            UserException e = assertThrows(UserException.class, () -> fetch(MAIN));
            assertTrue(e.getMessage().contains("cannot download"), e.getMessage());
        });
    }

    @Test
    void aWrongChecksumIsThrownAway() {
        byte[] other = hub.files.get(WEIGHTS).clone();
        other[other.length - 1] ^= 1;
        hub.lies.put(WEIGHTS, other);
        FormatException e = assertThrows(FormatException.class, () -> fetch(MAIN));
        assertTrue(e.getMessage().contains(hub.etag(WEIGHTS)), e.getMessage());
        assertNoBlobOf(WEIGHTS);
        assertFalse(Files.exists(blob(hub.etag(WEIGHTS) + ".incomplete")));
        hub.lies.clear();
        fetch(MAIN); // the small files came before: they are right and stay
        assertEquals(1, hub.downloads("config.json"));
    }

    @Test
    void aSmallFileWithAWrongChecksumToo() {
        byte[] other = hub.files.get("config.json").clone();
        other[5] ^= 1;
        hub.lies.put("config.json", other);
        assertThrows(FormatException.class, () -> fetch(MAIN));
        assertNoBlobOf("config.json");
    }

    @Test
    void aShorterFileThanAnnouncedIsNotTaken() {
        hub.lies.put(WEIGHTS, Arrays.copyOf(hub.files.get(WEIGHTS), 999));
        hub.ranges = false;
        assertThrows(UserException.class, () -> fetch(MAIN));
        assertNoBlobOf(WEIGHTS);
    }

    @Test
    void aLongerFileThanAnnouncedIsThrownAway() {
        byte[] content = hub.files.get(WEIGHTS);
        hub.lies.put(WEIGHTS, Arrays.copyOf(content, content.length + 1));
        FormatException e = assertThrows(FormatException.class, () -> fetch(MAIN));
        assertTrue(e.getMessage().contains("more than the " + content.length), e.getMessage());
        assertNoBlobOf(WEIGHTS);
    }

    @ParameterizedTest
    @CsvSource({"401, HF_TOKEN", "403, terms", "404, check the name", "429, too many", "500, answered 500"})
    void refusalsOfTheModelAreExplained(int status, String inMessage) {
        hub.apiStatus = status;
        UserException e = assertThrows(UserException.class, () -> fetch(MAIN));
        assertTrue(e.getMessage().contains(inMessage), e.getMessage());
        assertTrue(e.getMessage().contains("no luck"), e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403, 404})
    void refusalsOfAFileAreExplained(int status) {
        hub.statuses.put(WEIGHTS, status);
        UserException e = assertThrows(UserException.class, () -> fetch(MAIN));
        assertTrue(e.getMessage().contains(WEIGHTS + " of org/tiny@main"), e.getMessage());
    }

    @Test
    void offlineOnlyTheCacheIsUsed() {
        UserException e =
                assertThrows(UserException.class, () -> models(null, true).fetch(MAIN));
        assertTrue(e.getMessage().contains("HF_HUB_OFFLINE"), e.getMessage());
        assertEquals(0, hub.seen.size());
        Path snapshot = fetch(MAIN);
        int seen = hub.seen.size();
        assertEquals(snapshot, models(null, true).fetch(MAIN));
        assertEquals(seen, hub.seen.size());
    }

    @Test
    void aHubThatCannotBeReachedIsNoTroubleForWhatIsThere() {
        Path snapshot = fetch(MAIN);
        hub.close();
        assertEquals(snapshot, fetch(MAIN));
        UserException e = assertThrows(UserException.class, () -> fetch(HubReference.parse("org/other")));
        assertTrue(e.getMessage().contains("cannot reach the hub"), e.getMessage());
    }

    @Test
    void pickleWeightsAloneAreRefused() {
        hub.files.remove(WEIGHTS);
        UserException e = assertThrows(UserException.class, () -> fetch(MAIN));
        assertTrue(e.getMessage().contains("only pytorch_model.bin. Pickle"), e.getMessage());
        assertEquals(0, hub.requests("pytorch_model.bin"));
    }

    @Test
    void shardsAreFetched() {
        byte[] weights = hub.files.remove(WEIGHTS);
        hub.files.put("model-1.safetensors", weights);
        hub.put("model.safetensors.index.json", "{\"weight_map\": {\"a\": \"model-1.safetensors\"}}");
        Path snapshot = fetch(MAIN);
        assertTrue(Files.isRegularFile(snapshot.resolve("model-1.safetensors")));
        hub.close();
        assertEquals(snapshot, fetch(MAIN));
    }

    @Test
    void anIndexLeadsNowhereElse() {
        hub.files.remove(WEIGHTS);
        hub.put("model.safetensors.index.json", "{\"weight_map\": {\"a\": \"../../../../evil.safetensors\"}}");
        FormatException e = assertThrows(FormatException.class, () -> fetch(MAIN));
        assertTrue(e.getMessage().contains("plain file name"), e.getMessage());
    }

    @Test
    void oddRedirectsEnd() {
        hub.loop = true;
        UserException loop = assertThrows(UserException.class, () -> fetch(MAIN));
        assertTrue(loop.getMessage().contains("redirects"), loop.getMessage());
        hub.loop = false;
        for (String to : List.of("file:///etc/passwd", "ftp://127.0.0.1/x", "http://")) {
            hub.redirectTo = to;
            assertThrows(UserException.class, () -> fetch(MAIN), to);
            assertNoBlobOf(WEIGHTS);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "main", "../../../../../../../../tmp/aaaaaaaaaaaaaaaaaaaaaaa"})
    void aCommitThatIsNoneIsRefused(String commit) {
        hub.commit = commit;
        UserException e = assertThrows(UserException.class, () -> fetch(MAIN));
        assertTrue(e.getMessage().contains("names no commit"), e.getMessage());
    }

    @Test
    void aContentWithoutChecksumIsNotTaken() {
        hub.etags = false;
        UserException e = assertThrows(UserException.class, () -> fetch(MAIN));
        assertTrue(e.getMessage().contains("gives no checksum"), e.getMessage());
    }

    @Test
    void manyAtOnceDownloadOnce() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try {
            List<Future<Path>> all = IntStream.range(0, 8)
                    .mapToObj(i -> pool.submit(() -> fetch(MAIN)))
                    .toList();
            for (Future<Path> one : all) {
                assertArrayEquals(
                        hub.files.get(WEIGHTS), Files.readAllBytes(one.get().resolve(WEIGHTS)));
            }
        } finally {
            pool.shutdownNow();
        }
        assertEquals(1, hub.downloads(WEIGHTS));
    }

    @Test
    void verifyFindsWhatWasChanged() throws IOException {
        Path snapshot = fetch(MAIN);
        byte[] damaged = hub.files.get(WEIGHTS).clone();
        damaged[0] ^= 1;
        Files.write(blob(hub.etag(WEIGHTS)), damaged);
        List<String> problems = HubModels.verify(snapshot);
        assertEquals(1, problems.size(), problems::toString);
        assertTrue(problems.get(0).startsWith(WEIGHTS + ": the checksum is "), problems::toString);
    }

    @Test
    void settingsAreTheOfficialVariables() {
        Path home = folder.resolve("home");
        String root = folder.toString();
        HubSettings none = HubSettings.of(Map.of(), home);
        assertEquals(home.resolve(".cache/huggingface/hub"), none.cache());
        assertEquals("https", none.endpoint().getScheme());
        assertFalse(none.offline());
        assertEquals(
                folder.resolve("hub"),
                HubSettings.of(Map.of("HF_HOME", root), home).cache());
        assertEquals(
                folder,
                HubSettings.of(Map.of("HF_HOME", "/x", "HF_HUB_CACHE", root), home)
                        .cache());
        assertEquals(
                folder.resolve("huggingface/hub"),
                HubSettings.of(Map.of("XDG_CACHE_HOME", root), home).cache());
        for (String yes : List.of("1", "on", "Yes", "TRUE")) {
            assertTrue(HubSettings.of(Map.of("HF_HUB_OFFLINE", yes), home).offline());
        }
        assertFalse(HubSettings.of(Map.of("HF_HUB_OFFLINE", "0"), home).offline());
        assertEquals("t", HubSettings.of(Map.of("HF_TOKEN", " t\n"), home).token());
        assertEquals(
                URI.create("http://127.0.0.1:9"),
                HubSettings.of(Map.of("HF_ENDPOINT", "http://127.0.0.1:9/"), home)
                        .endpoint());
        for (String bad : List.of("127.0.0.1", "ftp://x", "http://", "a b")) {
            assertThrows(UserException.class, () -> HubSettings.of(Map.of("HF_ENDPOINT", bad), home), bad);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "@main",
                "a/b/c",
                "../b",
                "a/..",
                "a/b@",
                "a/b@../main",
                "a/b@x/../y",
                "a b/c",
                "/a",
                "a/",
                "a/b@x y",
                "a--b/c"
            })
    void oddReferencesAreRefused(String text) {
        assertThrows(UserException.class, () -> HubReference.parse(text));
    }

    @Test
    void revisionsMayHaveSlashes() throws IOException {
        Path snapshot = fetch(HubReference.parse("org/tiny@refs/pr/3"));
        assertEquals(FakeHub.COMMIT, Files.readString(cache().resolve("models--org--tiny/refs/refs/pr/3")));
        assertTrue(hub.seen.stream().anyMatch(s -> s.path().endsWith("/revision/refs/pr/3")));
        assertTrue(Files.exists(snapshot.resolve(WEIGHTS)));
    }
}
