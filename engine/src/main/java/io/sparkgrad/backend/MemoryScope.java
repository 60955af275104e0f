package io.sparkgrad.backend;

import io.sparkgrad.scope.ThreadScope;
import java.util.Arrays;
import java.util.function.Supplier;

/**
 * Frees the memory that its thread makes while it is open, except what is kept: without waiting for
 * the garbage collector. Scopes nest; what is kept then belongs to the outer one. Its name says in
 * an out-of-memory table what the memory is for.
 */
public class MemoryScope extends ThreadScope {
  private static final Kind<Stack> STACK = new Kind<>(Stack::new);

  private final Stack stack;
  private final Supplier<String> name;
  /* Where in the stack begins what was made in this scope. */
  private int from;

  /** Opens it. */
  protected MemoryScope(Supplier<String> name) {
    this(name, STACK.here());
  }

  private MemoryScope(Supplier<String> name, Stack stack) {
    super(stack);
    this.name = name;
    this.stack = stack;
    from = stack.size;
  }

  public static MemoryScope open(String name) {
    return new MemoryScope(() -> name);
  }

  /** The innermost open one of this thread, or null. */
  protected static MemoryScope current() {
    return STACK.here().innermost();
  }

  public static String currentName() {
    MemoryScope scope = current();
    return scope == null ? "the program" : scope.name.get();
  }

  /** Registers new memory. */
  public static void made(Memory memory) {
    Stack stack = STACK.here();
    if (stack.innermost() != null) stack.push(memory);
  }

  /** The error text for memory that this scope has freed. */
  public static String freed(String where) {
    return "the numbers of this tensor on "
        + where
        + " were freed when its scope closed; make the tensor outside of it, or keep it: scope.keep(t),"
        + " TensorScope.escape(t)";
  }

  public final MemoryScope outer() {
    return (MemoryScope) around();
  }

  /** Whether the memory was made in this scope or one inside it, and not kept. */
  protected final boolean owns(Memory memory) {
    return indexOf(memory) >= from;
  }

  /** Lets the memory outlive this scope. */
  public final void keep(Memory memory) {
    int i = indexOf(memory);
    if (i < from) return;
    stack.made[i] = stack.made[from];
    stack.made[from++] = memory;
  }

  /* From the end: what is kept was mostly made last. */
  private int indexOf(Memory memory) {
    int i = stack.size - 1;
    while (i >= from && stack.made[i] != memory) i--;
    return i;
  }

  @Override
  protected void end() {
    for (int i = from; i < stack.size; i++) stack.made[i].free();
    stack.cutTo(outer() == null ? 0 : from);
  }

  /** The memory that a thread's open scopes have made, that of inner ones on top. */
  private static final class Stack extends Open<MemoryScope> {
    Memory[] made = new Memory[64];
    int size;

    void push(Memory memory) {
      if (size == made.length) makeRoom();
      made[size++] = memory;
    }

    /* A scope around a long loop must not grow by what the loop frees. */
    private void makeRoom() {
      for (MemoryScope s = innermost(); s != null; s = s.outer()) s.from = unfreedBefore(s.from);
      int kept = 0;
      for (int i = 0; i < size; i++) if (!made[i].isFreed()) made[kept++] = made[i];
      cutTo(kept);
      if (size > made.length / 2) made = Arrays.copyOf(made, 2 * made.length);
    }

    private int unfreedBefore(int end) {
      int n = 0;
      for (int i = 0; i < end; i++) if (!made[i].isFreed()) n++;
      return n;
    }

    void cutTo(int n) {
      if (n < size) Arrays.fill(made, n, size, null);
      size = Math.min(n, size);
    }
  }
}
