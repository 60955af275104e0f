package io.sparkgrad.backend.cuda;

import java.io.File;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.UnaryOperator;
import jcuda.JCudaVersion;

/**
 * Loads JCuda's native libraries. Left alone, JCuda unpacks them to one fixed name in the temp
 * folder and loads whatever lies there: half a file of another JVM that starts at the same moment
 * (which kills this one), or somebody else's library. Here each goes through a folder of its own,
 * which only this user may enter and which is gone once the library is loaded.
 */
final class Natives {
  private static final String TEMP = "java.io.tmpdir";

  private Natives() {}

  /**
   * Loads a native library and initialises the class of JCuda that it belongs to.
   *
   * @throws UnsatisfiedLinkError if the linker refuses it; the message is the linker's
   * @throws FileNotFoundException if the jar with the library is not on the class path
   */
  static void load(String jcudaClass, String library) throws IOException {
    load(jcudaClass, library, UnaryOperator.identity());
  }

  /** As {@link #load(String, String)}, with the library's bytes changed on the way. */
  static synchronized void load(String jcudaClass, String library, UnaryOperator<byte[]> change)
      throws IOException {
    String file = "lib" + library + "-" + JCudaVersion.get() + "-linux-x86_64.so";
    byte[] bytes = change.apply(read(file));
    Path directory = Files.createTempDirectory("sparkgrad-jcuda-");
    Path path = directory.resolve(file);
    try {
      Files.write(path, bytes);
      initialise(jcudaClass, directory);
    } finally {
      // The loaded library outlives its name. What another thread put beside it meanwhile, stays.
      Files.deleteIfExists(path);
      deleteIfEmpty(directory);
    }
  }

  private static byte[] read(String file) throws IOException {
    try (InputStream in = Natives.class.getResourceAsStream("/lib/" + file)) {
      if (in == null)
        throw new FileNotFoundException(
            String.format(
                Locale.ROOT,
                "%s is not on the class path (it is in org.jcuda:%s:%s:linux-x86_64)",
                file,
                file.startsWith("libJCublas") ? "jcublas-natives" : "jcuda-natives",
                JCudaVersion.get()));
      return in.readAllBytes();
    }
  }

  /* JCuda looks in java.io.tmpdir and nowhere else, so that points at our folder for the moment. The JDK remembers the
   * first value it sees for its own temporary files: it must have seen the true one before. */
  private static void initialise(String jcudaClass, Path directory) throws IOException {
    Files.delete(File.createTempFile("sparkgrad-", null).toPath());
    String temp = System.setProperty(TEMP, directory.toString());
    try {
      Class.forName(jcudaClass, true, Natives.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new NoClassDefFoundError(jcudaClass);
    } catch (UnsatisfiedLinkError e) {
      throw linkerError(e);
    } finally {
      System.setProperty(TEMP, temp);
    }
  }

  /* JCuda's message is two stack traces; the linker's own words are the last error in it, after the file's path. */
  private static UnsatisfiedLinkError linkerError(UnsatisfiedLinkError e) {
    String[] errors = String.valueOf(e.getMessage()).split("UnsatisfiedLinkError: ");
    String last = errors[errors.length - 1].lines().findFirst().orElse("").strip();
    var shorter = new UnsatisfiedLinkError(last.replaceFirst("^/\\S*/(lib\\S+: )", "$1"));
    shorter.initCause(e);
    return shorter;
  }

  private static void deleteIfEmpty(Path directory) throws IOException {
    try {
      Files.delete(directory);
    } catch (DirectoryNotEmptyException e) {
      // somebody else's temporary file: not ours to remove
    }
  }
}
