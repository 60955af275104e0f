package io.sparkgrad.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The page of packages is what the code says: the first sentence of each package's description, and
 * the packages it uses. Written anew by {@code -Dsparkgrad.write=true}.
 */
class PackagesPageTest {
  private static final String ROOT = "io.sparkgrad";
  private static final Path PAGE = Path.of("../examples/docs/packages.md");

  @ParameterizedTest
  @CsvSource({
    "engine, io.sparkgrad.Tensor",
    "spark-integration, io.sparkgrad.cluster.SparkTrainer"
  })
  void theTableIsCurrent(String module, Class<?> inModule) throws Exception {
    String page = Files.readString(PAGE);
    String start = "<!-- %s -->\n".formatted(module);
    int from = page.indexOf(start) + start.length();
    int to = page.indexOf("<!-- end of %s -->\n".formatted(module));
    Path sources = Path.of("..", module, "src/main/java");
    String current = page.substring(0, from) + table(inModule, sources) + page.substring(to);
    if (Boolean.getBoolean("sparkgrad.write")) Files.writeString(PAGE, current);
    assertEquals(current, Files.readString(PAGE), "write it anew: -Dsparkgrad.write=true");
  }

  private static String table(Class<?> inModule, Path sources) throws Exception {
    StringBuilder text = new StringBuilder("| package | holds | uses |\n|---|---|---|\n");
    for (Map.Entry<String, TreeSet<String>> e : uses(inModule).entrySet()) {
      String used =
          e.getValue().stream()
              .map(p -> "`" + shortName(p) + "`")
              .collect(Collectors.joining(", "));
      text.append(
          "| `%s` | %s | %s |\n"
              .formatted(shortName(e.getKey()), holds(e.getKey(), sources), used));
    }
    return text.toString();
  }

  private static Map<String, TreeSet<String>> uses(Class<?> inModule) throws Exception {
    ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
    Map<String, TreeSet<String>> uses = new TreeMap<>();
    for (JavaClass c :
        new ClassFileImporter()
            .importUrl(inModule.getProtectionDomain().getCodeSource().getLocation())) {
      TreeSet<String> used = uses.computeIfAbsent(packageOf(c), p -> new TreeSet<>());
      c.getDirectDependenciesFromSelf().stream()
          .map(d -> d.getTargetClass())
          .filter(t -> t.getPackageName().startsWith(ROOT))
          .map(PackagesPageTest::packageOf)
          .filter(p -> !p.equals(packageOf(c)))
          .forEach(used::add);
    }
    return uses;
  }

  /* The loops with the Vector API are the CPU backend's. */
  private static String packageOf(JavaClass c) {
    return c.getPackageName().replaceFirst("\\.vector$", "");
  }

  private static String shortName(String name) {
    return name.equals(ROOT) ? ROOT : name.substring(ROOT.length() + 1);
  }

  private static String holds(String name, Path sources) throws Exception {
    Path info = sources.resolve(name.replace('.', '/')).resolve("package-info.java");
    String text = Files.readString(info).replaceAll("(?s)^.*?/\\*\\*|\\*/.*$", "");
    text = text.replaceAll("\\s*\\n \\* ?", " ").replaceAll("\\{@\\w+ ([^}]*)\\}", "$1").trim();
    return text.replaceAll("(?s)\\.( .*)?$|\\. <.*$", "")
        .replaceAll("io\\.sparkgrad\\.\\w+\\.", "");
  }
}
