package io.sparkgrad.files;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a pickle, Python's form of objects, of protocols 2 to 5. A pickle is a program for a
 * machine with a stack and a memo that calls functions by name; here the names are looked up among
 * the few that a subclass knows, so that no file runs anything. Values become {@link Map} (dict),
 * {@link List} (list and tuple), String, Long, BigInteger, Double, Boolean and null.
 */
abstract class Unpickler {
  /** What a name stands for, where a pickle may call it. */
  @FunctionalInterface
  interface Function {
    Object call(List<?> arguments) throws IOException;
  }

  /* A byte of a pickle is up to some 60 bytes of objects: files of strangers must not take the whole memory. */
  static final int MAX_BYTES = 1 << 25;
  private static final int MAX_NAME = 200;
  private static final int NEWEST_PROTOCOL = 5;

  private final ByteSource in;
  private final long end;
  private final List<Object> stack = new ArrayList<>();
  private final Deque<Integer> marks = new ArrayDeque<>();
  private final Map<Long, Object> memo = new HashMap<>();

  Unpickler(ByteSource in) {
    this.in = in;
    end = in.left() - MAX_BYTES;
  }

  /**
   * What a name stands for: a {@link Function}, or a value.
   *
   * @param name with its module: {@code torch.FloatStorage}
   * @throws IOException if it is not one of those known
   */
  abstract Object global(String name) throws IOException;

  /** What an identifier of something outside the pickle stands for. */
  abstract Object persistent(Object id) throws IOException;

  /** Reads to the pickle's end, and gives its one object. */
  final Object load() throws IOException {
    for (int op; (op = in.next()) != '.'; ) {
      if (in.left() < end) throw error("more than %d bytes of objects".formatted(MAX_BYTES));
      step(op);
    }
    Object result = pop();
    if (!stack.isEmpty()) throw error("%d values are left over".formatted(stack.size()));
    return result;
  }

  private void step(int op) throws IOException {
    switch (op) {
      case 0x80 -> protocol(in.next());
      case 0x95 -> in.number(8); // a frame, which says how many bytes may be read ahead
      case '(' -> marks.push(stack.size());
      case '0' -> pop();
      case '1' -> sinceMark();
      case 'N' -> stack.add(null);
      case 0x88 -> stack.add(true);
      case 0x89 -> stack.add(false);
      case 'K' -> stack.add((long) in.next());
      case 'M' -> stack.add((long) in.number(2).getShort() & 0xffff);
      case 'J' -> stack.add((long) in.number(4).getInt());
      case 0x8a -> stack.add(whole(in.next()));
      case 0x8b -> stack.add(whole(in.number(4).getInt()));
      case 'G' -> stack.add(in.number(8).order(ByteOrder.BIG_ENDIAN).getDouble());
      case 'X' -> stack.add(text(in.number(4).getInt() & 0xffff_ffffL));
      case 0x8c -> stack.add(text(in.next()));
      case 0x8d -> stack.add(text(in.number(8).getLong()));
      case 'U' -> stack.add(latin(in.next())); // of Python 2
      case 'T' -> stack.add(latin(in.number(4).getInt()));
      case '}' -> stack.add(new LinkedHashMap<>());
      case ']' -> stack.add(new ArrayList<>());
      case ')' -> stack.add(List.of());
      case 0x85 -> stack.add(tuple(popped(1)));
      case 0x86 -> stack.add(tuple(popped(2)));
      case 0x87 -> stack.add(tuple(popped(3)));
      case 't' -> stack.add(tuple(sinceMark()));
      case 'l' -> stack.add(sinceMark());
      case 'd' -> stack.add(put(new LinkedHashMap<>(), sinceMark()));
      case 'a' -> append(popped(1));
      case 'e' -> append(sinceMark());
      case 's' -> setItems(popped(2));
      case 'u' -> setItems(sinceMark());
      case 'q' -> memo.put((long) in.next(), top());
      case 'r' -> memo.put((long) in.number(4).getInt(), top());
      case 0x94 -> memo.put((long) memo.size(), top());
      case 'h' -> stack.add(remembered(in.next()));
      case 'j' -> stack.add(remembered(in.number(4).getInt()));
      case 'c' -> stack.add(global(line() + "." + line()));
      case 0x93 -> stack.add(global(names(popped(2))));
      case 'R' -> call();
      case 'b' -> build();
      case 'Q' -> stack.add(persistent(pop()));
      default -> throw error("operation 0x%02x is none that files of tensors have".formatted(op));
    }
  }

  private void protocol(int version) throws IOException {
    if (version < 2 || version > NEWEST_PROTOCOL)
      throw error("protocol %d; known are 2 to %d".formatted(version, NEWEST_PROTOCOL));
  }

