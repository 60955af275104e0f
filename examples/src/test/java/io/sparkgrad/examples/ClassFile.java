package io.sparkgrad.examples;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a class file declares and names. Names are as in the file: {@code java/lang/String}.
 *
 * @param declared fields and methods by {@link #key}, with their access flags
 * @param references each field and method that its code or its lambdas name
 * @param classes each class in the constant pool, arrays as {@code [Ljava/lang/String;}
 * @param texts every text of the constant pool: names, descriptors, generic signatures, literals
 */
record ClassFile(
    String name,
    int access,
    String superName,
    List<String> interfaces,
    Map<String, Integer> declared,
    Set<Reference> references,
    Set<String> classes,
    Set<String> texts) {
  static final int PRIVATE = 0x0002;
  static final int STATIC = 0x0008;
  static final int INTERFACE = 0x0200;
  static final int ABSTRACT = 0x0400;

  /**
   * A field or method as code names it.
   *
   * @param ofInterface what the code takes the owner for
   */
  record Reference(String owner, String name, String descriptor, boolean ofInterface)
      implements Comparable<Reference> {
    String key() {
      return ClassFile.key(name, descriptor);
    }

    boolean method() {
      return descriptor.startsWith("(");
    }

    @Override
    public int compareTo(Reference other) {
      return toString().compareTo(other.toString());
    }

    @Override
    public String toString() {
      return owner + "." + name + " " + descriptor;
    }
  }

  static String key(String name, String descriptor) {
    return name + " " + descriptor;
  }

  boolean is(int flag) {
    return (access & flag) != 0;
  }

  /** Reads the format of the JVM specification's chapter 4, as far as names go. */
  static ClassFile read(byte[] bytes) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      in.skipNBytes(8); // magic and version
      Pool pool = new Pool(in);
      int access = in.readUnsignedShort();
      String name = pool.className(in.readUnsignedShort());
      int parent = in.readUnsignedShort();
      List<String> interfaces = new ArrayList<>();
      for (int n = in.readUnsignedShort(); n > 0; n--)
        interfaces.add(pool.className(in.readUnsignedShort()));
      Map<String, Integer> declared = new HashMap<>();
      for (int kind = 0; kind < 2; kind++) // fields, then methods
      for (int n = in.readUnsignedShort(); n > 0; n--) {
          int flags = in.readUnsignedShort();
          String member = pool.texts[in.readUnsignedShort()];
          declared.put(key(member, pool.texts[in.readUnsignedShort()]), flags);
          for (int attributes = in.readUnsignedShort(); attributes > 0; attributes--) {
            in.skipNBytes(2);
            in.skipNBytes(in.readInt());
          }
        }
      return new ClassFile(
          name,
          access,
          parent == 0 ? null : pool.className(parent),
          interfaces,
          declared,
          pool.references(),
          pool.classes(),
          pool.allTexts());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class Pool {
    private static final int UTF8 = 1;
    private static final int LONG = 5;
    private static final int DOUBLE = 6;
    private static final int CLASS = 7;
    private static final int FIELD = 9;
    private static final int METHOD = 10;
    private static final int INTERFACE_METHOD = 11;

    private final int[] tags;
    private final int[] first;
    private final int[] second;
    private final String[] texts;

    Pool(DataInputStream in) throws IOException {
      int size = in.readUnsignedShort();
      tags = new int[size];
      first = new int[size];
      second = new int[size];
      texts = new String[size];
      for (int i = 1; i < size; i++) {
        tags[i] = in.readUnsignedByte();
        switch (tags[i]) {
          case UTF8 -> texts[i] = in.readUTF();
          case LONG, DOUBLE -> {
            in.skipNBytes(8);
            i++; // these take two places
          }
          case 3, 4 -> in.skipNBytes(4); // int, float
          case CLASS, 8, 16, 19, 20 -> first[i] = in.readUnsignedShort();
          case 15 -> in.skipNBytes(3); // a handle, whose member stands in the pool too
          default -> {
            first[i] = in.readUnsignedShort();
            second[i] = in.readUnsignedShort();
          }
        }
      }
    }

    String className(int i) {
      return texts[first[i]];
    }

    Set<Reference> references() {
      Set<Reference> found = new TreeSet<>();
      for (int i = 1; i < tags.length; i++)
        if (tags[i] == FIELD || tags[i] == METHOD || tags[i] == INTERFACE_METHOD) {
          int member = second[i];
          found.add(
              new Reference(
                  className(first[i]),
                  texts[first[member]],
                  texts[second[member]],
                  tags[i] == INTERFACE_METHOD));
        }
      return found;
    }

    Set<String> classes() {
      Set<String> found = new TreeSet<>();
      for (int i = 1; i < tags.length; i++) if (tags[i] == CLASS) found.add(className(i));
      return found;
    }

    Set<String> allTexts() {
      Set<String> found = new TreeSet<>();
      for (String text : texts) if (text != null) found.add(text);
      return found;
    }
  }
}
