package io.sparkgrad.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The one application jar on each Spark of the root pom's {@code spark.tried}. */
@Tag("matrix")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SparkVersionsIT {
  private final TreeMap<String, String> weights = new TreeMap<>();

  static List<String> versions() {
    return List.of(System.getProperty("spark.tried").split(" "));
  }

  @ParameterizedTest
  @MethodSource("versions")
  @Order(1)
  void digitsLearns(String version) throws Exception {
    String printed = ExampleRun.printed("digits", "--workers", "4", "--spark", version);
    double accuracy = Double.parseDouble(ExampleRun.find(printed, "test accuracy ([0-9.]+)"));
    weights.put(version, ExampleRun.find(printed, "weights sha256 ([0-9a-f]{64})"));
    assertTrue(accuracy >= 0.95, printed);
  }

  /** K workers mean K workers, whatever Spark starts them. */
  @Test
  @Order(2)
  void weightsAreTheSameOnAll() {
    assertEquals(versions().size(), weights.size(), weights::toString);
    assertEquals(1, weights.values().stream().distinct().count(), weights::toString);
  }

  /** More than digits happens to touch: every name in every class of ours. */
  @ParameterizedTest
  @MethodSource("versions")
  @Order(3)
  void everyNameResolves(String version) throws IOException {
    File[] jars = new File("target/spark-" + version + "/jars").listFiles();
    assertTrue(jars != null && jars.length > 100, "not assembled: " + version);
    List<File> path = new ArrayList<>(List.of(jars));
    path.add(AppJar.FILE);
    List<String> problems = new ArrayList<>();
    try (Linker linker = new Linker(path)) {
      for (ClassFile file : AppJar.ownClasses()) problems.addAll(linker.problems(file));
    }
    assertEquals(List.of(), problems);
  }

  /** The check sees what it looks for. */
  @Test
  @Order(4)
  void nothingOfSparkResolvesWithoutSpark() throws IOException {
    try (Linker linker = new Linker(List.of(AppJar.FILE))) {
      List<String> problems = new ArrayList<>();
      for (ClassFile file : AppJar.ownClasses()) problems.addAll(linker.problems(file));
      assertFalse(problems.isEmpty());
      for (String problem : problems)
        assertTrue(
            problem.matches(
                ".*(org/apache/(spark|hadoop)|scala|io/netty|dev/ludovic|org/slf4j|com/esotericsoftware/kryo|com/fasterxml/jackson)/.*"),
            problem);
    }
  }
}