  // ---- values

  /* A long where it fits, as nearly always. */
  private Object whole(int bytes) throws IOException {
    byte[] littleEndian = in.take(bytes);
    if (bytes == 0) return 0L;
    byte[] bigEndian = new byte[bytes];
    for (int i = 0; i < bytes; i++) bigEndian[i] = littleEndian[bytes - 1 - i];
    BigInteger n = new BigInteger(bigEndian);
    return n.bitLength() < Long.SIZE ? (Object) n.longValue() : n;
  }

  private String text(long bytes) throws IOException {
    return new String(in.take(bytes), StandardCharsets.UTF_8);
  }

  private String latin(int bytes) throws IOException {
    return new String(in.take(bytes), StandardCharsets.ISO_8859_1);
  }

  private String line() throws IOException {
    StringBuilder s = new StringBuilder();
    for (int c; (c = in.next()) != '\n'; s.append((char) c))
      if (s.length() == MAX_NAME) throw error("a name of more than %d bytes".formatted(MAX_NAME));
    return s.toString();
  }

  private String names(List<Object> moduleAndName) throws IOException {
    for (Object s : moduleAndName)
      if (!(s instanceof String)) throw error("a name is %s, not a text".formatted(kind(s)));
    return moduleAndName.get(0) + "." + moduleAndName.get(1);
  }

  private static List<Object> tuple(List<Object> values) {
    return Collections.unmodifiableList(values);
  }

  // ---- stack and memo

  private Object top() throws IOException {
    if (stack.size() <= floor()) throw error("a value is missing on the stack");
    return stack.get(stack.size() - 1);
  }

  private Object pop() throws IOException {
    Object top = top();
    stack.remove(stack.size() - 1);
    return top;
  }

  private int floor() {
    return marks.isEmpty() ? 0 : marks.peek();
  }

  private List<Object> popped(int n) throws IOException {
    Object[] values = new Object[n];
    for (int i = n - 1; i >= 0; i--) values[i] = pop();
    return new ArrayList<>(Arrays.asList(values));
  }

  private List<Object> sinceMark() throws IOException {
    if (marks.isEmpty()) throw error("a mark is missing on the stack");
    List<Object> above = stack.subList(marks.pop(), stack.size());
    List<Object> values = new ArrayList<>(above);
    above.clear();
    return values;
  }

  private Object remembered(long key) throws IOException {
    if (!memo.containsKey(key)) throw error("nothing is remembered as %d".formatted(key));
    return memo.get(key);
  }

  // ---- containers and calls

  @SuppressWarnings("unchecked")
  private void append(List<Object> values) throws IOException {
    if (!(top() instanceof ArrayList<?> list))
      throw error("a value is appended to %s".formatted(kind(top())));
    ((ArrayList<Object>) list).addAll(values);
  }

  @SuppressWarnings("unchecked")
  private void setItems(List<Object> keysAndValues) throws IOException {
    if (!(top() instanceof Map<?, ?> map))
      throw error("an item is set in %s".formatted(kind(top())));
    put((Map<Object, Object>) map, keysAndValues);
  }

  private Map<Object, Object> put(Map<Object, Object> map, List<Object> keysAndValues)
      throws IOException {
    if (keysAndValues.size() % 2 != 0) throw error("a key without a value");
    for (int i = 0; i < keysAndValues.size(); i += 2)
      map.put(key(keysAndValues.get(i)), keysAndValues.get(i + 1));
    return map;
  }

  /* Only what has a hash of its own: a list in itself has none. */
  private Object key(Object key) throws IOException {
    if (key == null || key instanceof String || key instanceof Number || key instanceof Boolean)
      return key;
    throw error("a key of a dict is %s; known are texts and numbers".formatted(kind(key)));
  }

  private void call() throws IOException {
    Object arguments = pop();
    Object function = pop();
    if (!(function instanceof Function f) || !(arguments instanceof List<?> list))
      throw error("%s is called with %s".formatted(kind(function), kind(arguments)));
    stack.add(f.call(list));
  }

  /* Attributes of an object. A state dict has some, the versions of its modules, that no tensor needs. */
  private void build() throws IOException {
    Object state = pop();
    if (!(top() instanceof Map) || !(state instanceof Map))
      throw error("%s gets attributes by %s".formatted(kind(top()), kind(state)));
  }

  /** What errors call a value. */
  static String kind(Object value) {
    if (value == null) return "None";
    if (value instanceof Map) return "a dict";
    if (value instanceof List) return "a list";
    if (value instanceof Function) return "a function";
    return "a " + value.getClass().getSimpleName();
  }

  final IOException error(String what) {
    return in.error("pickle: " + what);
  }
}
