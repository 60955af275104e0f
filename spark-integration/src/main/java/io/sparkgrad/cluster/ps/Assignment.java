package io.sparkgrad.cluster.ps;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Assigns each worker to exactly one task, from one step boundary to a later one.
 *
 * @param version 1 for the first, counting up
 */
record Assignment(long version, List<WorkerRange> ranges) {
  Assignment {
    ranges = List.copyOf(ranges);
  }

  /** The workers {@code [first, first + count)}, computed by one task. */
  record WorkerRange(long task, String executor, int first, int count) {}

  /** A task and its executor. */
  record TaskLocation(long task, String executor) {}

  /**
   * Assigns nodes of the tree to tasks; a task without a node is left out.
   *
   * <p>The root is split, always the largest node and of equals the first, until there is a node
   * for every task; so sizes differ by a factor of two at most, except that the ragged node at the
   * end of a K that is no power of two may be smaller. Where that costs no balance, executors get
   * their nodes first and split them for their tasks: then each executor holds one complete subtree
   * and pushes a single sum.
   *
   * @param tasks in join order: if there are more than workers, the first ones get the nodes, so a
   *     task with workers never loses all of them when others join
   */
  static Assignment assign(long version, int workers, List<TaskLocation> tasks) {
    Map<String, List<TaskLocation>> byExecutor = new LinkedHashMap<>();
    for (TaskLocation t : tasks.subList(0, Math.min(workers, tasks.size())))
      byExecutor.computeIfAbsent(t.executor(), e -> new ArrayList<>()).add(t);
    List<WorkerRange> flat = assign(workers, TreeNode.root(workers), flatten(byExecutor));
    List<WorkerRange> nested = nested(workers, byExecutor);
    return new Assignment(version, balanced(nested, flat) ? nested : flat);
  }

  int[] workersOf(long task) {
    int[] workers = {};
    for (WorkerRange r : ranges) {
      if (r.task() != task) continue;
      int n = workers.length;
      workers = Arrays.copyOf(workers, n + r.count());
      for (int i = 0; i < r.count(); i++) workers[n + i] = r.first() + i;
    }
    return workers;
  }

  int workersOn(String executor) {
    int n = 0;
    for (WorkerRange r : ranges) if (r.executor().equals(executor)) n += r.count();
    return n;
  }

  /** Whether an executor computes all workers of a node. */
  boolean computes(String executor, TreeNode node, int workers) {
    int first = node.first();
    for (WorkerRange r : ranges) // ascending
    if (r.executor().equals(executor) && r.first() <= first)
        first = Math.max(first, r.first() + r.count());
    return first >= node.end(workers);
  }

  boolean includes(long task) {
    for (WorkerRange r : ranges) if (r.task() == task) return true;
    return false;
  }

  private static List<TaskLocation> flatten(Map<String, List<TaskLocation>> byExecutor) {
    return byExecutor.values().stream().flatMap(List::stream).toList();
  }

  private static List<WorkerRange> nested(int workers, Map<String, List<TaskLocation>> byExecutor) {
    List<TreeNode> nodes = split(workers, TreeNode.root(workers), byExecutor.size());
    List<WorkerRange> ranges = new ArrayList<>();
    int i = 0;
    for (List<TaskLocation> tasks : byExecutor.values())
      ranges.addAll(assign(workers, nodes.get(i++), tasks));
    return ranges;
  }

  private static boolean balanced(List<WorkerRange> nested, List<WorkerRange> flat) {
    return nested.size() == flat.size()
        && largest(nested) <= largest(flat)
        && smallest(nested) >= smallest(flat);
  }

  private static int largest(List<WorkerRange> ranges) {
    return ranges.stream().mapToInt(WorkerRange::count).max().getAsInt();
  }

  /** Not counting the last, which may be ragged. */
  private static int smallest(List<WorkerRange> ranges) {
    return ranges.stream().limit(ranges.size() - 1).mapToInt(WorkerRange::count).min().orElse(1);
  }

  private static List<WorkerRange> assign(int workers, TreeNode node, List<TaskLocation> tasks) {
    List<TreeNode> parts = split(workers, node, tasks.size());
    List<WorkerRange> ranges = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      TaskLocation t = tasks.get(i);
      int first = parts.get(i).first();
      ranges.add(new WorkerRange(t.task(), t.executor(), first, parts.get(i).size(workers)));
    }
    return ranges;
  }

  private static List<TreeNode> split(int workers, TreeNode node, int parts) {
    List<TreeNode> nodes = new ArrayList<>(List.of(node));
    while (nodes.size() < Math.min(parts, node.size(workers))) {
      int at = largest(workers, nodes);
      TreeNode left = new TreeNode(nodes.get(at).first(), nodes.get(at).level() - 1);
      nodes.set(at, left);
      if (left.sibling().first() < workers) nodes.add(at + 1, left.sibling());
    }
    return nodes;
  }

  private static int largest(int workers, List<TreeNode> nodes) {
    int best = 0;
    for (int i = 1; i < nodes.size(); i++)
      if (nodes.get(i).size(workers) > nodes.get(best).size(workers)) best = i;
    return best;
  }
}
