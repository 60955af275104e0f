package io.sparkgrad.backend.cuda;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * Frees the device memory that its thread makes while it is open, except what is kept: without
 * waiting for the garbage collector. Scopes nest; what is kept then belongs to the outer one. Its
 * name says in an out-of-memory table what the memory is for.
 */
public final class MemoryScope implements AutoCloseable {
  private static final ThreadLocal<MemoryScope> CURRENT = new ThreadLocal<>();

  private final String name;
  private final MemoryScope outer = CURRENT.get();
  private final List<DeviceMemory> made = new ArrayList<>();
  private int roomy = 64; // entries, before those that were freed meanwhile are dropped
  private final Set<DeviceMemory> kept = Collections.newSetFromMap(new IdentityHashMap<>());

  private MemoryScope(String name) {
    this.name = name;
  }

  public static MemoryScope open(String name) {
    MemoryScope scope = new MemoryScope(name);
    CURRENT.set(scope);
    return scope;
  }

  static String currentName() {
    MemoryScope scope = CURRENT.get();
    return scope == null ? "the program" : scope.name;
  }

  static void made(DeviceMemory memory) {
    MemoryScope scope = CURRENT.get();
    if (scope != null) scope.add(memory);
  }

  /* A scope around a long loop must not grow by what the loop frees. */
  private void add(DeviceMemory memory) {
    if (made.size() == roomy) {
      made.removeIf(DeviceMemory::isFreed);
      roomy = Math.max(64, 2 * made.size());
    }
    made.add(memory);
  }

  /** Lets the memory outlive this scope. */
  public void keep(DeviceMemory memory) {
    kept.add(memory);
  }

  @Override
  public void close() {
    CURRENT.set(outer);
    for (DeviceMemory m : made) {
      if (!kept.contains(m)) m.free();
      else if (outer != null) outer.add(m);
    }
  }
}
