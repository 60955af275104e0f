package io.sparkgrad;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ImportTree;
import com.sun.source.tree.LambdaExpressionTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ReturnTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreeScanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/**
 * No test of any module passes without having checked: none returns before its end, none is skipped
 * by an assumption, none is disabled. What does not apply is not drawn, by a source, a tag or
 * {@code exempt}.
 */
class TestSourcesTest {
  private static final Set<String> TESTS =
      Set.of("Test", "ParameterizedTest", "RepeatedTest", "TestFactory", "Property", "Checks");
  private static final Set<String> SKIPPING =
      Set.of("Assumptions", "Assume", "Disabled", "DisabledIf", "EnabledIf");

  @Test
  void noTestReturnsBeforeItsEndOrIsSkipped() throws IOException {
    TestMethods found = new TestMethods();
    for (CompilationUnitTree file : parsed(sources())) found.scan(file, null);
    assertEquals(List.of(), found.wrong);
    assertTrue(found.tests > 1000, found.tests + " tests were read");
  }

  private static List<Path> sources() throws IOException {
    List<Path> files = new ArrayList<>();
    for (String module : List.of("engine", "spark-integration", "examples"))
      try (Stream<Path> below = Files.walk(Path.of("..", module, "src/test/java"))) {
        below.filter(p -> p.toString().endsWith(".java")).forEach(files::add);
      }
    return files;
  }

  private static Iterable<? extends CompilationUnitTree> parsed(List<Path> files)
      throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
      var units = manager.getJavaFileObjectsFromPaths(files);
      return ((JavacTask) compiler.getTask(null, manager, null, null, null, units)).parse();
    }
  }

  private static final class TestMethods extends TreeScanner<Void, Void> {
    final List<String> wrong = new ArrayList<>();
    int tests;
    private String file;

    @Override
    public Void visitCompilationUnit(CompilationUnitTree unit, Void none) {
      file = Path.of(unit.getSourceFile().toUri()).getFileName().toString();
      return super.visitCompilationUnit(unit, none);
    }

    @Override
    public Void visitImport(ImportTree imported, Void none) {
      for (String part : imported.getQualifiedIdentifier().toString().split("\\."))
        if (SKIPPING.contains(part)) wrong.add(file + " imports " + part);
      return null;
    }

    @Override
    public Void visitMethod(MethodTree method, Void none) {
      boolean isTest =
          method.getModifiers().getAnnotations().stream()
              .anyMatch(a -> TESTS.contains(a.getAnnotationType().toString()));
      if (isTest) {
        tests++;
        new Returns(file + " " + method.getName()).scan(method.getBody(), null);
      }
      return super.visitMethod(method, none);
    }

    /** Those of the method itself. */
    private final class Returns extends TreeScanner<Void, Void> {
      private final String test;

      Returns(String test) {
        this.test = test;
      }

      @Override
      public Void visitReturn(ReturnTree returned, Void none) {
        if (returned.getExpression() == null) wrong.add(test + " returns before its end");
        return null;
      }

      @Override
      public Void visitLambdaExpression(LambdaExpressionTree lambda, Void none) {
        return null;
      }

      @Override
      public Void visitClass(ClassTree inner, Void none) {
        return null;
      }
    }
  }
}
