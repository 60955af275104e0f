package io.sparkgrad.backend.cuda;

import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The cuBLAS of the machine, found, checked and loaded such that JCublas2 calls it. JCublas2 asks
 * for libcublas.so.12; where there is only libcublas.so.13 it is told that name on the way. Its
 * functions that we call are the same in both, and those alone are checked for.
 */
final class CublasLibrary {
  /** A path of the library or of its folder, or {@code off}; looked for if not set. */
  static final String PROPERTY = "sparkgrad.cublas";

  private static final String NATIVE = "libcublas.so.12";
  private static final List<String> NAMES = List.of(NATIVE, "libcublas.so.13");
  private static final Set<String> CALLED =
      Set.of(
          "cublasCreate_v2",
          "cublasDestroy_v2",
          "cublasGetVersion_v2",
          "cublasSetStream_v2",
          "cublasSetWorkspace_v2",
          "cublasGemmStridedBatchedEx");

  private CublasLibrary() {}

  /** Says why there is no cuBLAS to call. */
  static final class Unusable extends Exception {
    private static final long serialVersionUID = 1;

    Unusable(String reason) {
      super(reason);
    }
  }

  /** Whether the user named a library, which must then be used. */
  static boolean isDemanded() {
    String set = System.getProperty(PROPERTY);
    return set != null && !set.equals("off");
  }

  /** A library, and the name by which others ask for it. */
  private record Found(Path library, String name) {}

  /** Loads the first library that has all we call, and JCublas2 over it; where it lies. */
  static Path load() throws Unusable {
    if ("off".equals(System.getProperty(PROPERTY))) throw new Unusable(PROPERTY + "=off");
    try {
      Class.forName("jcuda.jcublas.JCublas2", false, CublasLibrary.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new Unusable("the jar org.jcuda:jcublas is not on the class path");
    }
    Found found = find();
    try {
      link(found);
    } catch (IOException | LinkageError | RuntimeException e) {
      throw new Unusable(found.library() + ": " + e.getMessage());
    }
    return found.library();
  }

  private static void link(Found found) throws IOException {
    /* The linker knows a library by its name once it is loaded, wherever it lies. */
    Path part = found.library().resolveSibling(found.name().replace("libcublas.", "libcublasLt."));
    if (Files.exists(part)) System.load(part.toString());
    System.load(found.library().toString());
    Natives.load(
        "jcuda.jcublas.JCublas2",
        "JCublas2",
        bytes ->
            found.name().equals(NATIVE) ? bytes : ElfLibrary.retarget(bytes, NATIVE, found.name()));
  }

  private static Found find() throws Unusable {
    List<String> refused = new ArrayList<>();
    for (Path library : candidates()) {
      try {
        return new Found(library, checkedName(library));
      } catch (IOException | RuntimeException e) {
        refused.add(library + " cannot be read: " + e.getMessage());
      } catch (Unusable e) {
        refused.add(library + " " + e.getMessage());
      }
    }
    if (!refused.isEmpty()) throw new Unusable(String.join("; ", refused));
    throw new Unusable(
        "neither "
            + String.join(" nor ", NAMES)
            + " in "
            + (isDemanded()
                ? System.getProperty(PROPERTY)
                : "LD_LIBRARY_PATH, java.library.path or /usr/local/cuda*/lib64"));
  }

  /* What lacks one of these ends the process when it is linked or called: nothing to try out. */
  private static String checkedName(Path library) throws IOException, Unusable {
    ElfLibrary elf = ElfLibrary.read(library);
    if (!NAMES.contains(elf.name())) throw new Unusable("calls itself " + elf.name());
    Set<String> missing = new TreeSet<>(CALLED);
    missing.removeAll(elf.symbols(elf.name()));
    if (!missing.isEmpty()) throw new Unusable("lacks " + String.join(", ", missing));
    return elf.name();
  }

  private static List<Path> candidates() {
    if (isDemanded()) {
      Path demanded = Path.of(System.getProperty(PROPERTY)).toAbsolutePath();
      if (Files.isRegularFile(demanded)) return List.of(demanded);
      return existing(List.of(demanded));
    }
    List<Path> folders = new ArrayList<>();
    for (String list :
        new String[] {System.getenv("LD_LIBRARY_PATH"), System.getProperty("java.library.path")}) {
      if (list == null) continue;
      for (String folder : list.split(File.pathSeparator))
        if (!folder.isEmpty()) folders.add(Path.of(folder).toAbsolutePath());
    }
    folders.addAll(toolkits());
    return existing(folders);
  }

  private static List<Path> existing(List<Path> folders) {
    return NAMES.stream()
        .flatMap(name -> folders.stream().map(folder -> folder.resolve(name)))
        .distinct()
        .filter(Files::exists)
        .toList();
  }

  private static List<Path> toolkits() {
    List<Path> folders = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(Path.of("/usr/local"), "cuda*")) {
      found.forEach(toolkit -> folders.add(toolkit.resolve("lib64")));
    } catch (IOException e) {
      return List.of(); // no such folder, or not ours to see
    }
    folders.sort(null);
    return folders;
  }
}
