package io.sparkgrad;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a shell asks of every class that a user names. */
public class ShellTest {
  /* Packages of what users name. */
  private static final Set<String> PACKAGES =
      Set.of(
          "io.sparkgrad",
          "io.sparkgrad.autograd",
          "io.sparkgrad.nn",
          "io.sparkgrad.optim",
          "io.sparkgrad.random",
          "io.sparkgrad.files");

  private final List<Class<?>> classes = classes(Tensor.class, PACKAGES);

  /** The public classes, nested ones too, of some packages in the same folder as a class. */
  public static List<Class<?>> classes(Class<?> neighbour, Set<String> packages) {
    try {
      Path root = Path.of(neighbour.getProtectionDomain().getCodeSource().getLocation().toURI());
      try (Stream<Path> files = Files.walk(root)) {
        return files
            .map(f -> root.relativize(f).toString().replace('/', '.'))
            .filter(name -> name.endsWith(".class") && !name.endsWith("-info.class"))
            .map(name -> name.substring(0, name.length() - ".class".length()))
            .filter(name -> packages.contains(name.substring(0, name.lastIndexOf('.'))))
            .<Class<?>>map(ShellTest::load)
            .filter(ShellTest::isPublic)
            .toList();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Class<?> load(String name) {
    try {
      return Class.forName(name, false, ShellTest.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean isPublic(Class<?> c) {
    return Modifier.isPublic(c.getModifiers())
        && !c.isAnonymousClass()
        && (c.getEnclosingClass() == null || isPublic(c.getEnclosingClass()));
  }

  /** Handles have a text of their own, for the shell prints what a cell is worth. */
  public static Set<String> withoutText(List<Class<?>> classes) throws NoSuchMethodException {
    Set<String> found = new TreeSet<>();
    for (Class<?> c : classes) {
      boolean isValue =
          !c.isInterface()
              && !Modifier.isAbstract(c.getModifiers())
              && Arrays.stream(c.getMethods())
                  .anyMatch(
                      m ->
                          !Modifier.isStatic(m.getModifiers())
                              && m.getDeclaringClass() != Object.class);
      if (isValue && c.getMethod("toString").getDeclaringClass() == Object.class)
        found.add(c.getName());
    }
    return found;
  }

  @Test
  void whatAUserHoldsHasATextOfItsOwn() throws NoSuchMethodException {
    assertTrue(classes.size() > 50, classes::toString);
    assertEquals(Set.of(), withoutText(classes));
  }

  /**
   * Scala finds a static by the class that declares it, not by one that inherits it. Internal:
   * statics of scopes, which nobody calls by the subclass; a Parameter's, a Buffer's and a
   * RowSparse's are called on Tensor.
   */
  @Test
  void noStaticIsReachableByInheritanceAlone() {
    Set<String> found = new TreeSet<>();
    for (Class<?> c : classes) {
      if (Set.of(Parameter.class, Buffer.class, RowSparse.class).contains(c)) continue;
      for (Class<?> s = c.getSuperclass(); s != null; s = s.getSuperclass()) {
        if (!s.getName().startsWith("io.sparkgrad.")
            || s.getPackageName().matches("io.sparkgrad.(scope|backend)")) continue;
        Arrays.stream(s.getDeclaredMethods())
            .filter(m -> Modifier.isStatic(m.getModifiers()) && Modifier.isPublic(m.getModifiers()))
            .forEach(
                m ->
                    found.add(
                        "%s.%s, of %s"
                            .formatted(c.getSimpleName(), m.getName(), m.getDeclaringClass())));
      }
    }
    assertEquals(Set.of(), found);
  }

  /**
   * A lambda must be serializable, and Scala before 2.13.11 asks only the interface that declares
   * the method.
   */
  @Test
  void aFunctionalInterfaceDeclaresItsMethodAndIsSerializable() throws NoSuchMethodException {
    Set<String> found = new TreeSet<>();
    int count = 0;
    for (Class<?> c : classes) {
      List<Method> methods =
          Arrays.stream(c.getMethods()).filter(m -> Modifier.isAbstract(m.getModifiers())).toList();
      if (!c.isInterface() || methods.size() != 1) continue;
      count++;
      if (c.getName().equals("io.sparkgrad.files.AtomicFile$Content")) continue; // writes here
      if (methods.get(0).getDeclaringClass() != c || !Serializable.class.isAssignableFrom(c))
        found.add(c.getName());
    }
    assertTrue(count > 5, "found " + count);
    assertEquals(Set.of(), found);
  }
}
