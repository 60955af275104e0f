package io.sparkgrad.op;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Errors by the name of what the user called: an operation or a method that is made of others says
 * its own name, not that of the one in which the error came up.
 */
public final class CallError {
  /* A text begins with "name:" or "name()"; PyTorch's own begin otherwise, and stay. */
  private static final Pattern NAME = Pattern.compile("^[a-z]\\w*(?=: |\\()");

  private CallError() {}

  /** The error, under the name of the given method. */
  public static RuntimeException of(String method, RuntimeException e) {
    Matcher name = NAME.matcher(e.getMessage() == null ? "" : e.getMessage());
    if (!name.find() || name.group().equals(method)) return e;
    RuntimeException renamed = like(e, name.replaceFirst(method));
    if (renamed == null) return e;
    renamed.setStackTrace(e.getStackTrace());
    for (Throwable s : e.getSuppressed()) renamed.addSuppressed(s);
    return renamed;
  }

  /* An error of the same class; null for a class that operations do not throw themselves. */
  private static RuntimeException like(RuntimeException e, String text) {
    if (e.getClass() == IllegalArgumentException.class)
      return new IllegalArgumentException(text, e.getCause());
    if (e.getClass() == IndexOutOfBoundsException.class) return new IndexOutOfBoundsException(text);
    if (e.getClass() == UnsupportedOperationException.class)
      return new UnsupportedOperationException(text, e.getCause());
    return null;
  }
}
