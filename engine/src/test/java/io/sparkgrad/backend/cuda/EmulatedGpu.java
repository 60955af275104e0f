package io.sparkgrad.backend.cuda;

import io.sparkgrad.tools.CudaSources;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Lets JCuda find the emulated driver: {@code @ExtendWith(EmulatedGpu.class)} on a test class of
 * the tag {@code tools}. Builds it if a kernel has changed. Under {@code -Dsparkgrad.driver=system}
 * it is the machine's own driver, for tests with the tag {@code gpu} too.
 */
public final class EmulatedGpu implements BeforeAllCallback, AfterEachCallback {
  private static boolean loaded;

  @Override
  public void beforeAll(ExtensionContext context) {
    load();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    reset();
  }

  /** {@link EmulatedDriver#reset}, where there is one. */
  static void reset() {
    if (isEmulated()) EmulatedDriver.reset();
  }

  /** {@link EmulatedDriver#deferred}; a real GPU defers by nature. */
  public static void deferred(long seed) {
    if (isEmulated()) EmulatedDriver.deferred(true, seed);
  }

  /**
   * Whether the GPU of this JVM is emulated: then {@link EmulatedDriver} can be asked, else not.
   */
  public static boolean isEmulated() {
    String driver = System.getProperty("sparkgrad.driver", "emulated");
    return switch (driver) {
      case "emulated" -> true;
      case "system" -> false;
      default ->
          throw new IllegalArgumentException(
              "sparkgrad.driver must be emulated or system, got '" + driver + "'");
    };
  }

  /** The libcuda.so.1 that this JVM finds from now on; JCuda must not have been touched before. */
  static synchronized void load() {
    if (loaded || !isEmulated()) return;
    System.load(build(sanitized()).toString());
    loaded = true;
  }

  /** Whether this JVM runs with the sanitizers: see {@code engine/gpu/sanitize}. */
  static boolean sanitized() {
    return Boolean.getBoolean("sparkgrad.sanitize");
  }

  /** The emulated driver with the kernels of today; up to date if nothing has changed. */
  static Path build(boolean sanitized) {
    Path target = engine().resolve("target");
    return locked(
        () -> {
          Path sources = writeSources(target.resolve("cuda"));
          return build(
              sanitized, target.resolve(sanitized ? "emulated-sanitized" : "emulated"), sources);
        });
  }

  /** As {@link #build(boolean)} sanitized, with the kernels of {@code src/test/cuda} alone. */
  static Path buildToTryTheSanitizers() {
    Path out = engine().resolve("target/emulated-to-try");
    return locked(() -> build(true, out));
  }

  private static Path build(boolean sanitized, Path out, Path... sources) throws IOException {
    Path engine = engine();
    List<String> command = new ArrayList<>();
    command.add(engine.resolve("gpu/emulated-driver").toString());
    if (sanitized) command.add("--sanitize");
    if (sources.length == 0) command.add("--only");
    command.add(out.toString());
    for (Path folder : sources) command.add(folder.toString());
    command.add(engine.resolve("src/test/cuda").toString());
    run(command, engine.resolve("target/emulated.log"));
    return out.resolve("libcuda.so.1");
  }

  private static Path locked(Callable<Path> build) {
    try (FileChannel file = lock(engine().resolve("target/emulated.lock"));
        FileLock held = file.lock()) {
      return build.call();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("the emulated driver cannot be built", e);
    }
  }

  private static FileChannel lock(Path file) throws IOException {
    return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  /* Units that are no more must not be compiled. */
  private static Path writeSources(Path folder) throws IOException {
    Files.createDirectories(folder);
    try (DirectoryStream<Path> old = Files.newDirectoryStream(folder, "*.cu")) {
      for (Path file : old) Files.delete(file);
    }
    CudaSources.main(new String[] {folder.toString()});
    return folder;
  }

  private static void run(List<String> command, Path log) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().remove("LD_PRELOAD"); // the compiler is no patient of the sanitizer
    Process process = builder.redirectOutput(log.toFile()).start();
    try {
      if (process.waitFor() == 0) return;
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
    }
    throw new IllegalStateException(
        "the emulated driver cannot be built:\n" + Files.readString(log));
  }

  static Path engine() {
    try {
      File classes =
          new File(EmulatedGpu.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      return classes.toPath().getParent().getParent();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
