package io.sparkgrad.cluster.fitting;

import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** Shows an exception of the user's code as the user knows it: one text, own lines first. */
public final class UserError {
  /* Two of them and their texts fit on one screen. */
  private static final int FRAMES = 10;
  private static final List<String> OTHERS =
      List.of("java.", "javax.", "jdk.", "sun.", "scala.", "org.apache.spark.", "io.sparkgrad.");
  private static final List<String> OURS =
      List.of("io.sparkgrad.cluster.fitting.", "io.sparkgrad.cluster.SparkTrainer");

  private static final String CELL =
      "; for a class of an earlier cell the executors run that cell again, and the cells that it uses, in which nothing may need Spark: define the class in a cell of its own, or make its objects by a def of that cell";

  private UserError() {}

  /** Class and text, and the line of the user's code that it comes from, if there is one. */
  public static String text(Throwable error) {
    if (isSparks(error)) return firstLines(error);
    String at =
        Arrays.stream(root(error).getStackTrace())
            .filter(frame -> OTHERS.stream().noneMatch(frame.getClassName()::startsWith))
            .findFirst()
            .map(frame -> " (at " + frame + ")")
            .orElse("");
    return error + at + (isOfCell(error) ? CELL : "");
  }

  /** Whether an executor could not make a cell of a shell anew, as it does for its classes. */
  private static boolean isOfCell(Throwable error) {
    return (error instanceof ExceptionInInitializerError || error instanceof NoClassDefFoundError)
        && (error.toString().contains("$read$")
            || Arrays.stream(error.getStackTrace())
                .anyMatch(frame -> frame.getClassName().endsWith("$read$")));
  }

  /** The text alone, or the class where there is none. */
  static String brief(Throwable error) {
    return error.getMessage() == null ? text(error) : error.getMessage();
  }

  /** Spark's texts may hold stacks. */
  private static String firstLines(Throwable error) {
    return error.toString().split("\n\\s*at |\nDriver stacktrace|\nJVM stacktrace")[0].strip();
  }

  /** The first exception of a chain that is not Spark's, else the last. */
  static Throwable of(Throwable error) {
    Throwable e = error;
    for (int depth = 0; e.getCause() != null && isSparks(e) && depth < 100; depth++)
      e = e.getCause();
    return e;
  }

  private static boolean isSparks(Throwable error) {
    return error.getClass().getName().startsWith("org.apache.spark.");
  }

  private static Throwable root(Throwable error) {
    Throwable root = error;
    for (int depth = 0; root.getCause() != null && depth < 100; depth++) root = root.getCause();
    return root;
  }

  /**
   * Leaves of the stacks of an exception and its causes what lies above our loop and Spark's, at
   * most some lines each.
   */
  static <T extends Throwable> T shortened(T error) {
    shorten(error, FRAMES, Collections.newSetFromMap(new IdentityHashMap<>()));
    return error;
  }

  private static void shorten(Throwable error, int frames, Set<Throwable> seen) {
    for (Throwable e = error; e != null && seen.add(e); e = e.getCause()) {
      StackTraceElement[] stack = e.getStackTrace();
      int end = first(stack, UserError::isMachinery);
      keep(e, stack, 0, Math.min(frames, end == 0 ? stack.length : end));
      for (Throwable beside : e.getSuppressed()) shorten(beside, 1, seen);
    }
  }

  /** Starts the stack of an exception with the call of fit, at most some lines. */
  public static <T extends Throwable> T fromCall(T error) {
    StackTraceElement[] stack = error.getStackTrace();
    keep(error, stack, first(stack, frame -> !isOurs(frame)), stack.length);
    return error;
  }

  private static void keep(Throwable e, StackTraceElement[] stack, int from, int to) {
    e.setStackTrace(Arrays.copyOfRange(stack, from, Math.min(to, from + FRAMES)));
  }

  private static int first(StackTraceElement[] stack, Predicate<StackTraceElement> wanted) {
    int i = 0;
    while (i < stack.length && !wanted.test(stack[i])) i++;
    return i;
  }

  private static boolean isOurs(StackTraceElement frame) {
    return OURS.stream().anyMatch(frame.getClassName()::startsWith);
  }

  private static boolean isMachinery(StackTraceElement frame) {
    return isOurs(frame) || frame.getClassName().startsWith("org.apache.spark.");
  }
}
