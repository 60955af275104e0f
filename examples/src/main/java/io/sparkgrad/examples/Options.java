package io.sparkgrad.examples;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * The {@code --option value} pairs of an example. Each getter also declares its option, so {@link
 * #rejectUnknown()} comes last.
 *
 * <pre>{@code
 * Options options = Options.of(args);
 * int epochs = options.integer("epochs", 40);
 * boolean twice = options.flag("twice");
 * options.rejectUnknown();
 * }</pre>
 */
public final class Options {
  /** What the user typed is wrong: the message is all they need, so there is no stack trace. */
  public static final class Wrong extends RuntimeException {
    private static final long serialVersionUID = 1;

    Wrong(String message) {
      super(message, null, false, false);
    }
  }

  private final Map<String, String> given = new LinkedHashMap<>();
  private final Set<String> known = new TreeSet<>();

  private Options() {}

  /** Reads {@code --name value}, {@code --name=value} and, for a flag, {@code --name}. */
  public static Options of(String... args) {
    Options options = new Options();
    for (int i = 0; i < args.length; i++) {
      if (!args[i].startsWith("--")) throw new Wrong("expected --option value, got " + args[i]);
      String[] pair = args[i].substring(2).split("=", 2);
      String value = pair.length == 2 ? pair[1] : "";
      if (pair.length == 1 && i + 1 < args.length && !args[i + 1].startsWith("--"))
        value = args[++i];
      if (options.given.put(pair[0], value) != null)
        throw new Wrong("--" + pair[0] + " is given twice");
    }
    return options;
  }

  public int integer(String name, int otherwise) {
    return get(name, otherwise, Integer::valueOf, "a whole number");
  }

  public double number(String name, double otherwise) {
    return get(name, otherwise, Double::valueOf, "a number");
  }

  public String string(String name, String otherwise) {
    return get(name, otherwise, value -> value, "a value");
  }

  /** True for {@code --name} and {@code --name true}. */
  public boolean flag(String name) {
    return given.containsKey(name) && get(name, true, v -> v.isEmpty() || bool(v), "true or false");
  }

  /** Call it after the last getter. */
  public void rejectUnknown() {
    for (String name : given.keySet())
      if (!known.contains(name))
        throw new Wrong(
            "unknown option --"
                + name
                + "; "
                + (known.isEmpty()
                    ? "this example has none"
                    : "this example knows --" + String.join(", --", known)));
  }

  private <T> T get(String name, T otherwise, Function<String, T> parse, String wanted) {
    known.add(name);
    String value = given.get(name);
    if (value == null) return otherwise;
    try {
      if (value.isEmpty() && !(otherwise instanceof Boolean))
        throw new IllegalArgumentException("empty");
      return parse.apply(value);
    } catch (IllegalArgumentException e) {
      throw new Wrong("--" + name + " needs " + wanted + ", got '" + value + "'");
    }
  }

  private static boolean bool(String value) {
    if (!value.equals("true") && !value.equals("false")) throw new IllegalArgumentException(value);
    return value.equals("true");
  }
}
