package io.sparkgrad;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.syntax.elements.ClassesShould;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import io.sparkgrad.op.Ops;
import io.sparkgrad.scope.ThreadScope;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Which package of the engine may use which. */
class LayersTest {
  /* One unit: a tensor calls its operations, which record nodes, which hold tensors. */
  private static final String[] UNIT = {
    "io.sparkgrad", "io.sparkgrad.autograd..", "io.sparkgrad.op.."
  };
  /* What everybody may see. */
  private static final String SCOPES = "io.sparkgrad.scope..";

  private static final String[] FAMILIES =
      Stream.of("pointwise", "reduce", "shape", "index", "linalg", "nn", "random")
          .map(family -> "io.sparkgrad.op." + family + "..")
          .toArray(String[]::new);
  /* What a tensor has from a family: its methods, with the types in their signatures. */
  private static final DescribedPredicate<JavaClass> METHODS =
      simple("methods of a tensor", "\\w+Methods|Reduction|EmbeddingOptions");
  /* What a family offers the others: adjoints of views, the products that derivatives need, those of matrices, random numbers. */
  private static final DescribedPredicate<JavaClass> OFFERED =
      simple("offered to other families", "ViewAdjoint|Scan|RandomFill|Gemm");

  private static JavaClasses engine;

  @BeforeAll
  static void read() throws Exception {
    /* What lies outside is judged by its name; reading the class files of the JDK and the jars as well takes seconds. */
    ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
    engine =
        new ClassFileImporter()
            .importPath(
                Path.of(Tensor.class.getProtectionDomain().getCodeSource().getLocation().toURI()));
    assertTrue(engine.contain(Tensor.class));
  }

  @Test
  void backendSeesNothingOfTheRest() {
    inPackages("io.sparkgrad.backend..")
        .dependOnClassesThat(
            resideInAPackage("io.sparkgrad..")
                .and(not(resideInAnyPackage("io.sparkgrad.backend..", SCOPES))))
        .check(engine);
  }

  @Test
  void randomSeesNothingOfTheRest() {
    inPackages("io.sparkgrad.random..")
        .dependOnClassesThat(
            resideInAPackage("io.sparkgrad..")
                .and(not(resideInAnyPackage("io.sparkgrad.random..", SCOPES))))
        .check(engine);
  }

  @Test
  void scopesSeeNothingOfTheRest() {
    inPackages(SCOPES)
        .dependOnClassesThat(resideInAPackage("io.sparkgrad..").and(not(resideInAPackage(SCOPES))))
        .check(engine);
  }

  @Test
  void tensorTapeAndOperationsSeeBackendAndRandomOnly() {
    inPackages(UNIT)
        .dependOnClassesThat(
            resideInAPackage("io.sparkgrad..")
                .and(not(resideInAnyPackage(UNIT)))
                .and(not(resideInAnyPackage("io.sparkgrad.backend..", "io.sparkgrad.random..")))
                .and(not(resideInAPackage(SCOPES))))
        .check(engine);
  }

  @Test
  void kernelsKnowNoOperation() {
    inPackages("io.sparkgrad.op.kernel..")
        .dependOnClassesThat(
            resideInAPackage("io.sparkgrad.op").or(resideInAnyPackage(FAMILIES).and(not(METHODS))))
        .check(engine);
  }

  @Test
  void whatOperationsShareKnowsNoFamily() {
    noClasses()
        .that()
        .resideInAPackage("io.sparkgrad.op")
        .and()
        .doNotHaveFullyQualifiedName(Ops.class.getName())
        .should()
        .dependOnClassesThat(resideInAnyPackage(FAMILIES).and(not(METHODS)))
        .check(engine);
  }

  @Test
  void theRegistryKnowsTheListsOfTheFamiliesOnly() {
    noClasses()
        .that()
        .haveFullyQualifiedName(Ops.class.getName())
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(FAMILIES).and(not(simple("lists", "\\w+Ops"))).and(not(METHODS)))
        .check(engine);
  }

  @Test
  void aFamilySeesOfAnotherWhatATensorShows() {
    for (String family : FAMILIES)
      inPackages(family)
          .dependOnClassesThat(
              resideInAnyPackage(FAMILIES)
                  .and(not(resideInAPackage(family)))
                  .and(not(METHODS))
                  .and(not(OFFERED)))
          .check(engine);
  }

  @Test
  void familiesOfferInOneDirection() {
    slices()
        .matching("io.sparkgrad.op.(*)..")
        .should()
        .beFreeOfCycles()
        .ignoreDependency(DescribedPredicate.alwaysTrue(), METHODS)
        .check(engine);
  }

  @Test
  void optimizersSeeNoModules() {
    inPackages("io.sparkgrad.optim..")
        .dependOnClassesThat()
        .resideInAPackage("io.sparkgrad.nn..")
        .check(engine);
  }

  @Test
  void rulesOfOptimizersSeeArraysOnly() {
    noClasses()
        .that()
        .resideInAPackage("io.sparkgrad.optim..")
        .and()
        .haveNameNotMatching(".*\\.(Local)?Optimizer(\\$.*)?") // rule.over(parameters), the bridge
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(UNIT)
        .check(engine);
  }

  @Test
  void nativeLibrariesAreNamedInTheirBackendsOnly() {
    isNamedIn("io.sparkgrad.backend.cpu..", "dev.ludovic.netlib..", "org.bytedeco.openblas..");
    isNamedIn("io.sparkgrad.backend.onednn..", "org.bytedeco.dnnl..", "org.bytedeco.opencl..");
  }

  private static void isNamedIn(String backend, String... libraries) {
    noClasses()
        .that()
        .resideOutsideOfPackage(backend)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(libraries)
        .check(engine);
  }

  @Test
  void jcudaIsNamedInTheCudaBackendOnly() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.sparkgrad.backend.cuda..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("jcuda..")
        .check(engine);
  }

  @Test
  void whatIsClosedOnAThreadIsAScope() {
    classes()
        .that()
        .areAssignableTo(AutoCloseable.class)
        .and()
        // Grad's mode closes a scope of its own; a module's belongs to no thread.
        .haveNameNotMatching(".*\\.(RemovableHandle|Grad\\$Mode|Module\\$ModeScope)")
        .should()
        .beAssignableTo(ThreadScope.class)
        .check(engine);
  }

  @Test
  void nobodyKnowsSpark() {
    inPackages("io.sparkgrad..")
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.spark..", "io.sparkgrad.cluster..", "scala..")
        .check(engine);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().assignedFrom(new Slices()).should().beFreeOfCycles().check(engine);
  }

  /* By the name of the class, or of the one around it. */
  private static DescribedPredicate<JavaClass> simple(String what, String name) {
    return DescribedPredicate.describe(
        what, c -> c.getName().replaceAll(".*\\.|\\$.*", "").matches(name));
  }

  private static ClassesShould inPackages(String... packages) {
    return noClasses().that().resideInAnyPackage(packages).should();
  }

  private static final class Slices implements SliceAssignment {
    @Override
    public SliceIdentifier getIdentifierOf(JavaClass c) {
      String name = c.getPackageName().replaceFirst("io\\.sparkgrad\\.?", "").split("\\.")[0];
      return SliceIdentifier.of(Set.of("", "autograd", "op").contains(name) ? "unit" : name);
    }

    @Override
    public String getDescription() {
      return "packages, the unit as one";
    }
  }
}
