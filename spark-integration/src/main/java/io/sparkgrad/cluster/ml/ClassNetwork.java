package io.sparkgrad.cluster.ml;

import com.fasterxml.jackson.databind.JsonNode;
import io.sparkgrad.nn.Module;

/** A network that a class of the user's makes, known by its name. */
record ClassNetwork(Class<?> type) implements Network {
  static final String TYPE = "class";

  ClassNetwork {
    if (type == null) throw new IllegalArgumentException("the class of a network is null");
    check(type);
  }

  static ClassNetwork of(JsonNode json) {
    String name = json.path("name").asText("");
    try {
      ClassLoader loader = Thread.currentThread().getContextClassLoader();
      return new ClassNetwork(Class.forName(name, false, loader)); // runs nothing of it yet
    } catch (ClassNotFoundException e) {
      throw new IllegalArgumentException(
          "the class '%s' of the network is not on the class path: add its jar by --jars"
              .formatted(name),
          e);
    }
  }

  private static void check(Class<?> type) {
    if (!Network.class.isAssignableFrom(type) && !Module.class.isAssignableFrom(type))
      throw new IllegalArgumentException(
          "%s is neither a Network nor a Module".formatted(type.getName()));
    try {
      type.getConstructor();
    } catch (NoSuchMethodException e) {
      throw new IllegalArgumentException(
          "%s has no public constructor without arguments: a saved model could not make it"
              .formatted(type.getName()),
          e);
    }
  }

  @Override
  public Module build(Sizes sizes) {
    try {
      Object made = type.getConstructor().newInstance();
      return made instanceof Network network ? network.build(sizes) : (Module) made;
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException(
          "the network %s cannot be made: %s".formatted(type.getName(), cause(e)), e);
    }
  }

  private static Throwable cause(ReflectiveOperationException e) {
    return e.getCause() == null ? e : e.getCause();
  }

  @Override
  public String toJson() {
    return Networks.JSON
        .createObjectNode()
        .put("type", TYPE)
        .put("name", type.getName())
        .toString();
  }

  @Override
  public String toString() {
    return toJson();
  }
}
