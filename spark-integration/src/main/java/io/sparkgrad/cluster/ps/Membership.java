package io.sparkgrad.cluster.ps;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The executors and tasks that take part, in order. The coordinator's lock guards it. */
final class Membership {
  private final Map<Address, Member> members = new LinkedHashMap<>();
  private final Map<Long, Member> tasks = new LinkedHashMap<>();
  private final Set<Long> left = new HashSet<>(); // tasks
  private final Set<Address> gone = new HashSet<>(); // incarnations that are not heard again
  private final Map<String, String> lost = new HashMap<>(); // executors that never come back: why

  /**
   * Adds a task, and its executor if it is new.
   *
   * @return whether the task is new; not if it left, since its word of that may be faster
   */
  boolean join(long task, Member on) {
    if (left.contains(task)) return false;
    members.putIfAbsent(on.address(), on);
    return tasks.putIfAbsent(task, on) == null;
  }

  /** The other incarnation of an executor, which this one replaces; null: none. */
  Member replacedBy(Member fresh) {
    Member known = of(fresh.executor());
    return known == null || known.equals(fresh) ? null : known;
  }

  void remove(Member m) {
    gone.add(m.address());
    members.remove(m.address());
    tasks.values().removeIf(m::equals);
  }

  /** Removes a task; false if it took no part, or is another executor's. */
  boolean leave(long task, Address on) {
    Member m = tasks.get(task);
    if (m != null && !m.address().equals(on)) return false;
    left.add(task);
    return tasks.remove(task) != null;
  }

  /** Notes that an executor is gone for good. */
  void lost(String executor, String reason) {
    lost.put(executor, reason);
  }

  /** Whether an incarnation took part and was given up. */
  boolean isGone(Address a) {
    return gone.contains(a);
  }

  /** Why an executor is gone for good; null: it is not. */
  String whyLost(String executor) {
    return lost.get(executor);
  }

  boolean has(Address a) {
    return members.containsKey(a);
  }

  Member at(Address a) {
    return members.get(a);
  }

  /** The executor's present incarnation; null if it takes no part. */
  Member of(String executor) {
    for (Member m : members.values()) if (m.executor().equals(executor)) return m;
    return null;
  }

  List<Member> members() {
    return List.copyOf(members.values());
  }

  List<Address> addresses() {
    return new ArrayList<>(members.keySet());
  }

  int taskCount() {
    return tasks.size();
  }

  List<Assignment.TaskLocation> tasks() {
    List<Assignment.TaskLocation> all = new ArrayList<>();
    tasks.forEach((task, m) -> all.add(new Assignment.TaskLocation(task, m.executor())));
    return all;
  }
}
