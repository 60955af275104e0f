package io.sparkgrad.examples;

import io.sparkgrad.examples.ClassFile.Reference;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds what the JVM would not find at run time: each class, field and method that a class file
 * names is looked up in the jars and the JDK, as the JVM does it but without loading anything.
 */
final class Linker implements AutoCloseable {
  private static final FileSystem JDK = FileSystems.getFileSystem(URI.create("jrt:/"));
  private static final Pattern CLASS_IN_DESCRIPTOR = Pattern.compile("L([^;]+);");
  /* The compiler gives each call of these a descriptor of its own. */
  private static final Set<String> ANY_DESCRIPTOR =
      Set.of("java/lang/invoke/MethodHandle", "java/lang/invoke/VarHandle");

  private final URLClassLoader jars;
  private final Map<String, Optional<ClassFile>> known = new HashMap<>();

  Linker(Collection<File> jars) {
    this.jars =
        new URLClassLoader(
            jars.stream().map(Linker::url).toArray(URL[]::new), null); // null: nothing of ours
  }

  /** One line for each thing that does not resolve, and for each method left abstract. */
  List<String> problems(ClassFile file) {
    List<String> problems = new ArrayList<>();
    for (String name : file.classes())
      for (String named : name.startsWith("[") ? classesIn(name) : List.of(name))
        if (find(named).isEmpty()) problems.add(file.name() + ": no class " + named);
    for (Reference reference : file.references()) {
      if (reference.owner().startsWith("[")) continue; // clone() of an array
      String problem = resolve(file, reference);
      if (problem != null) problems.add(file.name() + ": " + problem);
      for (String named : classesIn(reference.descriptor()))
        if (find(named).isEmpty())
          problems.add(file.name() + ": no class " + named + " for " + reference);
    }
    if (!file.is(ClassFile.ABSTRACT)) problems.addAll(leftAbstract(file));
    return problems;
  }

  private String resolve(ClassFile from, Reference reference) {
    Optional<ClassFile> owner = find(reference.owner());
    if (owner.isEmpty()) return null; // said already: owners are classes of the pool
    if (ANY_DESCRIPTOR.contains(reference.owner())) return null;
    if (reference.method() && owner.get().is(ClassFile.INTERFACE) != reference.ofInterface())
      return reference.owner()
          + (reference.ofInterface() ? " is no interface" : " is an interface")
          + " for "
          + reference;
    for (ClassFile holder : line(owner.get())) {
      Integer flags = holder.declared().get(reference.key());
      if (flags == null) continue;
      boolean foreign = !outermost(holder).equals(outermost(from));
      return foreign && (flags & ClassFile.PRIVATE) != 0 ? "private: " + reference : null;
    }
    return "no member " + reference;
  }

  private static String outermost(ClassFile file) {
    return file.name().replaceFirst("\\$.*", "");
  }

  private List<String> leftAbstract(ClassFile file) {
    List<String> left = new ArrayList<>();
    List<ClassFile> line = line(file);
    for (ClassFile above : line)
      above
          .declared()
          .forEach(
              (member, flags) -> {
                if ((flags & ClassFile.ABSTRACT) != 0 && !implemented(line, member))
                  left.add(file.name() + ": leaves abstract " + above.name() + "." + member);
              });
    return left;
  }

  private static boolean implemented(List<ClassFile> line, String member) {
    for (ClassFile holder : line) {
      Integer flags = holder.declared().get(member);
      if (flags != null && (flags & (ClassFile.ABSTRACT | ClassFile.STATIC)) == 0) return true;
    }
    return false;
  }

  /* The class, its superclasses, then all their interfaces. */
  private List<ClassFile> line(ClassFile file) {
    Map<String, ClassFile> line = new LinkedHashMap<>();
    for (ClassFile c = file; c != null; c = parent(c)) line.put(c.name(), c);
    for (ClassFile c : List.copyOf(line.values())) addInterfaces(c, line);
    return List.copyOf(line.values());
  }

  private void addInterfaces(ClassFile file, Map<String, ClassFile> line) {
    for (String name : file.interfaces())
      find(name)
          .ifPresent(
              i -> {
                if (line.put(name, i) == null) addInterfaces(i, line);
              });
  }

  private ClassFile parent(ClassFile file) {
    return file.superName() == null ? null : find(file.superName()).orElse(null);
  }

  private Optional<ClassFile> find(String name) {
    Optional<ClassFile> found = known.get(name);
    if (found == null) {
      found = bytes(name).map(ClassFile::read);
      known.put(name, found);
    }
    return found;
  }

  private Optional<byte[]> bytes(String name) {
    try (InputStream in = jars.getResourceAsStream(name + ".class")) {
      return in != null ? Optional.of(in.readAllBytes()) : ofJdk(name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /* All modules of the JDK, also those that are not loaded without an option. */
  private static Optional<byte[]> ofJdk(String name) throws IOException {
    int slash = name.lastIndexOf('/');
    if (slash < 0) return Optional.empty();
    Path modules = JDK.getPath("/packages", name.substring(0, slash).replace('/', '.'));
    if (!Files.isDirectory(modules)) return Optional.empty();
    try (DirectoryStream<Path> links = Files.newDirectoryStream(modules)) {
      for (Path link : links) {
        Path file = JDK.getPath("/modules", link.getFileName().toString(), name + ".class");
        if (Files.exists(file)) return Optional.of(Files.readAllBytes(file));
      }
    }
    return Optional.empty();
  }

  private static List<String> classesIn(String descriptor) {
    List<String> found = new ArrayList<>();
    Matcher m = CLASS_IN_DESCRIPTOR.matcher(descriptor);
    while (m.find()) found.add(m.group(1));
    return found;
  }

  private static URL url(File jar) {
    try {
      return jar.toURI().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException(jar.getPath(), e);
    }
  }

  @Override
  public void close() throws IOException {
    jars.close();
  }
}
