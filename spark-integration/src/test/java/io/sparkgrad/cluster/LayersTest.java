package io.sparkgrad.cluster;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Which package may use which, and what the class files name: one jar serves every Spark. */
class LayersTest {
  /* What differs between the Spark and Scala versions that the one jar runs on. */
  private static final Pattern NOT_PORTABLE =
      Pattern.compile(
          "scala/collection|org/apache/spark/sql/classic|(javax|jakarta)/servlet"
              + "|org/apache/spark/util/Utils\\b");

  private static final List<String> LAYERS =
      List.of(
          "io.sparkgrad.cluster.ml",
          "io.sparkgrad.cluster",
          "io.sparkgrad.cluster.fitting",
          "io.sparkgrad.cluster.trained",
          "io.sparkgrad.cluster.notebook",
          "io.sparkgrad.cluster.ingest",
          "io.sparkgrad.cluster.ps",
          "io.sparkgrad.cluster.closure");

  private static Path folder;
  private static JavaClasses imported;

  @BeforeAll
  static void read() throws Exception {
    folder =
        Path.of(
            TrainingException.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    /* What lies outside is judged by its name; reading Spark's class files as well takes seconds. */
    ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
    imported = new ClassFileImporter().importPath(folder);
    assertTrue(imported.contain(TrainingException.class));
  }

  @Test
  void aPackageUsesOnlyWhatLiesBelowIt() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("ml")
        .definedBy(LAYERS.get(0))
        .layer("cluster")
        .definedBy(LAYERS.get(1))
        .layer("fitting")
        .definedBy(LAYERS.get(2))
        .layer("trained")
        .definedBy(LAYERS.get(3))
        .layer("notebook")
        .definedBy(LAYERS.get(4))
        .layer("ingest")
        .definedBy(LAYERS.get(5))
        .layer("ps")
        .definedBy(LAYERS.get(6))
        .layer("closure")
        .definedBy(LAYERS.get(7))
        .whereLayer("cluster")
        .mayOnlyAccessLayers("fitting", "trained", "notebook", "ingest", "ps", "closure")
        .whereLayer("fitting")
        .mayOnlyAccessLayers("trained", "notebook", "ingest", "ps")
        .whereLayer("trained")
        .mayOnlyAccessLayers("notebook", "ingest", "closure")
        .whereLayer("closure")
        .mayNotAccessAnyLayer()
        .whereLayer("notebook")
        .mayNotAccessAnyLayer()
        .whereLayer("ingest")
        .mayNotAccessAnyLayer()
        .whereLayer("ps")
        .mayNotAccessAnyLayer()
        .check(imported);
  }

  @Test
  void everyClassBelongsToALayer() {
    classes().should().resideInAnyPackage(LAYERS.toArray(new String[0])).check(imported);
  }

  @Test
  void noCycles() {
    slices().matching("io.sparkgrad.(**)").should().beFreeOfCycles().check(imported);
  }

  @Test
  void theParameterServerKnowsNeitherDataFramesNorModels() {
    noClasses()
        .that()
        .resideInAPackage("io.sparkgrad.cluster.ps..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.spark.sql..", "org.apache.spark.rdd..", "io.sparkgrad.nn..")
        .check(imported);
  }

  /**
   * A wildcard import in Scala brings in packages too: none may hide what a shell has by itself,
   * nor the values that notebooks have.
   */
  @Test
  void noPackageHidesANameOfTheShell() {
    noClasses()
        .should()
        .resideInAnyPackage(
            Stream.of(
                    "data",
                    "io",
                    "java",
                    "math",
                    "org",
                    "sc",
                    "scala",
                    "spark",
                    "sql",
                    "df",
                    "rows",
                    "train",
                    "test",
                    "model",
                    "net",
                    "loss",
                    "result",
                    "features",
                    "label")
                .map(name -> "io.sparkgrad.." + name + "..")
                .toArray(String[]::new))
        .check(imported);
  }

  @Test
  void nativeLibrariesAreTheEnginesAffair() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.ludovic.netlib..", "org.bytedeco..", "breeze..")
        .check(imported);
  }

  @Test
  void classFilesNameNothingThatDiffersBetweenSparkAndScalaVersions() {
    Map<String, List<String>> found = new TreeMap<>();
    for (Path file : classFiles()) {
      for (String text : constants(file)) {
        if (NOT_PORTABLE.matcher(text).find()) {
          found
              .computeIfAbsent(folder.relativize(file).toString(), f -> new ArrayList<>())
              .add(text);
        }
      }
    }
    assertEquals(Map.of(), found);
  }

  @Test
  void theSearchItselfFindsSuchNames() {
    assertTrue(NOT_PORTABLE.matcher("(Lscala/collection/Seq;)V").find());
    assertTrue(NOT_PORTABLE.matcher("org/apache/spark/sql/classic/Dataset").find());
    assertTrue(NOT_PORTABLE.matcher("org/apache/spark/util/Utils$").find());
    assertTrue(
        classFiles().stream()
            .flatMap(f -> constants(f).stream())
            .anyMatch(t -> t.contains("org/apache/spark/sql/Dataset")));
  }

  private static List<Path> classFiles() {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(f -> f.toString().endsWith(".class")).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The texts of a class file's constant pool: every class, descriptor and string it names. */
  private static List<String> constants(Path file) {
    List<String> texts = new ArrayList<>();
    try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
      in.skipNBytes(8); // magic and version
      int count = in.readUnsignedShort();
      for (int i = 1; i < count; i++) {
        int tag = in.readUnsignedByte();
        switch (tag) {
          case 1 -> texts.add(in.readUTF());
          case 3, 4, 9, 10, 11, 12, 17, 18 -> in.skipNBytes(4);
          case 5, 6 -> {
            in.skipNBytes(8);
            i++; // a long or a double takes two places
          }
          case 7, 8, 16, 19, 20 -> in.skipNBytes(2);
          case 15 -> in.skipNBytes(3);
          default -> throw new IOException("unknown constant tag " + tag + " in " + file);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return texts;
  }
}
