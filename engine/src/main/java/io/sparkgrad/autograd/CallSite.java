package io.sparkgrad.autograd;

import java.lang.StackWalker.StackFrame;
import java.util.List;

/** Where in the user's code a call came from. */
final class CallSite {
  private static final StackWalker WALKER =
      StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

  private CallSite() {}

  /** The calling thread's stack from the first frame outside the engine on. */
  static StackTraceElement[] frames() {
    List<StackFrame> all = WALKER.walk(frames -> frames.toList());
    int first = 0;
    while (first < all.size() && isOurs(all.get(first).getDeclaringClass())) first++;
    if (first == all.size()) first = 0;
    return all.subList(first, all.size()).stream()
        .map(StackFrame::toStackTraceElement)
        .toArray(StackTraceElement[]::new);
  }

  private static boolean isOurs(Class<?> c) {
    return c.getProtectionDomain() == Node.class.getProtectionDomain();
  }
}
