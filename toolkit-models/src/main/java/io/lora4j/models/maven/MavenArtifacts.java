package io.lora4j.models.maven;

import io.lora4j.error.UserException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.maven.repository.internal.MavenRepositorySystemUtils;
import org.apache.maven.settings.Mirror;
import org.apache.maven.settings.Proxy;
import org.apache.maven.settings.Server;
import org.apache.maven.settings.Settings;
import org.eclipse.aether.DefaultRepositorySystemSession;
import org.eclipse.aether.RepositorySystem;
import org.eclipse.aether.artifact.DefaultArtifact;
import org.eclipse.aether.repository.AuthenticationSelector;
import org.eclipse.aether.repository.LocalRepository;
import org.eclipse.aether.repository.MirrorSelector;
import org.eclipse.aether.repository.ProxySelector;
import org.eclipse.aether.repository.RemoteRepository;
import org.eclipse.aether.repository.RepositoryPolicy;
import org.eclipse.aether.resolution.ArtifactRequest;
import org.eclipse.aether.resolution.ArtifactResolutionException;
import org.eclipse.aether.supplier.RepositorySystemSupplier;
import org.eclipse.aether.transfer.AbstractTransferListener;
import org.eclipse.aether.transfer.ArtifactNotFoundException;
import org.eclipse.aether.transfer.TransferEvent;
import org.eclipse.aether.util.repository.AuthenticationBuilder;
import org.eclipse.aether.util.repository.DefaultAuthenticationSelector;
import org.eclipse.aether.util.repository.DefaultMirrorSelector;
import org.eclipse.aether.util.repository.DefaultProxySelector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds one artifact in the user's local repository, or downloads it there, by Apache Maven Resolver.
 *
 * <p>Nothing is configured here: see {@link MavenSettings}. An artifact whose checksum is wrong is refused. What is in the local repository
 * is used without asking anybody, so it works offline. Thread-safe; the resolver's own locks keep processes apart.
 */
public final class MavenArtifacts {
    private static final Logger LOG = LoggerFactory.getLogger(MavenArtifacts.class);
    private static final Pattern COORDINATES = Pattern.compile("[A-Za-z0-9._-]+(:[A-Za-z0-9._-]+){2,4}");

    private final MavenSettings settings;

    MavenArtifacts(MavenSettings settings) {
        this.settings = settings;
    }

    /**
     * The artifacts that the user's own Maven would get.
     *
     * @return a new finder
     * @throws UserException if Maven's settings are damaged
     */
    public static MavenArtifacts ofUser() {
        return new MavenArtifacts(MavenSettings.ofUser());
    }

    /**
     * Demands that a text has the form of coordinates.
     *
     * @param text {@code group:artifact[:extension[:classifier]]:version} with one exact version
     * @throws UserException if it has not
     */
    public static void requireCoordinates(String text) {
        if (!COORDINATES.matcher(text).matches() || text.contains("..")) {
            throw new UserException("\"" + text
                    + "\" are no Maven coordinates; the form is maven:group:artifact:version, with one exact version");
        }
    }

    /**
     * The file of an artifact.
     *
     * @param coordinates {@code group:artifact[:extension[:classifier]]:version}; the extension is {@code jar} if it is left out
     * @return a file in the local repository, which is not to be changed
     * @throws UserException if the coordinates are malformed, or the artifact is neither there nor to be had; the message names the
     *     repositories that were asked
     */
    public Path fetch(String coordinates) {
        requireCoordinates(coordinates);
        RepositorySystem system = new RepositorySystemSupplier().get();
        try {
            DefaultRepositorySystemSession session = session(system);
            List<RemoteRepository> repositories = system.newResolutionRepositories(session, settings.repositories());
            ArtifactRequest request = new ArtifactRequest(new DefaultArtifact(coordinates), repositories, "");
            return system.resolveArtifact(session, request)
                    .getArtifact()
                    .getFile()
                    .toPath();
        } catch (ArtifactResolutionException e) {
            throw failure(coordinates, e);
        } finally {
            system.shutdown();
        }
    }

    private UserException failure(String coordinates, ArtifactResolutionException e) {
        String asked = settings.settings().isOffline()
                ? "Maven's settings say offline"
                : "asked: "
                        + e.getResult().getRequest().getRepositories().stream()
                                .map(repository -> repository.getId() + " (" + repository.getUrl() + ")")
                                .collect(Collectors.joining(", "));
        boolean absent = e.getResult().getExceptions().stream().allMatch(ArtifactNotFoundException.class::isInstance);
        return new UserException(
                "cannot get the Maven artifact " + coordinates + ": "
                        + (absent ? "it was found nowhere" : e.getMessage()) + "; " + asked
                        + ", and the local repository "
                        + settings.localRepository()
                        + "; check the coordinates, the network and Maven's settings.xml, e.g. with: mvn dependency:get -Dartifact="
                        + coordinates,
                e);
    }

    private DefaultRepositorySystemSession session(RepositorySystem system) {
        Settings user = settings.settings();
        DefaultRepositorySystemSession session = MavenRepositorySystemUtils.newSession();
        session.setOffline(user.isOffline());
        session.setChecksumPolicy(RepositoryPolicy.CHECKSUM_POLICY_FAIL);
        session.setMirrorSelector(mirrors(user));
        session.setProxySelector(proxies(user));
        session.setAuthenticationSelector(authentications(user));
        session.setTransferListener(new Progress());
        session.setSystemProperties(System.getProperties());
        session.setLocalRepositoryManager(system.newLocalRepositoryManager(
                session, new LocalRepository(settings.localRepository().toFile())));
        return session;
    }

    private static MirrorSelector mirrors(Settings user) {
        DefaultMirrorSelector mirrors = new DefaultMirrorSelector();
        for (Mirror mirror : user.getMirrors()) {
            mirrors.add(
                    mirror.getId(),
                    mirror.getUrl(),
                    mirror.getLayout(),
                    false,
                    mirror.isBlocked(),
                    mirror.getMirrorOf(),
                    mirror.getMirrorOfLayouts());
        }
        return mirrors;
    }

    private static ProxySelector proxies(Settings user) {
        DefaultProxySelector proxies = new DefaultProxySelector();
        for (Proxy proxy : user.getProxies()) {
            if (proxy.isActive()) {
                AuthenticationBuilder login = new AuthenticationBuilder();
                login.addUsername(proxy.getUsername()).addPassword(proxy.getPassword());
                proxies.add(
                        new org.eclipse.aether.repository.Proxy(
                                proxy.getProtocol(), proxy.getHost(), proxy.getPort(), login.build()),
                        proxy.getNonProxyHosts());
            }
        }
        return proxies;
    }

    private static AuthenticationSelector authentications(Settings user) {
        DefaultAuthenticationSelector logins = new DefaultAuthenticationSelector();
        for (Server server : user.getServers()) {
            AuthenticationBuilder login = new AuthenticationBuilder();
            login.addUsername(server.getUsername()).addPassword(server.getPassword());
            login.addPrivateKey(server.getPrivateKey(), server.getPassphrase());
            logins.add(server.getId(), login.build());
        }
        return logins;
    }

    /** Says that something large is under way. */
    private static final class Progress extends AbstractTransferListener {
        @Override
        public void transferStarted(TransferEvent event) {
            LOG.info(
                    "downloading {} ({} MB)",
                    event.getResource().getResourceName(),
                    event.getResource().getContentLength() / 1_000_000);
        }
    }
}
