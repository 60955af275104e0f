package io.sparkgrad;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.syntax.elements.ClassesShould;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import io.sparkgrad.scope.ThreadScope;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Which room of the engine may see which. */
class RoomsTest {
  /* One unit: a tensor calls its operations, which record nodes, which hold tensors. */
  private static final String[] UNIT = {
    "io.sparkgrad", "io.sparkgrad.autograd..", "io.sparkgrad.op.."
  };
  /* What everybody may see. */
  private static final String SCOPES = "io.sparkgrad.scope..";

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
    inRoom("io.sparkgrad.backend..")
        .dependOnClassesThat(
            resideInAPackage("io.sparkgrad..")
                .and(not(resideInAnyPackage("io.sparkgrad.backend..", SCOPES))))
        .check(engine);
  }

  @Test
  void randomSeesNothingOfTheRest() {
    inRoom("io.sparkgrad.random..")
        .dependOnClassesThat(
            resideInAPackage("io.sparkgrad..")
                .and(not(resideInAnyPackage("io.sparkgrad.random..", SCOPES))))
        .check(engine);
  }

  @Test
  void scopesSeeNothingOfTheRest() {
    inRoom(SCOPES)
        .dependOnClassesThat(resideInAPackage("io.sparkgrad..").and(not(resideInAPackage(SCOPES))))
        .check(engine);
  }

  @Test
  void tensorTapeAndOperationsSeeBackendAndRandomOnly() {
    inRoom(UNIT)
        .dependOnClassesThat(
            resideInAPackage("io.sparkgrad..")
                .and(not(resideInAnyPackage(UNIT)))
                .and(not(resideInAnyPackage("io.sparkgrad.backend..", "io.sparkgrad.random..")))
                .and(not(resideInAPackage(SCOPES))))
        .check(engine);
  }

  @Test
  void optimizersSeeNoModules() {
    inRoom("io.sparkgrad.optim..")
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
  void nativeLibrariesAreNamedInTheCpuBackendOnly() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.sparkgrad.backend.cpu..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.ludovic.netlib..", "org.bytedeco..")
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
        .haveNameNotMatching(".*\\.(RemovableHandle|Grad\\$Mode)") // closes a scope of its own
        .should()
        .beAssignableTo(ThreadScope.class)
        .check(engine);
  }

  @Test
  void nobodyKnowsSpark() {
    inRoom("io.sparkgrad..")
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.spark..", "io.sparkgrad.cluster..", "scala..")
        .check(engine);
  }

  @Test
  void roomsHaveNoCycles() {
    slices().assignedFrom(new Rooms()).should().beFreeOfCycles().check(engine);
  }

  private static ClassesShould inRoom(String... packages) {
    return noClasses().that().resideInAnyPackage(packages).should();
  }

  private static final class Rooms implements SliceAssignment {
    @Override
    public SliceIdentifier getIdentifierOf(JavaClass c) {
      String room = c.getPackageName().replaceFirst("io\\.sparkgrad\\.?", "").split("\\.")[0];
      return SliceIdentifier.of(Set.of("", "autograd", "op").contains(room) ? "unit" : room);
    }

    @Override
    public String getDescription() {
      return "rooms";
    }
  }
}
