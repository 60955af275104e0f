package io.sparkgrad.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The JSON in front of a safetensors file. The reader knows this one document and no other: objects
 * of known keys, strings and whole numbers, so nothing in it can nest or repeat. Not thread-safe.
 */
final class SafeTensorsHeader {
  static final String METADATA = "__metadata__";
  private static final int MAX_DIMS = 64; // as NumPy; a hostile header could name millions

  /** A tensor as the header describes it; its bytes are [from, to) of the data. */
  record Entry(String name, String dtype, long[] shape, long from, long to) {}

  @FunctionalInterface
  private interface Member {
    void read(String key) throws IOException;
  }

  final List<Entry> entries = new ArrayList<>();
  final Map<String, String> metadata = new LinkedHashMap<>();
  final int bytes;
  private final String file;
  private final String text;
  private int at;

  /** Parses a header; {@code file} is for the errors. */
  SafeTensorsHeader(String file, byte[] json) throws IOException {
    this.file = file;
    this.bytes = json.length;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(json)).toString();
    } catch (CharacterCodingException e) {
      throw new IOException(file + ": the header is not UTF-8; is it a safetensors file?", e);
    }
    object(
        key -> {
          if (key.equals(METADATA)) object(k -> metadata.put(k, string()));
          else entries.add(entry(key));
        });
    skipSpace(); // the padding
    if (at < text.length()) throw expected("the header's end");
  }

  private Entry entry(String name) throws IOException {
    String[] dtype = new String[1];
    long[][] lists = new long[2][];
    object(
        key -> {
          switch (key) {
            case "dtype" -> dtype[0] = string();
            case "shape" -> lists[0] = numbers();
            case "data_offsets" -> lists[1] = numbers();
            default -> throw error("tensor '" + name + "' has an unknown key '" + key + "'");
          }
        });
    if (dtype[0] == null || lists[0] == null || lists[1] == null || lists[1].length != 2)
      throw error("tensor '" + name + "' needs dtype, shape and data_offsets [from, to]");
    return new Entry(name, dtype[0], lists[0], lists[1][0], lists[1][1]);
  }

  private void object(Member member) throws IOException {
    Set<String> seen = new HashSet<>();
    expect('{');
    if (next('}')) return;
    do {
      String key = string();
      if (!seen.add(key)) throw error("key '" + key + "' comes twice");
      expect(':');
      member.read(key);
    } while (next(','));
    expect('}');
  }

  private long[] numbers() throws IOException {
    List<Long> list = new ArrayList<>();
    expect('[');
    if (!next(']')) {
      do {
        if (list.size() == MAX_DIMS) throw error("a list of more than " + MAX_DIMS + " numbers");
        list.add(number());
      } while (next(','));
      expect(']');
    }
    return list.stream().mapToLong(Long::longValue).toArray();
  }

  private long number() throws IOException {
    skipSpace();
    int from = at;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') at++;
    String digits = text.substring(from, at);
    if (digits.isEmpty()
        || digits.length() > 18
        || (digits.length() > 1 && digits.charAt(0) == '0')) {
      at = from;
      throw expected("a whole number from 0 to 10^18");
    }
    return Long.parseLong(digits);
  }

  private String string() throws IOException {
    expect('"');
    StringBuilder s = new StringBuilder();
    for (char c; (c = take()) != '"'; ) {
      if (c < ' ') throw error("a control character in a string");
      s.append(c == '\\' ? escaped() : c);
    }
    return s.toString();
  }

  private char escaped() throws IOException {
    char c = take();
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> {
        int code = 0;
        for (int i = 0; i < 4; i++) {
          int digit = Character.digit(take(), 16);
          if (digit < 0) throw error("\\u needs four hexadecimal digits");
          code = code << 4 | digit;
        }
        yield (char) code;
      }
      default -> throw error("unknown escape \\" + c);
    };
  }

  private char take() throws IOException {
    if (at == text.length()) throw error("the header ends within a string");
    return text.charAt(at++);
  }

  private void expect(char c) throws IOException {
    if (!next(c)) throw expected("'" + c + "'");
  }

  private boolean next(char c) {
    skipSpace();
    boolean there = at < text.length() && text.charAt(at) == c;
    if (there) at++;
    return there;
  }

  private void skipSpace() {
    while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) at++;
  }

  private IOException expected(String what) {
    String found = at == text.length() ? "the end" : "'" + text.charAt(at) + "'";
    return error("expected " + what + ", found " + found);
  }

  private IOException error(String what) {
    return new IOException(file + ": header, character " + at + ": " + what);
  }

  /** A string as JSON. */
  static String quote(String s) {
    StringBuilder json = new StringBuilder("\"");
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      if (c == '"' || c == '\\') json.append('\\').append(c);
      else if (c < ' ')
        json.append("\\u00").append(c < 16 ? "0" : "").append(Integer.toHexString(c));
      else json.append(c);
    }
    return json.append('"').toString();
  }
}
