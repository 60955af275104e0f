package io.sparkgrad.examples;

import java.io.File;
import java.io.IOException;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/** The finished application jar. */
final class AppJar {
  static final File FILE = new File(System.getProperty("app.jar"));

  private AppJar() {}

  static List<String> entries() throws IOException {
    try (JarFile jar = new JarFile(FILE)) {
      return files(jar).map(JarEntry::getName).toList();
    }
  }

  /** The class files of the engine, of spark-integration and of the examples. */
  static List<ClassFile> ownClasses() throws IOException {
    try (JarFile jar = new JarFile(FILE)) {
      List<JarEntry> own =
          files(jar).filter(e -> e.getName().matches("io/sparkgrad/.*\\.class")).toList();
      ClassFile[] classes = new ClassFile[own.size()];
      for (int i = 0; i < classes.length; i++)
        classes[i] = ClassFile.read(jar.getInputStream(own.get(i)).readAllBytes());
      return List.of(classes);
    }
  }

  private static Stream<JarEntry> files(JarFile jar) {
    return jar.stream().filter(e -> !e.isDirectory());
  }
}
