package io.lora4j.models.hub;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** Ends a body that brings nothing for a while: Java's HTTP client waits for its bytes without limit. */
final class StallGuard extends FilterInputStream {
    private static final ScheduledExecutorService WATCH = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "hub-stall-guard");
        thread.setDaemon(true);
        return thread;
    });

    private final int seconds;
    private final ScheduledFuture<?> watch;
    private volatile long last = System.nanoTime();
    private volatile boolean stalled;

    /**
     * @param body the stream to watch
     * @param seconds without a byte after which a connection counts as dead
     */
    StallGuard(InputStream body, int seconds) {
        super(body);
        this.seconds = seconds;
        watch = WATCH.scheduleWithFixedDelay(this::look, 1, 1, TimeUnit.SECONDS);
    }

    private void look() {
        if (System.nanoTime() - last > TimeUnit.SECONDS.toNanos(seconds)) {
            stalled = true;
            try {
                in.close();
            } catch (IOException e) {
                watch.cancel(false); // the reader sees the end of the stream or its own failure
            }
        }
    }

    @Override
    public int read() throws IOException {
        int value = in.read();
        return checked(value);
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
        int n = in.read(into, from, length);
        return checked(n);
    }

    private int checked(int result) throws IOException {
        if (stalled) {
            throw new IOException("nothing came for " + seconds + " seconds");
        }
        last = System.nanoTime();
        return result;
    }

    @Override
    public void close() throws IOException {
        watch.cancel(false);
        in.close();
    }
}
