package io.lora4j.models.maven;

import io.lora4j.error.UserException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.maven.model.building.DefaultModelProcessor;
import org.apache.maven.model.io.DefaultModelReader;
import org.apache.maven.model.locator.DefaultModelLocator;
import org.apache.maven.model.superpom.DefaultSuperPomProvider;
import org.apache.maven.repository.internal.ArtifactDescriptorUtils;
import org.apache.maven.settings.Activation;
import org.apache.maven.settings.Profile;
import org.apache.maven.settings.Repository;
import org.apache.maven.settings.RepositoryPolicy;
import org.apache.maven.settings.Server;
import org.apache.maven.settings.Settings;
import org.apache.maven.settings.building.DefaultSettingsBuilderFactory;
import org.apache.maven.settings.building.DefaultSettingsBuildingRequest;
import org.apache.maven.settings.building.SettingsBuildingException;
import org.apache.maven.settings.crypto.DefaultSettingsDecrypter;
import org.apache.maven.settings.crypto.DefaultSettingsDecryptionRequest;
import org.apache.maven.settings.crypto.SettingsDecryptionResult;
import org.eclipse.aether.repository.RemoteRepository;
import org.jspecify.annotations.Nullable;
import org.sonatype.plexus.components.cipher.DefaultPlexusCipher;
import org.sonatype.plexus.components.cipher.PlexusCipherException;
import org.sonatype.plexus.components.sec.dispatcher.DefaultSecDispatcher;

/**
 * What the user's own Maven is told: global settings ({@code conf/settings.xml} of the installation), user settings ({@code
 * ~/.m2/settings.xml}), and Maven's built-in repository.
 *
 * <p>The installation is {@code $MAVEN_HOME}, {@code $M2_HOME}, or where the {@code mvn} on the {@code PATH} lies. The local repository is
 * the system property {@code maven.repo.local}, else the settings' own, else {@code ~/.m2/repository}. Profiles count if they are listed
 * as active or active by default; activation by other conditions is Maven's alone.
 *
 * @param settings the merged settings with decrypted passwords
 * @param localRepository the local repository's folder
 */
record MavenSettings(Settings settings, Path localRepository) {
    /**
     * Reads the settings of the user who runs this process.
     *
     * @throws UserException if a settings file is damaged; the message is Maven's own
     */
    static MavenSettings ofUser() {
        return read(System.getenv(), System.getProperties());
    }

    /**
     * Reads settings.
     *
     * @param environment the environment variables
     * @param system the system properties: {@code user.home}, {@code maven.repo.local}
     */
    static MavenSettings read(Map<String, String> environment, Properties system) {
        Path maven = Path.of(system.getProperty("user.home"), ".m2");
        DefaultSettingsBuildingRequest request = new DefaultSettingsBuildingRequest();
        request.setGlobalSettingsFile(globalSettings(environment));
        request.setUserSettingsFile(maven.resolve("settings.xml").toFile());
        Properties properties = new Properties();
        properties.putAll(system);
        environment.forEach((name, value) -> properties.setProperty("env." + name, value));
        request.setSystemProperties(properties);
        try {
            Settings settings = new DefaultSettingsBuilderFactory()
                    .newInstance()
                    .build(request)
                    .getEffectiveSettings();
            decrypt(settings, maven);
            String local = system.getProperty("maven.repo.local", settings.getLocalRepository());
            return new MavenSettings(
                    settings, local == null || local.isBlank() ? maven.resolve("repository") : Path.of(local));
        } catch (SettingsBuildingException | PlexusCipherException e) {
            throw new UserException("Maven's settings cannot be read: " + e.getMessage(), e);
        }
    }

    /** Passwords that {@code mvn --encrypt-password} made; what cannot be decrypted stays as it is and is refused by the server. */
    private static void decrypt(Settings settings, Path maven) throws PlexusCipherException {
        String security = maven.resolve("settings-security.xml").toString();
        DefaultSettingsDecrypter decrypter =
                new DefaultSettingsDecrypter(new DefaultSecDispatcher(new DefaultPlexusCipher(), Map.of(), security));
        SettingsDecryptionResult plain = decrypter.decrypt(new DefaultSettingsDecryptionRequest(settings));
        settings.setServers(new ArrayList<Server>(plain.getServers()));
        settings.setProxies(new ArrayList<>(plain.getProxies()));
    }

    private static @Nullable File globalSettings(Map<String, String> environment) {
        for (String variable : List.of("MAVEN_HOME", "M2_HOME")) {
            String home = environment.get(variable);
            if (home != null && !home.isBlank()) {
                return Path.of(home, "conf", "settings.xml").toFile();
            }
        }
        for (String folder : environment.getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
            File settings = installedBeside(folder);
            if (settings != null) {
                return settings;
            }
        }
        return null;
    }

    private static @Nullable File installedBeside(String folder) {
        try {
            Path program = Path.of(folder, "mvn");
            if (!folder.isBlank() && Files.isRegularFile(program)) {
                Path installation = program.toRealPath().resolveSibling("..").normalize();
                return installation.resolve("conf").resolve("settings.xml").toFile();
            }
            return null;
        } catch (IOException | InvalidPathException e) {
            return null; // no folder Maven could be started from
        }
    }

    /**
     * The repositories: those of the active profiles, then the one that Maven's own super POM names. A profile may replace that by giving
     * another one of the same id.
     *
     * @return repositories with different ids, mirrors not yet applied
     */
    List<RemoteRepository> repositories() {
        Map<String, RemoteRepository> byId = new LinkedHashMap<>();
        for (Profile profile : settings.getProfiles()) {
            if (isActive(profile)) {
                profile.getRepositories().forEach(r -> byId.putIfAbsent(r.getId(), remote(r)));
            }
        }
        DefaultModelProcessor processor = new DefaultModelProcessor()
                .setModelLocator(new DefaultModelLocator())
                .setModelReader(new DefaultModelReader());
        new DefaultSuperPomProvider()
                .setModelProcessor(processor)
                .getSuperModel("4.0.0")
                .getRepositories()
                .forEach(r -> byId.putIfAbsent(r.getId(), ArtifactDescriptorUtils.toRemoteRepository(r)));
        return List.copyOf(byId.values());
    }

    private static RemoteRepository remote(Repository repository) {
        return new RemoteRepository.Builder(repository.getId(), repository.getLayout(), repository.getUrl())
                .setReleasePolicy(policy(repository.getReleases()))
                .setSnapshotPolicy(policy(repository.getSnapshots()))
                .build();
    }

    private static org.eclipse.aether.repository.RepositoryPolicy policy(@Nullable RepositoryPolicy policy) {
        boolean enabled = policy == null || policy.isEnabled();
        String update = policy == null ? null : policy.getUpdatePolicy();
        // A wrong checksum is refused whatever a profile says: weights are not something to guess.
        return new org.eclipse.aether.repository.RepositoryPolicy(
                enabled,
                update == null ? org.eclipse.aether.repository.RepositoryPolicy.UPDATE_POLICY_DAILY : update,
                org.eclipse.aether.repository.RepositoryPolicy.CHECKSUM_POLICY_FAIL);
    }

    private boolean isActive(Profile profile) {
        Activation activation = profile.getActivation();
        return settings.getActiveProfiles().contains(profile.getId())
                || (activation != null && activation.isActiveByDefault());
    }
}
