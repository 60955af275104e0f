package io.sparkgrad.nn;

import io.sparkgrad.Tensor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Finds what a module holds in its fields: in one each, and in arrays, lists and ordered maps by
 * place or key. Unordered collections are not looked into, as their order differs between JVMs.
 */
final class Members {
  /* Found once for each class of modules: a training loop asks in each step. */
  private static final ClassValue<List<Candidate>> CANDIDATES =
      new ClassValue<>() {
        @Override
        protected List<Candidate> computeValue(Class<?> module) {
          return candidates(module);
        }
      };

  private Members() {}

  /** A field that may hold a part, itself or in a collection. */
  private record Candidate(Field field, boolean maybeCollection) {
    /* By its value, as in PyTorch: a Parameter in a field of type Tensor is one. */
    boolean mayHold(Class<?> type) {
      Class<?> declared = field.getType();
      return maybeCollection || type.isAssignableFrom(declared) || declared.isAssignableFrom(type);
    }
  }

  /** The members of a type by name, those of superclasses first, in the order of the fields. */
  static <T> Map<String, T> of(Module module, Class<T> type) {
    Map<String, T> found = new LinkedHashMap<>();
    for (Candidate c : CANDIDATES.get(module.getClass())) {
      Field f = c.field();
      Object value = c.mayHold(type) ? read(f, module) : null;
      if (type.isInstance(value)) put(found, name(f), type.cast(value), module);
      else if (value != null && !Modifier.isTransient(f.getModifiers()))
        ordered(value)
            .forEach(
                (key, item) -> {
                  if (type.isInstance(item))
                    put(found, name(f) + "." + key, type.cast(item), module);
                });
    }
    return found;
  }

  private static List<Candidate> candidates(Class<?> module) {
    Deque<Class<?>> line = new ArrayDeque<>();
    for (Class<?> c = module; c != Module.class; c = c.getSuperclass()) line.push(c);
    return line.stream()
        .flatMap(c -> Arrays.stream(c.getDeclaredFields()))
        .filter(f -> !Modifier.isStatic(f.getModifiers()) && !f.isSynthetic())
        .map(f -> new Candidate(f, mayBeCollection(f.getType())))
        .filter(c -> c.mayHold(Module.class) || c.mayHold(Tensor.class))
        .toList();
  }

  private static <T> void put(Map<String, T> found, String name, T part, Module module) {
    if (found.put(name, part) != null)
      throw new IllegalStateException(
          "%s and its superclasses have two parts named '%s': rename one of the fields"
              .formatted(module.getClass().getSimpleName(), name));
  }

  private static String name(Field f) {
    StateName given = f.getAnnotation(StateName.class);
    return given == null ? f.getName() : given.value();
  }

  private static boolean mayBeCollection(Class<?> declared) {
    return declared.isInterface()
        || declared.isArray() && !declared.getComponentType().isPrimitive()
        || isOrdered(declared);
  }

  /* Scala's Seq is known by its name: the engine has no Scala. */
  private static boolean isOrdered(Class<?> c) {
    return List.class.isAssignableFrom(c)
        || LinkedHashMap.class.isAssignableFrom(c)
        || TreeMap.class.isAssignableFrom(c)
        || isScalaSeq(c);
  }

  private static boolean isScalaSeq(Class<?> c) {
    for (Class<?> k = c; k != null; k = k.getSuperclass())
      for (Class<?> i : k.getInterfaces())
        if (i.getName().equals("scala.collection.Seq") || isScalaSeq(i)) return true;
    return c.getName().equals("scala.collection.Seq");
  }

  /** The items of a value by place or key; none if it is not an ordered collection. */
  private static Map<String, Object> ordered(Object value) {
    Map<String, Object> items = new LinkedHashMap<>();
    if (value instanceof Object[] array) place(Arrays.asList(array), items);
    else if (value instanceof List<?> list) place(list, items);
    else if (value instanceof Map<?, ?> map && isOrdered(map.getClass()))
      map.forEach((key, item) -> items.put(String.valueOf(key), item));
    else if (isScalaSeq(value.getClass())) place(scalaItems(value), items);
    return items;
  }

  private static void place(List<?> list, Map<String, Object> items) {
    for (Object item : list) items.put(Integer.toString(items.size()), item);
  }

  /** The items of Scala's collection, Option, tuple or another product. */
  static List<Object> scalaItems(Object value) {
    return Stream.of("iterator", "productIterator")
        .map(name -> iterated(value, name))
        .filter(items -> items != null)
        .findFirst()
        .orElse(List.of());
  }

  private static List<Object> iterated(Object value, String name) {
    try {
      Object iterator = call(value, name);
      List<Object> items = new ArrayList<>();
      while ((Boolean) call(iterator, "hasNext")) items.add(call(iterator, "next"));
      return items;
    } catch (ReflectiveOperationException none) {
      return null;
    }
  }

  private static Object call(Object receiver, String name) throws ReflectiveOperationException {
    Method method = receiver.getClass().getMethod(name);
    method.setAccessible(true);
    return method.invoke(receiver);
  }

  static Object read(Field f, Object owner) {
    try {
      f.setAccessible(true);
      return f.get(owner);
    } catch (ReflectiveOperationException | RuntimeException e) {
      throw new IllegalStateException(
          "field %s of %s cannot be read as a part of the module: open its package to io.sparkgrad, or make the field public"
              .formatted(f.getName(), owner.getClass().getName()),
          e);
    }
  }
}
