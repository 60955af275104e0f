package io.sparkgrad.nn;

import io.sparkgrad.Buffer;
import io.sparkgrad.Parameter;
import io.sparkgrad.Tensor;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Finds modules, parameters and buffers that a module holds where {@link Members} does not look for
 * them: in sets, unordered maps, collections within collections, objects of other classes, and
 * Scala's lazy values. They would not be trained, and nobody would notice.
 */
final class UnregisteredParts {
  /* The fields of a class that may hold parts unseen: none in most classes. */
  private static final ClassValue<List<Field>> SUSPECTS =
      new ClassValue<>() {
        @Override
        protected List<Field> computeValue(Class<?> type) {
          List<Field> suspects = new ArrayList<>();
          for (Class<?> c = type; isUsers(c); c = c.getSuperclass())
            for (Field f : c.getDeclaredFields()) if (maySurprise(f)) suspects.add(f);
          return suspects;
        }
      };

  private final Set<Object> registered;
  private final Module module;
  private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());

  private UnregisteredParts(Set<Object> registered, Module module) {
    this.registered = registered;
    this.module = module;
  }

  /**
   * Checks all modules of a model.
   *
   * @param registered its modules and parameters, by identity
   * @throws IllegalStateException naming the field that holds another part
   */
  static void check(Set<Object> registered) {
    for (Object part : registered)
      if (part instanceof Module module)
        for (Field f : SUSPECTS.get(module.getClass()))
          new UnregisteredParts(registered, module).check(f);
  }

  private void check(Field f) {
    Object value = Members.read(f, module);
    if (value == null) {
      if (isLazy(f)) throw missed(f, "is a lazy val that is not there yet: make it a val");
      return;
    }
    if (value instanceof Module || value instanceof Tensor) return; // seen by Module itself
    Object part = partIn(value);
    if (part != null)
      throw missed(
          f,
          "holds a %s in a %s, where parameters are not looked for: hold it in a field of its own, a list, an array or a Sequential, or override children()"
              .formatted(part.getClass().getSimpleName(), value.getClass().getSimpleName()));
  }

  private IllegalStateException missed(Field f, String why) {
    return new IllegalStateException(
        "field '%s' of %s %s".formatted(f.getName(), f.getDeclaringClass().getSimpleName(), why));
  }

  /* The first part in a value that is not registered, or null. */
  private Object partIn(Object value) {
    if (value == null || !seen.add(value)) return null;
    if (value instanceof Module || value instanceof Parameter || value instanceof Buffer)
      return registered.contains(value) ? null : value;
    if (value instanceof Tensor) return null;
    Class<?> type = value.getClass();
    if (type.isArray()) {
      if (type.getComponentType().isPrimitive()) return null;
      for (int i = 0; i < Array.getLength(value); i++) {
        Object part = partIn(Array.get(value, i));
        if (part != null) return part;
      }
      return null;
    }
    if (value instanceof Iterable<?> items) return first(items);
    if (value instanceof Map<?, ?> map) {
      Object part = first(map.values());
      return part != null ? part : first(map.keySet());
    }
    if (value instanceof Optional<?> maybe) return partIn(maybe.orElse(null));
    if (type.getName().startsWith("scala.")) return first(Members.scalaItems(value));
    if (!isUsers(type) || type.isSynthetic()) return null; // what a lambda captured is its own
    for (Class<?> c = type; isUsers(c); c = c.getSuperclass())
      for (Field f : c.getDeclaredFields()) {
        if (f.getType().isPrimitive() || skipped(f)) continue;
        Object part = partIn(Members.read(f, value));
        if (part != null) return part;
      }
    return null;
  }

  private Object first(Iterable<?> items) {
    for (Object item : items) {
      Object part = partIn(item);
      if (part != null) return part;
    }
    return null;
  }

  private static boolean maySurprise(Field f) {
    Class<?> type = f.getType();
    while (type.isArray()) type = type.getComponentType();
    if (type.isPrimitive() || type == String.class || type.isEnum() || skipped(f)) return false;
    return isLazy(f)
        || !Module.class.isAssignableFrom(f.getType()) && f.getType() != Parameter.class;
  }

  private static boolean skipped(Field f) {
    return Modifier.isStatic(f.getModifiers())
        || Modifier.isTransient(f.getModifiers())
        || f.isSynthetic() // the cell or object around it
        || f.getName().equals("$outer");
  }

  private static boolean isLazy(Field f) {
    return Arrays.stream(f.getDeclaringClass().getDeclaredMethods())
        .anyMatch(m -> m.getName().equals(f.getName() + "$lzycompute"));
  }

  /* Nothing of the JDK's, Scala's or Spark's; a trained model is a value, not a part. */
  private static boolean isUsers(Class<?> c) {
    return c != null
        && c != Module.class
        && Stream.of("java.", "javax.", "jdk.", "scala.", "org.apache.", "io.sparkgrad.cluster.")
            .noneMatch(c.getName()::startsWith);
  }
}
