package io.sparkgrad.cluster.ps;

import java.util.ArrayList;
import java.util.List;

/**
 * What is to be sent once the sender's lock is released: a transport within one JVM delivers on the
 * caller's thread. Used by one thread.
 */
final class Outbox {
  private final List<Runnable> actions = new ArrayList<>();

  void later(Runnable action) {
    actions.add(action);
  }

  void send(Transport.Reply reply, Message m) {
    later(() -> reply.send(m));
  }

  void send(Transport.Reply reply, EncodedMessage m) {
    later(() -> reply.send(m));
  }

  /** Runs the actions in order, also those that they add. */
  void flush() {
    for (int i = 0; i < actions.size(); i++) actions.get(i).run();
    actions.clear();
  }
}
