package io.sparkgrad.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sparkgrad.examples.ClassFile.Reference;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * One jar runs on Spark 3.5 to 4.x with Scala 2.12 and 2.13, and in notebooks that put old
 * libraries before Spark's, because it names nothing that differs between them.
 */
class PortableBytecodeIT {
  private static final Pattern CLASS_NAME = Pattern.compile("(?:^|L)((?:\\w+/)+[\\w$]+)");

  /** What no class file may name; each is another class, or missing, somewhere. */
  private static final List<String> FORBIDDEN =
      List.of(
          "org/apache/spark/sql/classic/",
          "org/apache/spark/ui/",
          "org/apache/spark/util/Utils",
          "javax/servlet/",
          "jakarta/",
          "org/json4s/",
          "breeze/",
          "com/google/",
          "io/grpc/",
          "org/apache/commons/",
          "org/apache/log4j/",
          "org/apache/logging/");

  /** The same in 2.12 and 2.13. */
  private static final Pattern SCALA =
      Pattern.compile(
          "scala/(Tuple\\d+|Option|Some|None\\$|Function\\d+|reflect/ClassTag\\$?|util/Properties)");

  /** What slf4j 1.7 has too. */
  private static final Pattern SLF4J_TYPE = Pattern.compile("org/slf4j/(Logger|LoggerFactory)");

  private static final Pattern SLF4J_METHOD =
      Pattern.compile("getLogger|getName|(trace|debug|info|warn|error)|is\\w+Enabled");

  @Test
  void namesNothingThatDependsOnTheVersion() throws IOException {
    List<ClassFile> classes = AppJar.ownClasses();
    for (String name : List.of("io/sparkgrad/Tensor", "io/sparkgrad/cluster/SparkTrainer"))
      assertTrue(classes.stream().anyMatch(c -> c.name().equals(name)), name);
    Set<String> found = new TreeSet<>();
    for (ClassFile file : classes) found.addAll(unportable(file));
    assertEquals(
        Set.of(),
        found,
        "use arrays, java.util.List, the varargs forms and slf4j 1.7's calls instead");
  }

  /** The check sees what it looks for: Spark's own classes are full of it. */
  @Test
  void findsWhatIsForbidden() throws IOException {
    Set<String> found = unportable(ofClassPath("org/apache/spark/SparkContext"));
    for (String name : List.of("scala/collection/immutable/Map", "org/apache/spark/ui/SparkUI"))
      assertTrue(found.contains("org/apache/spark/SparkContext names " + name), found.toString());
    ClassFile slf4j = ofClassPath("org/slf4j/Logger");
    assertTrue(
        unportable(slf4j).contains("org/slf4j/Logger names org/slf4j/spi/LoggingEventBuilder"),
        unportable(slf4j).toString());
  }

  static Set<String> unportable(ClassFile file) {
    Set<String> found = new TreeSet<>();
    for (String text : file.texts()) {
      Matcher names = CLASS_NAME.matcher(text);
      while (names.find())
        if (!portable(names.group(1))) found.add(file.name() + " names " + names.group(1));
    }
    for (Reference r : file.references())
      if (r.owner().startsWith("org/slf4j/") && !SLF4J_METHOD.matcher(r.name()).matches())
        found.add(file.name() + " names " + r);
    return found;
  }

  private static boolean portable(String name) {
    if (name.startsWith("scala/")) return SCALA.matcher(name).matches();
    if (name.startsWith("org/slf4j/")) return SLF4J_TYPE.matcher(name).matches();
    return FORBIDDEN.stream().noneMatch(name::startsWith);
  }

  private static ClassFile ofClassPath(String name) throws IOException {
    try (InputStream in = ClassLoader.getSystemResourceAsStream(name + ".class")) {
      return ClassFile.read(in.readAllBytes());
    }
  }
}
