package io.sparkgrad.backend.cuda;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A shared library of Linux (ELF, 64 bits), read before it is loaded: a library that lacks a
 * function or a version ends the process at the first call, or when it is linked, and no Java code
 * can catch that. What cannot be understood is an {@link IllegalArgumentException}.
 */
final class ElfLibrary {
  private static final int MAGIC = 0x464c457f; // \x7fELF
  private static final int CLASS_64_LITTLE_ENDIAN = 0x0102;
  private static final int DYNAMIC = 6;
  private static final int DYNAMIC_SYMBOLS = 11;
  private static final int VERSION_DEFINITIONS = 0x6ffffffd;
  private static final int VERSION_NEEDS = 0x6ffffffe;
  private static final int SYMBOL_VERSIONS = 0x6fffffff;
  private static final int TAG_NEEDED = 1;
  private static final int TAG_NAME = 14;
  private static final int NAME_OF_THE_FILE =
      1; // a flag: one definition repeats the library's name
  private static final int SYMBOL_BYTES = 24;
  private static final int DYNAMIC_BYTES = 16;

  private final ByteBuffer bytes;
  private final Map<Integer, Section> sections = new HashMap<>();
  private final Section strings;

  /** A section of the file; the last number is the count that some kinds of section carry. */
  private record Section(int at, int size, int link, int info) {}

  /** One library that is needed, with one version of it; positions are offsets in the file. */
  private record Need(int file, int version, int hash) {}

  ElfLibrary(ByteBuffer bytes) {
    this.bytes = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    try {
      if (this.bytes.getInt(0) != MAGIC || this.bytes.getShort(4) != CLASS_64_LITTLE_ENDIAN)
        throw new IllegalArgumentException("not a shared library of 64-bit Linux");
      List<Section> all = readSections();
      strings = all.get(section(DYNAMIC_SYMBOLS).link());
    } catch (IndexOutOfBoundsException e) {
      throw new IllegalArgumentException("not a whole shared library", e);
    }
  }

