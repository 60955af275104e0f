package io.sparkgrad.cluster.ps;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Who joined and who left, in order. Not thread-safe: the coordinator's lock guards it. */
final class Membership {
  private final Map<Long, Leases.Holder> tasks = new LinkedHashMap<>();
  private final Map<String, Address> executors = new LinkedHashMap<>();
  private final Set<Long> left = new HashSet<>();

  /** Returns whether the task is new. */
  boolean join(Message.Join m) {
    executors.putIfAbsent(m.executor(), m.address());
    return tasks.putIfAbsent(m.task(), new Leases.Holder(m.task(), m.executor())) == null;
  }

  /** Forgets an executor that does not count yet. */
  void forget(String executor) {
    executors.remove(executor);
    tasks.values().removeIf(t -> t.executor().equals(executor));
  }

  void leave(long task) {
    left.add(task);
  }

  boolean allLeft(Leases leases) {
    return leases.leases().stream().allMatch(l -> left.contains(l.task()));
  }

  int size() {
    return tasks.size();
  }

  List<Leases.Holder> tasks() {
    return List.copyOf(tasks.values());
  }

  List<Address> addresses() {
    return new ArrayList<>(executors.values());
  }

  /** Null for an executor that takes no part. */
  Address address(String executor) {
    return executors.get(executor);
  }
}
