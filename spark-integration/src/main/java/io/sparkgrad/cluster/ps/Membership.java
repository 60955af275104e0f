package io.sparkgrad.cluster.ps;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The tasks and executors that joined or left, in order. The coordinator's lock guards it. */
final class Membership {
  private final Map<Long, Assignment.TaskLocation> tasks = new LinkedHashMap<>();
  private final Map<String, Address> executors = new LinkedHashMap<>();
  private final Set<Long> left = new HashSet<>();

  /**
   * Adds a task.
   *
   * @return whether it is new
   */
  boolean join(Message.Join m) {
    executors.putIfAbsent(m.executor(), m.address());
    return tasks.putIfAbsent(m.task(), new Assignment.TaskLocation(m.task(), m.executor())) == null;
  }

  /** Removes an executor lost before the start, with its tasks. */
  void forget(String executor) {
    executors.remove(executor);
    tasks.values().removeIf(t -> t.executor().equals(executor));
  }

  void leave(long task) {
    left.add(task);
  }

  boolean allLeft(Assignment assignment) {
    return assignment.ranges().stream().allMatch(l -> left.contains(l.task()));
  }

  int size() {
    return tasks.size();
  }

  List<Assignment.TaskLocation> tasks() {
    return List.copyOf(tasks.values());
  }

  List<Address> addresses() {
    return new ArrayList<>(executors.values());
  }

  /** The executor's endpoint; null if it takes no part. */
  Address address(String executor) {
    return executors.get(executor);
  }
}
