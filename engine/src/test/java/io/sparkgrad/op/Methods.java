package io.sparkgrad.op;

import io.sparkgrad.Scalar;
import io.sparkgrad.Tensor;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Finds the method of {@link Tensor} that stands for an op by its name: tensors are the op's
 * inputs, other arguments its fields in their order.
 */
final class Methods {
  private Methods() {}

  /** A method with all its arguments. */
  record Bound(Method method, Tensor self, Object[] arguments) {
    Tensor[] call() {
      try {
        Object out = method.invoke(self, arguments);
        if (out instanceof Tensor t) return new Tensor[] {t};
        if (out instanceof List<?> parts) return parts.toArray(Tensor[]::new);
        return components((Record) out);
      } catch (InvocationTargetException e) {
        throw new AssertionError(method + " of an op's sample", e.getCause());
      } catch (IllegalAccessException e) {
        throw new AssertionError(e);
      }
    }
  }

  /** Several results by their names. */
  static Tensor[] components(Record several)
      throws InvocationTargetException, IllegalAccessException {
    List<Tensor> tensors = new ArrayList<>();
    for (var part : several.getClass().getRecordComponents())
      tensors.add((Tensor) part.getAccessor().invoke(several));
    return tensors.toArray(Tensor[]::new);
  }

  /** The method of that name which takes the most of a sample, or none. */
  static Optional<Bound> find(String name, SampleInput s, Tensor... inputs) {
    return Arrays.stream(Tensor.class.getMethods())
        .filter(m -> m.getName().equals(name))
        .map(m -> bind(m, s.op(), inputs))
        .flatMap(Optional::stream)
        .max((a, b) -> a.arguments().length - b.arguments().length);
  }

  private static Optional<Bound> bind(Method m, Op op, Tensor... inputs) {
    boolean isStatic = Modifier.isStatic(m.getModifiers());
    Deque<Tensor> tensors = new ArrayDeque<>(List.of(inputs));
    Tensor self = isStatic ? null : tensors.poll();
    Deque<Object> fields = new ArrayDeque<>(fields(op));
    List<Object> arguments = new ArrayList<>();
    for (Class<?> type : m.getParameterTypes()) {
      if (type == Tensor.class) arguments.add(tensors.poll());
      else if (type == List.class) {
        arguments.add(List.copyOf(tensors));
        tensors.clear();
      } else {
        while (!fields.isEmpty() && as(type, fields.peek()) == null) fields.poll();
        arguments.add(fields.isEmpty() ? null : as(type, fields.poll()));
      }
      if (arguments.get(arguments.size() - 1) == null) return Optional.empty();
    }
    if (!tensors.isEmpty()) return Optional.empty();
    return Optional.of(new Bound(m, self, arguments.toArray()));
  }

  /* A field as an argument: one dimension for several, an enum by its name; null if it is no such. */
  private static Object as(Class<?> type, Object value) {
    if (type == int.class && value instanceof int[] dims && dims.length == 1) return dims[0];
    if (type == String.class && value instanceof Enum<?> e)
      return e.name().toLowerCase(Locale.ROOT);
    if (value instanceof Scalar number) {
      if (type == double.class) return number.toDouble();
      return type == long.class && number.isWhole() ? number.toLong() : null;
    }
    Class<?> boxed = MethodType.methodType(type).wrap().returnType();
    return boxed.isInstance(value) ? value : null;
  }

  /* Outermost class first; what a family keeps for itself is no argument. */
  private static List<Object> fields(Op op) {
    Deque<Class<?>> classes = new ArrayDeque<>();
    for (Class<?> c = op.getClass(); c != Op.class; c = c.getSuperclass())
      if (c != UnaryExpression.class && c != UnaryOp.class) classes.push(c);
    List<Object> values = new ArrayList<>();
    for (Class<?> c : classes) {
      for (Field f : c.getDeclaredFields()) {
        if (Modifier.isStatic(f.getModifiers())) continue;
        f.setAccessible(true);
        try {
          if (f.get(op) != null) values.add(f.get(op));
        } catch (IllegalAccessException e) {
          throw new AssertionError(e);
        }
      }
    }
    return values;
  }
}
