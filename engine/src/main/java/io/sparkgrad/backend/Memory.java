package io.sparkgrad.backend;

/** Numbers that a {@link MemoryScope} may free: an array of Java, or memory of a GPU. */
public interface Memory {
  /** Gives the numbers back; a later use is an error that says so. A second call does nothing. */
  void free();

  boolean isFreed();
}
