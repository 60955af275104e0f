package io.sparkgrad.files;

import java.io.IOException;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Takes a JSON text apart, value by value, as its caller expects them. Not thread-safe. */
final class JsonReader {
  /** A member of an object: reads its value. */
  @FunctionalInterface
  interface Member {
    void read(String key) throws IOException;
  }

  private static final int MAX_DEPTH = 127; // as serde_json
  private static final Pattern NUMBER =
      Pattern.compile("-?(?:0|[1-9][0-9]*+)(?:\\.[0-9]++)?(?:[eE][+-]?[0-9]++)?");
  private static final String LARGEST = Long.toString(Long.MAX_VALUE);
  private final String source;
  private final String text;
  private int at;
  private int depth;

  /** {@code source} is what the errors start with. */
  JsonReader(String source, String text) {
    this.source = source;
    this.text = text;
  }

  /** Reads an object; a key may come several times. */
  void object(Member member) throws IOException {
    open('{');
    if (!next('}')) {
      do {
        String key = string();
        expect(':');
        member.read(key);
      } while (next(','));
      expect('}');
    }
    depth--;
  }

  /** Reads a list of at most {@code most} whole numbers. */
  long[] wholeNumbers(int most) throws IOException {
    long[] list = new long[most];
    int size = 0;
    open('[');
    if (!next(']')) {
      do {
        if (size == most) throw error("a list of more than " + most + " numbers");
        list[size++] = wholeNumber();
      } while (next(','));
      expect(']');
    }
    depth--;
    return Arrays.copyOf(list, size);
  }

  private long wholeNumber() throws IOException {
    skipSpace();
    int from = at;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') at++;
    String digits = text.substring(from, at);
    if (digits.isEmpty() || digits.length() > 1 && digits.charAt(0) == '0' || isTooLarge(digits)) {
      at = from;
      throw expected("a whole number from 0 to 2^63 - 1");
    }
    return Long.parseLong(digits);
  }

  private static boolean isTooLarge(String digits) {
    int longer = digits.length() - LARGEST.length();
    return longer > 0 || longer == 0 && digits.compareTo(LARGEST) > 0;
  }

  String string() throws IOException {
    expect('"');
    StringBuilder s = new StringBuilder();
    for (char c; (c = take()) != '"'; ) {
      if (c < ' ') throw error("a control character in a string");
      if (c == '\\') escaped(s);
      else s.append(c);
    }
    return s.toString();
  }

  private void escaped(StringBuilder s) throws IOException {
    char c = take();
    switch (c) {
      case '"', '\\', '/' -> s.append(c);
      case 'b' -> s.append('\b');
      case 'f' -> s.append('\f');
      case 'n' -> s.append('\n');
      case 'r' -> s.append('\r');
      case 't' -> s.append('\t');
      case 'u' -> unicode(s);
      default -> throw error("unknown escape \\" + c);
    }
  }

  /* The text itself is UTF-8, which holds no surrogates: they come by escapes alone, and in pairs. */
  private void unicode(StringBuilder s) throws IOException {
    char first = hex();
    s.append(first);
    if (!Character.isSurrogate(first)) return;
    boolean pair = Character.isHighSurrogate(first) && text.startsWith("\\u", at);
    if (pair) {
      at += 2;
      char second = hex();
      s.append(second);
      pair = Character.isLowSurrogate(second);
    }
    if (!pair) throw error("\\u%04x is half of a surrogate pair".formatted((int) first));
  }

  private char hex() throws IOException {
    int code = 0;
    for (int i = 0; i < 4; i++) {
      char c = take();
      int digit = c < 128 ? Character.digit(c, 16) : -1;
      if (digit < 0) throw error("\\u needs four hexadecimal digits");
      code = code << 4 | digit;
    }
    return (char) code;
  }

  /** Whether a null comes next, which is then behind us. */
  boolean isNull() {
    return literal("null");
  }

  /** Passes over any sound value. */
  void skipValue() throws IOException {
    skipSpace();
    switch (at < text.length() ? text.charAt(at) : ' ') {
      case '{' -> object(key -> skipValue());
      case '[' -> skipList();
      case '"' -> string();
      default -> {
        if (!literal("null") && !literal("true") && !literal("false")) skipNumber();
      }
    }
  }

  private void skipList() throws IOException {
    open('[');
    if (!next(']')) {
      do skipValue();
      while (next(','));
      expect(']');
    }
    depth--;
  }

  private void skipNumber() throws IOException {
    Matcher number = NUMBER.matcher(text).region(at, text.length());
    if (!number.lookingAt()) throw expected("a value");
    if (Double.isInfinite(Double.parseDouble(number.group()))) throw error("a number out of range");
    at = number.end();
  }

  private boolean literal(String word) {
    skipSpace();
    boolean there = text.startsWith(word, at);
    if (there) at += word.length();
    return there;
  }

  /** Nothing but space may follow. */
  void end() throws IOException {
    skipSpace();
    if (at < text.length()) throw expected("the header's end");
  }

  private void open(char c) throws IOException {
    expect(c);
    if (++depth > MAX_DEPTH) throw error("nested more than " + MAX_DEPTH + " deep");
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

  IOException error(String what) {
    return new IOException("%s: header, character %d: %s".formatted(source, at, what));
  }

  /**
   * A string as JSON.
   *
   * @throws IllegalArgumentException if it holds half of a surrogate pair, which is no character
   */
  static String quote(String s) {
    StringBuilder json = new StringBuilder("\"");
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      if (c == '"' || c == '\\') json.append('\\').append(c);
      else if (c < ' ') json.append("\\u%04x".formatted((int) c));
      else if (!Character.isSurrogate(c)) json.append(c);
      else if (Character.isSurrogatePair(c, i + 1 < s.length() ? s.charAt(i + 1) : ' '))
        json.append(c).append(s.charAt(++i));
      else
        throw new IllegalArgumentException(
            "%s holds \\u%04x, half of a surrogate pair: a name or a metadata text must be valid Unicode"
                .formatted(json.append("...\""), (int) c));
    }
    return json.append('"').toString();
  }
}
