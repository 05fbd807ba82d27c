package io.lora4j.models.maven;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lora4j.error.UserException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.eclipse.aether.repository.RemoteRepository;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The user's settings decide where artifacts come from; what arrives is checked, and what is there is used. */
class MavenArtifactsTest {
    private static final byte[] CONTENT = "weights".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path folder = Path.of("");

    private Path home() {
        return folder.resolve("home");
    }

    private Path remote() {
        return folder.resolve("remote/org/example/encoder/1.0/encoder-1.0.jar");
    }

    @BeforeEach
    void fillTheRemoteRepository() throws IOException, NoSuchAlgorithmException {
        Files.createDirectories(home().resolve(".m2"));
        Files.createDirectories(remote().resolveSibling("."));
        Files.write(remote(), CONTENT);
        checksum(CONTENT);
    }

    private void checksum(byte[] of) throws IOException, NoSuchAlgorithmException {
        Files.writeString(
                remote().resolveSibling("encoder-1.0.jar.sha1"),
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(of)));
    }

    private void settings(String content) throws IOException {
        Files.writeString(home().resolve(".m2/settings.xml"), "<settings>" + content + "</settings>");
    }

    /** Instead of the repository that Maven itself names, so nothing here asks the network. */
    private void repositoryInAProfile() throws IOException {
        settings(
                "<profiles><profile><id>p</id><repositories><repository><id>central</id><url>"
                        + folder.resolve("remote").toUri()
                        + "</url></repository></repositories></profile></profiles><activeProfiles><activeProfile>p</activeProfile></activeProfiles>");
    }

    private MavenSettings read(Map<String, String> environment) {
        Properties system = new Properties();
        system.setProperty("user.home", home().toString());
        return MavenSettings.read(environment, system);
    }

    private Path fetch(String coordinates) {
        return new MavenArtifacts(read(Map.of())).fetch(coordinates);
    }

    @Test
    void anArtifactIsFetchedIntoTheLocalRepositoryAndFoundThereLater() throws IOException {
        repositoryInAProfile();
        Path file = fetch("org.example:encoder:1.0");
        assertEquals(home().resolve(".m2/repository/org/example/encoder/1.0/encoder-1.0.jar"), file);
        assertArrayEquals(CONTENT, Files.readAllBytes(file));
        Files.delete(remote());
        assertEquals(file, fetch("org.example:encoder:1.0"));
    }

    @Test
    void offlineOnlyTheLocalRepositoryIsUsed() throws IOException {
        repositoryInAProfile();
        fetch("org.example:encoder:1.0");
        String settings = Files.readString(home().resolve(".m2/settings.xml"));
        Files.writeString(
                home().resolve(".m2/settings.xml"),
                settings.replace("<settings>", "<settings><offline>true</offline>"));
        assertTrue(Files.isRegularFile(fetch("org.example:encoder:1.0")));
        UserException e = assertThrows(UserException.class, () -> fetch("org.example:encoder:2.0"));
        assertTrue(e.getMessage().contains("say offline"), e.getMessage());
    }

    @Test
    void aWrongChecksumIsRefused() throws Exception {
        repositoryInAProfile();
        checksum("other".getBytes(StandardCharsets.UTF_8));
        UserException e = assertThrows(UserException.class, () -> fetch("org.example:encoder:1.0"));
        assertTrue(e.getMessage().contains("hecksum"), e.getMessage());
        assertFalse(Files.exists(home().resolve(".m2/repository/org/example/encoder/1.0/encoder-1.0.jar")));
    }

    @Test
    void aMirrorIsAskedInsteadOfTheRepository() throws IOException {
        settings("<mirrors><mirror><id>m</id><mirrorOf>*</mirrorOf><url>"
                + folder.resolve("remote").toUri() + "</url></mirror></mirrors>");
        assertArrayEquals(CONTENT, Files.readAllBytes(fetch("org.example:encoder:1.0")));
        UserException e = assertThrows(UserException.class, () -> fetch("org.example:other:1.0"));
        assertTrue(e.getMessage().contains("found nowhere; asked: m ("), e.getMessage());
        assertTrue(e.getMessage().contains("mvn dependency:get"), e.getMessage());
    }

    @Test
    void theLocalRepositoryIsWhereTheSettingsSay() throws IOException {
        settings("<localRepository>" + folder.resolve("elsewhere") + "</localRepository>");
        assertEquals(folder.resolve("elsewhere"), read(Map.of()).localRepository());
        Properties system = new Properties();
        system.setProperty("user.home", home().toString());
        system.setProperty("maven.repo.local", folder.resolve("named").toString());
        assertEquals(
                folder.resolve("named"), MavenSettings.read(Map.of(), system).localRepository());
    }

    @Test
    void withoutSettingsTheRepositoryIsMavensOwn() {
        List<RemoteRepository> repositories = read(Map.of()).repositories();
        assertEquals(1, repositories.size());
        assertEquals("central", repositories.get(0).getId());
        assertEquals(home().resolve(".m2/repository"), read(Map.of()).localRepository());
    }

    @Test
    void theInstallationsSettingsCountToo() throws IOException {
        Path conf = Files.createDirectories(folder.resolve("maven/conf"));
        Files.writeString(
                conf.resolve("settings.xml"),
                "<settings><localRepository>" + folder.resolve("global") + "</localRepository></settings>");
        assertEquals(
                folder.resolve("global"),
                read(Map.of("MAVEN_HOME", folder.resolve("maven").toString())).localRepository());
        Path bin = Files.createDirectories(folder.resolve("maven/bin"));
        Files.writeString(bin.resolve("mvn"), "");
        assertEquals(
                folder.resolve("global"), read(Map.of("PATH", bin.toString())).localRepository());
    }

    @Test
    void damagedSettingsAreAUsersMistake() throws IOException {
        settings("<mirrors>");
        UserException e = assertThrows(UserException.class, () -> fetch("org.example:encoder:1.0"));
        assertTrue(e.getMessage().contains("settings.xml"), e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "a", "a:b", "a:b:c:d:e:f", "a:b:[1,2]", "a:b: 1", "a/b:c:1", "a:b:..", "a::1", "a:b:1\n"})
    void oddCoordinatesAreRefused(String text) {
        UserException e = assertThrows(UserException.class, () -> fetch(text));
        assertTrue(e.getMessage().contains("the form is maven:group:artifact:version"), e.getMessage());
    }
}
