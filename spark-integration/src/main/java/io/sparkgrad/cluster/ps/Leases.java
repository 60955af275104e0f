package io.sparkgrad.cluster.ps;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Which task computes which workers, from one step border to a later one. Every worker has exactly
 * one task.
 *
 * @param version 1 for the first, counting up
 */
record Leases(long version, List<Lease> leases) {
  Leases {
    leases = List.copyOf(leases);
  }

  /** Workers {@code [first, first + count)} computed by a task. */
  record Lease(long task, String executor, int first, int count) {}

  /** A task and where it runs. */
  record Holder(long task, String executor) {}

  /**
   * Deals aligned blocks of workers to tasks; a task without a block is left out.
   *
   * <p>The root block is split, always the largest and of equals the first, until there is a block
   * for every task; so block sizes differ by a factor of two at most, except that the ragged block
   * at the end of a K that is no power of two may be smaller. Where that costs no balance,
   * executors get their blocks first and cut them for their tasks: then each executor holds one
   * complete subtree and pushes a single sum.
   *
   * @param tasks in join order: if there are more than workers, the first ones get the blocks, so a
   *     task that holds a lease never loses all of it when others join
   */
  static Leases assign(long version, int workers, List<Holder> tasks) {
    Map<String, List<Holder>> byExecutor = new LinkedHashMap<>();
    for (Holder t : tasks.subList(0, Math.min(workers, tasks.size())))
      byExecutor.computeIfAbsent(t.executor(), e -> new ArrayList<>()).add(t);
    List<Lease> flat = deal(workers, Block.root(workers), flatten(byExecutor));
    List<Lease> nested = nested(workers, byExecutor);
    return new Leases(version, balanced(nested, flat) ? nested : flat);
  }

  int[] workersOf(long task) {
    return leases.stream()
        .filter(l -> l.task() == task)
        .flatMapToInt(l -> IntStream.range(l.first(), l.first() + l.count()))
        .toArray();
  }

  int countOn(String executor) {
    return leases.stream().filter(l -> l.executor().equals(executor)).mapToInt(Lease::count).sum();
  }

  boolean holds(long task) {
    return leases.stream().anyMatch(l -> l.task() == task);
  }

  private static List<Holder> flatten(Map<String, List<Holder>> byExecutor) {
    return byExecutor.values().stream().flatMap(List::stream).toList();
  }

  private static List<Lease> nested(int workers, Map<String, List<Holder>> byExecutor) {
    List<Block> blocks = split(workers, Block.root(workers), byExecutor.size());
    List<Lease> leases = new ArrayList<>();
    int i = 0;
    for (List<Holder> tasks : byExecutor.values())
      leases.addAll(deal(workers, blocks.get(i++), tasks));
    return leases;
  }

  private static boolean balanced(List<Lease> nested, List<Lease> flat) {
    return nested.size() == flat.size()
        && largest(nested) <= largest(flat)
        && smallest(nested) >= smallest(flat);
  }

  private static int largest(List<Lease> leases) {
    return leases.stream().mapToInt(Lease::count).max().getAsInt();
  }

  /** Not counting the last, which may be ragged. */
  private static int smallest(List<Lease> leases) {
    return leases.stream().limit(leases.size() - 1).mapToInt(Lease::count).min().orElse(1);
  }

  private static List<Lease> deal(int workers, Block block, List<Holder> tasks) {
    List<Block> parts = split(workers, block, tasks.size());
    List<Lease> leases = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      Holder t = tasks.get(i);
      int first = parts.get(i).first();
      leases.add(new Lease(t.task(), t.executor(), first, parts.get(i).size(workers)));
    }
    return leases;
  }

  private static List<Block> split(int workers, Block block, int parts) {
    List<Block> blocks = new ArrayList<>(List.of(block));
    while (blocks.size() < Math.min(parts, block.size(workers))) {
      int at = largest(workers, blocks);
      Block left = new Block(blocks.get(at).first(), blocks.get(at).level() - 1);
      blocks.set(at, left);
      if (left.sibling().first() < workers) blocks.add(at + 1, left.sibling());
    }
    return blocks;
  }

  private static int largest(int workers, List<Block> blocks) {
    int best = 0;
    for (int i = 1; i < blocks.size(); i++)
      if (blocks.get(i).size(workers) > blocks.get(best).size(workers)) best = i;
    return best;
  }
}
