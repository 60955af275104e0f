package io.sparkgrad.cluster.ps;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What a primary knows of its backup in an epoch: how far it is, and the steps that it may not have
 * yet. Guarded by its {@link ChunkCopy}.
 */
final class Backup {
  /** Of a chunk without one: nobody has to wait. */
  static final Backup NONE = new Backup(Long.MAX_VALUE, false);

  private long version;
  private final boolean pushes;
  private final Deque<Message.Forward> forwards = new ArrayDeque<>(); // not acknowledged
  private boolean isOnItsWay; // the first of them

  /**
   * @param version that it has
   * @param pushes whether it pushes each step, and gets the forwards as answers
   */
  Backup(long version, boolean pushes) {
    this.version = version;
    this.pushes = pushes;
  }

  long version() {
    return version;
  }

  boolean pushes() {
    return pushes;
  }

  boolean isBehind() {
    return !forwards.isEmpty();
  }

  void add(Message.Forward step) {
    forwards.add(step);
  }

  /** The forward of a step that it may not have; null: it has it. */
  Message.Forward forward(long step) {
    for (Message.Forward f : forwards) if (f.loss().step() == step) return f;
    return null;
  }

  /** Takes the forward to send next, one at a time, in the order of steps; null: none. */
  Message.Forward take() {
    if (pushes || isOnItsWay || forwards.isEmpty()) return null;
    isOnItsWay = true;
    return forwards.peek();
  }

  /** It has the forward that was taken; false: that is of another time. */
  boolean acknowledged(Message.Forward taken) {
    if (forwards.peek() != taken) return false;
    isOnItsWay = false;
    reached(taken.loss().step() + 1);
    return true;
  }

  /** It has shown that it has this version. */
  void reached(long shown) {
    version = Math.max(version, shown);
    while (isBehind() && forwards.peek().loss().step() < version) forwards.remove();
  }
}
