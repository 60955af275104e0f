package io.sparkgrad.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sparkgrad.examples.ClassFile.Reference;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LinkerTest {
  @Test
  void acceptsWhatTheJdkHas() throws IOException {
    try (InputStream in = ClassLoader.getSystemResourceAsStream("java/util/ArrayList.class")) {
      assertEquals(List.of(), problems(ClassFile.read(in.readAllBytes())));
    }
    Reference inherited =
        new Reference("java/util/ArrayList", "containsAll", "(Ljava/util/Collection;)Z", false);
    assertEquals(List.of(), problems(naming(inherited)));
  }

  @Test
  void namesWhatIsMissing() {
    Reference otherDescriptor = new Reference("java/util/List", "size", "()J", true);
    assertEquals(
        List.of("A: no member java/util/List.size ()J"), problems(naming(otherDescriptor)));
    Reference wrongKind = new Reference("java/util/List", "size", "()I", false);
    assertEquals(
        List.of("A: java/util/List is an interface for java/util/List.size ()I"),
        problems(naming(wrongKind)));
    Reference otherField = new Reference("java/io/File", "separator", "Ljava/lang/Gone;", false);
    assertEquals(
        List.of(
            "A: no member java/io/File.separator Ljava/lang/Gone;",
            "A: no class java/lang/Gone for java/io/File.separator Ljava/lang/Gone;"),
        problems(naming(otherField)));
  }

  @Test
  void namesWhatIsLeftAbstract() {
    String run = ClassFile.key("run", "()V");
    assertEquals(
        List.of("A: leaves abstract java/lang/Runnable.run ()V"),
        problems(file(List.of("java/lang/Runnable"), Map.of(), Set.of())));
    assertEquals(
        List.of(), problems(file(List.of("java/lang/Runnable"), Map.of(run, 1), Set.of())));
  }

  private static ClassFile naming(Reference reference) {
    return file(List.of(), Map.of(), Set.of(reference));
  }

  private static ClassFile file(
      List<String> interfaces, Map<String, Integer> declared, Set<Reference> references) {
    return new ClassFile(
        "A", 0, "java/lang/Object", interfaces, declared, references, Set.of(), Set.of());
  }

  private static List<String> problems(ClassFile file) {
    try (Linker linker = new Linker(List.of())) {
      return linker.problems(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
