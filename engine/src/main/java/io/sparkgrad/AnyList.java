package io.sparkgrad;

import java.lang.reflect.Array;
import java.lang.reflect.Method;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a caller may mean by a list: Java's collections, arrays, and Scala's collections, which are
 * read by name, so that no class file depends on one of Scala's versions.
 */
public final class AnyList {
  private AnyList() {}

  /** The tensors of a list; the error names the operation. */
  public static List<Tensor> tensors(String op, Object list) {
    List<Object> items = items(list);
    if (items == null)
      throw new IllegalArgumentException(
          "%s: expected a list of tensors (a Java or Scala collection, or an array), got %s"
              .formatted(op, name(list)));
    List<Tensor> tensors = new ArrayList<>();
    for (Object item : items) {
      if (!(item instanceof Tensor t))
        throw new IllegalArgumentException(
            "%s: expected Tensor as element %d, got %s".formatted(op, tensors.size(), name(item)));
      tensors.add(t);
    }
    return tensors;
  }

  /** The items of a list, or null if it is none. */
  static List<Object> items(Object list) {
    List<Object> items = new ArrayList<>();
    if (list instanceof Iterable<?> iterable) iterable.forEach(items::add);
    else if (list != null && list.getClass().isArray())
      for (int i = 0; i < Array.getLength(list); i++) items.add(Array.get(list, i));
    else if (isScala(list)) read(list, items);
    else return null;
    return items;
  }

  private static boolean isScala(Object list) {
    return list != null
        && list.getClass().getName().startsWith("scala.collection.")
        && Arrays.stream(list.getClass().getMethods())
            .anyMatch(m -> m.getName().equals("iterator") && m.getParameterCount() == 0);
  }

  private static void read(Object collection, List<Object> items) {
    Object iterator = call(collection, "iterator");
    while ((Boolean) call(iterator, "hasNext")) items.add(call(iterator, "next"));
  }

  private static Object call(Object receiver, String name) {
    try {
      Method method = receiver.getClass().getMethod(name);
      method.setAccessible(true); // Scala's iterators are classes without a name
      return method.invoke(receiver);
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException(
          "%s cannot be read as a list: %s".formatted(name(receiver), e.getMessage()), e);
    }
  }

  /**
   * Numbers of any nesting as a tensor: float32 if one has a fraction, bool if all are booleans,
   * else int64.
   */
  static Tensor nested(Object list) {
    List<Integer> shape = new ArrayList<>();
    for (Object at = list; items(at) != null; ) {
      List<Object> items = items(at);
      shape.add(items.size());
      if (items.isEmpty()) break;
      at = items.get(0);
    }
    int[] sizes = shape.stream().mapToInt(i -> i).toArray();
    List<Object> numbers = new ArrayList<>();
    flatten(list, 0, sizes, numbers);
    if (!numbers.isEmpty() && numbers.stream().allMatch(Boolean.class::isInstance)) {
      boolean[] flags = new boolean[numbers.size()];
      for (int i = 0; i < flags.length; i++) flags[i] = (Boolean) numbers.get(i);
      return Tensor.of(flags, sizes);
    }
    for (Object n : numbers)
      if (!(n instanceof Number))
        throw new IllegalArgumentException(
            "tensor: expected numbers in arrays or lists, got " + name(n));
    if (!numbers.isEmpty() && numbers.stream().noneMatch(AnyList::mayBeFraction))
      return Tensor.of(numbers.stream().mapToLong(AnyList::whole).toArray(), sizes);
    float[] floats = new float[numbers.size()];
    for (int i = 0; i < floats.length; i++) floats[i] = ((Number) numbers.get(i)).floatValue();
    return Tensor.of(floats, sizes);
  }

  private static boolean mayBeFraction(Object number) {
    return number instanceof Double
        || number instanceof Float
        || number instanceof BigDecimal
        || number.getClass().getName().equals("scala.math.BigDecimal");
  }

  /* Of a large number, Java's or Scala's, not its last bits. */
  private static long whole(Object number) {
    if (number instanceof Long || number instanceof Integer) return ((Number) number).longValue();
    try {
      return new BigInteger(number.toString()).longValueExact();
    } catch (ArithmeticException | NumberFormatException e) {
      throw new IllegalArgumentException(
          "tensor: %s %s is no int64".formatted(name(number), number), e);
    }
  }

  private static void flatten(Object at, int depth, int[] shape, List<Object> numbers) {
    List<Object> items = items(at);
    if (depth == shape.length && items == null) {
      numbers.add(at);
      return;
    }
    if (items == null || depth == shape.length || items.size() != shape[depth])
      throw new IllegalArgumentException(
          "tensor: expected sequence of length %s at dim %d (got %s)"
              .formatted(
                  depth < shape.length ? shape[depth] : 0,
                  depth,
                  items == null ? name(at) : items.size()));
    for (Object item : items) flatten(item, depth + 1, shape, numbers);
  }

  private static String name(Object o) {
    return o == null ? "null" : o.getClass().getName();
  }
}