  static ElfLibrary read(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      return new ElfLibrary(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()));
    }
  }

  private List<Section> readSections() {
    List<Section> all = new ArrayList<>();
    int at = Math.toIntExact(bytes.getLong(40));
    int size = bytes.getShort(58);
    int count = bytes.getShort(60);
    for (int i = 0; i < count; i++, at += size) {
      Section section =
          new Section(
              (int) bytes.getLong(at + 24),
              (int) bytes.getLong(at + 32),
              bytes.getInt(at + 40),
              bytes.getInt(at + 44));
      all.add(section);
      sections.putIfAbsent(bytes.getInt(at + 4), section);
    }
    return all;
  }

  private Section section(int type) {
    Section section = sections.get(type);
    if (section == null)
      throw new IllegalArgumentException(
          String.format("the shared library has no section of type %#x", type));
    return section;
  }

  /** The name by which others ask for it; null if it has none. */
  String name() {
    List<Integer> names = dynamic(TAG_NAME);
    return names.isEmpty() ? null : string(names.get(0));
  }

  /** The names of the libraries it asks for. */
  List<String> needed() {
    return dynamic(TAG_NEEDED).stream().map(this::string).toList();
  }

  /** The functions and variables that it offers under this version. */
  Set<String> symbols(String version) {
    Set<String> names = new TreeSet<>();
    if (!sections.containsKey(VERSION_DEFINITIONS)) return names;
    int wanted = definition(version);
    Section symbols = section(DYNAMIC_SYMBOLS);
    Section versions = section(SYMBOL_VERSIONS);
    for (int i = 0; i < symbols.size() / SYMBOL_BYTES; i++) {
      int at = symbols.at() + i * SYMBOL_BYTES;
      boolean isDefined = bytes.getShort(at + 6) != 0;
      if (isDefined && (bytes.getShort(versions.at() + 2 * i) & 0x7fff) == wanted)
        names.add(string(strings.at() + bytes.getInt(at)));
    }
    return names;
  }

  /* The number that stands for a version it defines; -1 for none. */
  private int definition(String version) {
    Section definitions = section(VERSION_DEFINITIONS);
    int at = definitions.at();
    for (int i = 0; i < definitions.info(); i++) {
      int name = strings.at() + bytes.getInt(at + bytes.getInt(at + 12));
      boolean isVersion = (bytes.getShort(at + 2) & NAME_OF_THE_FILE) == 0;
      if (isVersion && string(name).equals(version)) return bytes.getShort(at + 4) & 0x7fff;
      at += bytes.getInt(at + 16);
    }
    return -1;
  }

  /**
   * The same library, asking for another one in the place of {@code from}: the same functions under
   * the version that is called as the library itself. The names must be of one length, since they
   * are changed where they stand.
   */
  static byte[] retarget(byte[] library, String from, String to) {
    if (from.length() != to.length())
      throw new IllegalArgumentException("%s and %s differ in length".formatted(from, to));
    ElfLibrary elf = new ElfLibrary(ByteBuffer.wrap(library.clone()));
    Set<Integer> names = new TreeSet<>();
    for (int name : elf.dynamic(TAG_NEEDED)) if (elf.string(name).equals(from)) names.add(name);
    int needed = names.size();
    int versions = 0;
    for (Need need : elf.needs()) {
      if (!elf.string(need.file()).equals(from)) continue;
      if (!elf.string(need.version()).equals(from) || elf.bytes.getInt(need.hash()) != hash(from))
        throw new IllegalArgumentException(
            "the library asks for %s by a version %s".formatted(from, elf.string(need.version())));
      names.add(need.file());
      names.add(need.version());
      elf.bytes.putInt(need.hash(), hash(to));
      versions++;
    }
    if (needed != 1 || versions != 1)
      throw new IllegalArgumentException(
          "the library asks for %s %s times, by %s versions".formatted(from, needed, versions));
    for (int name : names) elf.rename(name, to);
    return elf.bytes.array();
  }

  /* A string may be the end of a longer one, which would change with it. */
  private void rename(int at, String to) {
    if (bytes.get(at - 1) != 0)
      throw new IllegalArgumentException("the library's name is part of another string");
    bytes.put(at, to.getBytes(StandardCharsets.US_ASCII));
  }

  private List<Need> needs() {
    List<Need> needs = new ArrayList<>();
    Section section = section(VERSION_NEEDS);
    int at = section.at();
    for (int i = 0; i < section.info(); i++) {
      int version = at + bytes.getInt(at + 8);
      for (int j = 0; j < bytes.getShort(at + 2); j++) {
        int file = strings.at() + bytes.getInt(at + 4);
        needs.add(new Need(file, strings.at() + bytes.getInt(version + 8), version));
        version += bytes.getInt(version + 12);
      }
      at += bytes.getInt(at + 12);
    }
    return needs;
  }

  /* Where the strings stand that the dynamic section gives under a tag. */
  private List<Integer> dynamic(int tag) {
    Section dynamic = section(DYNAMIC);
    List<Integer> values = new ArrayList<>();
    for (int at = dynamic.at(); at < dynamic.at() + dynamic.size(); at += DYNAMIC_BYTES)
      if (bytes.getLong(at) == tag) values.add(strings.at() + (int) bytes.getLong(at + 8));
    return values;
  }

  private String string(int at) {
    int end = at;
    while (bytes.get(end) != 0) end++;
    byte[] text = new byte[end - at];
    bytes.get(at, text);
    return new String(text, StandardCharsets.US_ASCII);
  }

  /* The hash of a version's name, as the System V ABI defines it. */
  private static int hash(String name) {
    int hash = 0;
    for (int i = 0; i < name.length(); i++) {
      hash = (hash << 4) + name.charAt(i);
      int top = hash & 0xf0000000;
      hash = (hash ^ top >>> 24) & ~top;
    }
    return hash;
  }
}
