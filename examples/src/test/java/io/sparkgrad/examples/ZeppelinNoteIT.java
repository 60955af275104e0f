package io.sparkgrad.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Zeppelin's own class reads the notes, beside nothing of ours. */
@Tag("matrix")
class ZeppelinNoteIT {
  private static final Path JARS = Path.of("target", "zeppelin", "jars").toAbsolutePath();
  private final ClassLoader before = Thread.currentThread().getContextClassLoader();

  @AfterEach
  void contextLoaderOfBefore() {
    Thread.currentThread().setContextClassLoader(before);
  }

  @ParameterizedTest
  @ValueSource(strings = {"autograd", "train"})
  void zeppelinReadsTheParagraphs(String name) throws Exception {
    String json = Files.readString(Path.of("notebooks", name + ".zpln"));
    try (URLClassLoader zeppelin = zeppelin()) {
      Object note = note(zeppelin, name, json);
      List<String> interpreters = new ArrayList<>();
      List<String> cells = new ArrayList<>();
      for (Object paragraph : (List<?>) call(note, "getParagraphs")) {
        call(paragraph, "parseText");
        interpreters.add((String) call(paragraph, "getIntpText"));
        if (interpreters.get(interpreters.size() - 1).equals("spark"))
          cells.add(((String) call(paragraph, "getScriptText")).strip());
      }
      assertEquals(List.of("spark.conf", "md", "spark"), interpreters.subList(0, 3));
      assertEquals(NotebooksTest.cells(name).stream().map(String::strip).toList(), cells);
    }
  }

  /** The check sees what it looks for. */
  @Test
  void zeppelinRefusesANoteThatIsCut() throws Exception {
    String json = Files.readString(Path.of("notebooks", "train.zpln"));
    try (URLClassLoader zeppelin = zeppelin()) {
      String cut = json.substring(0, json.length() / 2);
      Throwable refused =
          assertThrows(InvocationTargetException.class, () -> note(zeppelin, "train", cut));
      assertEquals("CorruptedNoteException", refused.getCause().getClass().getSimpleName());
    }
  }

  private static Object note(ClassLoader zeppelin, String id, String json) throws Exception {
    Class<?> type = zeppelin.loadClass("org.apache.zeppelin.notebook.Note");
    return type.getMethod("fromJson", String.class, String.class).invoke(null, id, json);
  }

  private static Object call(Object object, String method) throws Exception {
    return object.getClass().getMethod(method).invoke(object);
  }

  /** Zeppelin's class and what it needs, fetched once. */
  static List<File> jars() throws Exception {
    if (!Files.exists(JARS))
      ClustersSpark.dependencies(JARS, "spark/zeppelin/pom.xml", "-DincludeScope=runtime");
    return List.of(JARS.toFile().listFiles());
  }

  private static URLClassLoader zeppelin() throws Exception {
    List<URL> urls = new ArrayList<>();
    for (File jar : jars()) urls.add(jar.toURI().toURL());
    URLClassLoader zeppelin =
        new URLClassLoader(urls.toArray(new URL[0]), ClassLoader.getPlatformClassLoader());
    Thread.currentThread().setContextClassLoader(zeppelin); // its configuration looks there
    return zeppelin;
  }
}
