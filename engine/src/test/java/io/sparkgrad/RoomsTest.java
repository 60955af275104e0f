package io.sparkgrad;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import io.sparkgrad.op.Op;
import java.util.Set;

/** Which room of the engine may see which. */
@AnalyzeClasses(packages = "io.sparkgrad", importOptions = ImportOption.DoNotIncludeTests.class)
class RoomsTest {
  private static final String[] UNIT = {
    "io.sparkgrad", "io.sparkgrad.autograd..", "io.sparkgrad.op.."
  };

  @ArchTest static final ArchRule backendSeesNothingOfTheRest = seesOnly("io.sparkgrad.backend..");

  @ArchTest static final ArchRule randomSeesNothingOfTheRest = seesOnly("io.sparkgrad.random..");

  private static ArchRule seesOnly(String room) {
    return noClasses()
        .that()
        .resideInAPackage(room)
        .should()
        .dependOnClassesThat(resideInAPackage("io.sparkgrad..").and(not(resideInAPackage(room))));
  }

  @ArchTest
  static final ArchRule theUnitSeesItselfBackendAndRandom =
      noClasses()
          .that()
          .resideInAnyPackage(UNIT)
          .should()
          .dependOnClassesThat(
              resideInAPackage("io.sparkgrad..")
                  .and(
                      not(
                          resideInAnyPackage(UNIT)
                              .or(
                                  resideInAnyPackage(
                                      "io.sparkgrad.backend..", "io.sparkgrad.random..")))));

  @ArchTest
  static final ArchRule optimizersSeeNoModules =
      noClasses()
          .that()
          .resideInAPackage("io.sparkgrad.optim..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.sparkgrad.nn..");

  @ArchTest
  static final ArchRule rulesOfOptimizersSeeNoTensorsButInTheBridge =
      noClasses()
          .that()
          .resideInAPackage("io.sparkgrad.optim..")
          .and()
          .doNotHaveSimpleName("LocalOptimizer")
          .and()
          .haveNameNotMatching(".*LocalOptimizer\\$.*")
          .and()
          .doNotHaveSimpleName("Optimizer") // over(parameters) names them
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(UNIT);

  @ArchTest
  static final ArchRule nativeLibrariesAreNamedInTheCpuBackendOnly =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.sparkgrad.backend.cpu..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.ludovic.netlib..", "org.bytedeco..");

  @ArchTest
  static final ArchRule nobodyKnowsSpark =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.spark..", "io.sparkgrad.spark..", "scala..");

  @ArchTest
  static final ArchRule roomsHaveNoCycles =
      slices()
          .assignedFrom(
              new SliceAssignment() {
                @Override
                public SliceIdentifier getIdentifierOf(JavaClass c) {
                  String room = c.getPackageName().replaceFirst("io\\.sparkgrad\\.?", "");
                  String first = room.split("\\.")[0];
                  boolean inUnit = Set.of("", "autograd", "op").contains(first);
                  return SliceIdentifier.of(inUnit ? "unit" : first);
                }

                @Override
                public String getDescription() {
                  return "rooms";
                }
              })
          .should()
          .beFreeOfCycles();

  @ArchTest
  static final ArchRule everyOpIsAFinalClassOfItsRoom =
      classes()
          .that()
          .areAssignableTo(Op.class)
          .and()
          .doNotHaveModifier(JavaModifier.ABSTRACT)
          .should()
          .resideInAPackage("io.sparkgrad.op..")
          .andShould()
          .haveModifier(JavaModifier.FINAL);
}
