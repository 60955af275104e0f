package io.sparkgrad.cluster.notebook;

import java.lang.reflect.InvocationTargetException;

/** What Apache Zeppelin reads out of the text that a cell prints. */
public final class Zeppelin {
  /* A display lasts until the next one, so without these the shell's echo (val result: ...) would become a row of the table.
   * A table ends by an empty line. */
  static final String END_OF_TABLE = "\n%text ";
  private static final String END_OF_HTML = "\n%text ";

  private static final String CONTEXT = "org.apache.zeppelin.interpreter.InterpreterContext";

  private Zeppelin() {}

  /** Whether this thread runs a cell. */
  public static boolean isHere() {
    ClassLoader loader = Thread.currentThread().getContextClassLoader();
    try {
      return Class.forName(CONTEXT, false, loader).getMethod("get").invoke(null) != null;
    } catch (ClassNotFoundException
        | NoSuchMethodException
        | IllegalAccessException
        | InvocationTargetException
        | LinkageError none) {
      return false;
    }
  }

  /**
   * Makes a table of lines whose columns tabs divide, the names first; each line ends by a newline.
   */
  static String table(String lines) {
    return "%table " + lines + END_OF_TABLE;
  }

  /** Makes a display of HTML in which no line begins with a percent sign. */
  static String html(String html) {
    return "%html " + html + END_OF_HTML;
  }
}
