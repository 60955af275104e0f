package org.apache.zeppelin.interpreter;

/** What the class of this name in Zeppelin's interpreters says to a thread that runs a cell. */
public final class InterpreterContext {
  private static final ThreadLocal<InterpreterContext> HERE = new ThreadLocal<>();

  public static InterpreterContext get() {
    return HERE.get();
  }

  public static void set(InterpreterContext context) {
    HERE.set(context);
  }

  public static void remove() {
    HERE.remove();
  }
}
