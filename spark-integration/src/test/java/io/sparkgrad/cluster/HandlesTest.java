package io.sparkgrad.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.sparkgrad.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What a shell prints of the values that a user holds. */
class HandlesTest {
  @Test
  void eachHasATextOfItsOwn() throws Exception {
    Path folder =
        Path.of(SparkTrainer.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    Set<Class<?>> handles =
        new ClassFileImporter()
            .importPath(folder).stream()
                .filter(c -> c.getPackageName().matches("io\\.sparkgrad\\.cluster(\\.trained)?"))
                .filter(
                    c ->
                        c.getModifiers().contains(JavaModifier.PUBLIC)
                            && !c.getModifiers().contains(JavaModifier.ABSTRACT)
                            && c.getMethods().stream()
                                .anyMatch(m -> !m.getModifiers().contains(JavaModifier.STATIC)))
                .map(c -> c.reflect())
                .collect(Collectors.toSet());
    handles.remove(TensorRegistrator.class); // named in a setting alone
    assertTrue(handles.contains(SparkTrainer.class), handles::toString);
    Set<String> without = new TreeSet<>();
    for (Class<?> c : handles)
      if (c.getMethod("toString").getDeclaringClass() == Object.class) without.add(c.getName());
    assertEquals(Set.of(), without);
  }

  /** Scala's collections are read by name: the engine knows no Scala. */
  @Test
  void aSeqIsAList() {
    Object seq =
        scala.jdk.javaapi.CollectionConverters.asScala(List.of(Tensor.ones(2), Tensor.zeros(2)))
            .toVector();
    assertEquals("tensor([1., 1., 0., 0.])", Tensor.cat(seq, 0).toString());
    Object row = scala.collection.immutable.Range$.MODULE$.inclusive(1, 3);
    assertEquals(
        "tensor([[1, 2, 3], [1, 2, 3]])",
        Tensor.tensor(List.of(row, row)).toString().replaceAll("\\s+", " "));
  }
}
