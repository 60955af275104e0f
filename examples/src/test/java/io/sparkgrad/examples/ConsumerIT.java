package io.sparkgrad.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.launcher.JavaModuleOptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The project {@code examples/consumer}, which knows sparkgrad by its artifacts alone: built by a
 * Maven of its own out of a repository, trained by the real spark-submit as a thin and as a shaded
 * jar, served by a plain java.
 */
class ConsumerIT {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path WORK = Path.of("target", "consumer").toAbsolutePath();
  private static final Path REPOSITORY = WORK.resolve("repository");
  private static final Path PROJECT = WORK.resolve("project");
  private static final String VERSION = System.getProperty("project.version");

  @BeforeAll
  static void build() throws Exception {
    delete(WORK);
    put("sparkgrad", ROOT.resolve("pom.xml"), null);
    put("sparkgrad-engine", ROOT.resolve("engine/pom.xml"), "engine");
    put("sparkgrad-spark", ROOT.resolve("spark-integration/pom.xml"), "spark-integration");
    String bundle = "spark-integration/bundle";
    put("sparkgrad-bundle", ROOT.resolve(bundle + "/target/bundle.pom"), bundle);
    copy(Path.of("consumer"), PROJECT);
    run(
        List.of(
            ROOT.resolve("mvnw").toString(),
            "-B",
            "-q",
            "package",
            "-DskipTests",
            "-Dsparkgrad.version=" + VERSION,
            "-Dmaven.repo.local=" + REPOSITORY,
            "-Dmaven.repo.local.tail=" + System.getProperty("maven.repository")),
        PROJECT);
  }

  /* As install would, but for itself. */
  private static void put(String artifact, Path pom, String module) throws IOException {
    Path folder =
        Files.createDirectories(REPOSITORY.resolve("io/sparkgrad/" + artifact + "/" + VERSION));
    String name = artifact + "-" + VERSION;
    Files.copy(pom, folder.resolve(name + ".pom"));
    if (module == null) return;
    Files.copy(ROOT.resolve(module + "/target/" + name + ".jar"), folder.resolve(name + ".jar"));
  }

  @Test
  void aThinJarAndAShadedOneTrainTheSameModelAndAPlainJavaServesIt() throws Exception {
    Path train = PROJECT.resolve("train/target");
    String thin =
        submit(
            "--packages",
            "io.sparkgrad:sparkgrad-bundle:" + VERSION,
            "--repositories",
            REPOSITORY.toUri().toString(),
            "--conf",
            "spark.jars.ivy=" + WORK.resolve("ivy"),
            "--class",
            "larger.Train",
            train.resolve("larger-train-1.jar").toString(),
            "thin.safetensors");
    String accuracy = ExampleRun.find(thin, "\n +5 +[0-9.]+ +[0-9.]+ +([0-9.]+)\n");
    assertTrue(Double.parseDouble(accuracy) > 0.95, thin);

    Path all = train.resolve("larger-train-1-all.jar");
    submit("--class", "larger.Train", all.toString(), "all.safetensors");
    assertEquals(
        -1, Files.mismatch(WORK.resolve("thin.safetensors"), WORK.resolve("all.safetensors")));
    assertTrue(Files.size(all) < 48_000_000, () -> all.toFile().length() + " bytes");

    Path serve = PROJECT.resolve("serve/target");
    String cp = serve.resolve("larger-serve-1.jar") + File.pathSeparator + serve.resolve("lib/*");
    String served =
        run(
            List.of(java(), "-cp", cp, "larger.Serve", WORK.resolve("all.safetensors").toString()),
            WORK);
    assertTrue(served.contains("[0.2, 0.9] -> 1\n[0.8, 0.1] -> 0\n"), served);
    assertTrue(served.contains("a prediction: "), served);
  }

  /** What a server without Spark carries: no native library, no Scala. */
  @Test
  void aServerNeedsThreeSmallJars() throws IOException {
    Path lib = PROJECT.resolve("serve/target/lib");
    try (Stream<Path> files = Files.list(lib)) {
      List<Path> jars = files.sorted().toList();
      assertEquals(3, jars.size(), jars::toString); // the engine, netlib's BLAS, slf4j-api
      long bytes = jars.stream().mapToLong(jar -> jar.toFile().length()).sum();
      assertTrue(bytes < 4_000_000, () -> bytes + " bytes in " + jars);
    }
    assertTrue(modules(lib).contains("io.sparkgrad.engine"), () -> modules(lib).toString());
  }

  @Test
  void theJarsAreNamedModules() {
    assertEquals(Set.of("io.sparkgrad"), modules(jar("sparkgrad-bundle")));
    assertEquals(Set.of("io.sparkgrad.cluster"), modules(jar("sparkgrad-spark")));
  }

  private static Path jar(String artifact) {
    return REPOSITORY.resolve(
        "io/sparkgrad/%s/%s/%s-%s.jar".formatted(artifact, VERSION, artifact, VERSION));
  }

  private static Set<String> modules(Path path) {
    return ModuleFinder.of(path).findAll().stream()
        .map(ModuleReference::descriptor)
        .map(descriptor -> descriptor.name())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String submit(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(java()));
    command.addAll(List.of(JavaModuleOptions.defaultModuleOptions().split(" ")));
    command.addAll(List.of("-cp", spark(), "org.apache.spark.deploy.SparkSubmit"));
    command.addAll(List.of("--master", "local[2]", "--conf", "spark.ui.enabled=false"));
    command.addAll(List.of(arguments));
    return run(command, WORK);
  }

  private static String java() {
    return ProcessHandle.current().info().command().orElseThrow();
  }

  /* What a Spark has in jars/: nothing of ours, and nothing that only our jars bring. */
  private static String spark() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> entry.endsWith(".jar"))
        .filter(entry -> !entry.matches(".*(sparkgrad|bytedeco|jcuda).*"))
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static String run(List<String> command, Path folder) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    Process process = builder.start();
    String printed = new String(process.getInputStream().readAllBytes());
    assertEquals(0, process.waitFor(), printed);
    return printed;
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : (Iterable<Path>) files::iterator)
        Files.copy(
            file, to.resolve(from.relativize(file).toString()), StandardCopyOption.COPY_ATTRIBUTES);
    }
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) return;
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : (Iterable<Path>) files.sorted(Comparator.reverseOrder())::iterator)
        Files.delete(file);
    }
  }
}
